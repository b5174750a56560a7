"""XML as a tree that knows where its bytes stand. No entities are declared, none expanded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat

from cgaudit.reading.files import Damage, brief

# Neither escaping nor a character reference makes these fit for XML 1.0 (section 2.2).
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: Encodings in which a byte index is what it seems, and new text can be written as UTF-8.
_ENCODINGS = frozenset({None, "utf-8", "utf8", "us-ascii", "ascii"})
_ATTRIBUTE = rb"""\s+([^\s=/>]+)\s*=\s*("[^"]*"|'[^']*')"""
_TAG = re.compile(rb"<[^\s/>]+((?:" + _ATTRIBUTE + rb")*)\s*/?>")
_ATTRIBUTES = re.compile(_ATTRIBUTE)
#: Annotations are four or five deep.
_DEEPEST = 100


class Element:
    """One element.

    Attributes
    ----------
    name, attributes
        As written, references resolved.
    start, opened, closing, end
        Bytes: where its start tag begins and ends, where its end tag begins and ends. Those of an
        empty tag (``<a/>``) coincide.
    text
        All that stands directly in it.
    children
        In their order.
    """

    __slots__ = ("attributes", "children", "closing", "end", "name", "opened", "start", "text")

    def __init__(self, name: str, attributes: dict[str, str], start: int, opened: int) -> None:
        self.name = name
        self.attributes = attributes
        self.start = start
        self.opened = opened
        self.closing = self.end = opened
        self.text = ""
        self.children: list[Element] = []

    def all(self, name: str) -> Iterator[Element]:
        """Yield the children of a name."""
        return (child for child in self.children if child.name == name)

    def first(self, name: str) -> Element | None:
        """Return the first child of a name."""
        return next(self.all(name), None)

    def said(self, name: str) -> str | None:
        """Return the text of the first child of a name, without blanks around it."""
        child = self.first(name)
        return None if child is None else child.text.strip()


def tree_of(data: bytes) -> Element:
    """Return the root of an XML document in UTF-8.

    A document type is refused, and with it every declaration of an entity: annotations have none,
    and it is how small files grow large and how files outside are read.

    Raises
    ------
    Damage
        It is no XML, in another encoding, with a document type, or nested too deeply.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data:
        raise Damage("it is not in UTF-8")
    builder = _Builder(data)
    try:
        builder.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise Damage(f"it is no XML: {brief(error)}") from None
    if builder.root is None:
        raise Damage("it is no XML: there is no element")
    return builder.root


class _Builder:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._open: list[Element] = []
        self.root: Element | None = None
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.XmlDeclHandler = self._declared
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.StartElementHandler = self._started
        self.parser.EndElementHandler = self._ended
        self.parser.CharacterDataHandler = self._read

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if (encoding.lower() if encoding else None) not in _ENCODINGS:
            raise Damage(f"it is in the encoding {encoding!r}; UTF-8 is needed")

    def _refuse_doctype(self, *_: object) -> None:
        raise Damage("it declares a document type, and so may declare entities: that is not read")

    def _started(self, name: str, attributes: dict[str, str]) -> None:
        start = self.parser.CurrentByteIndex
        tag = _TAG.match(self._data, start)
        if tag is None:
            raise Damage(f"the tag at byte {start:,} cannot be told from its text")
        element = Element(name, attributes, start, tag.end())
        if len(self._open) >= _DEEPEST:
            raise Damage("it is nested too deeply")
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _ended(self, _name: str) -> None:
        element = self._open.pop()
        at = self.parser.CurrentByteIndex
        if self._data[element.opened - 2 : element.opened] == b"/>":
            return
        element.closing = at
        element.end = self._data.index(b">", at) + 1

    def _read(self, text: str) -> None:
        self._open[-1].text += text


def attribute_span(data: bytes, element: Element, name: str) -> tuple[int, int] | None:
    """Return where the value of an attribute stands, its quotes included."""
    tag = _TAG.match(data, element.start)
    assert tag is not None, "the element was read"
    for match in _ATTRIBUTES.finditer(data, tag.start(1), tag.end(1)):
        if match[1].decode() == name:
            return match.span(2)
    return None


def lines_of(data: bytes, element: Element) -> tuple[int, int]:
    """Return where an element stands with the blanks before it, its indentation among them."""
    start = element.start
    while start and data[start - 1 : start] in (b" ", b"\t", b"\r", b"\n"):
        start -= 1
    return start, element.end


def as_text(text: str, quote: bytes = b"") -> bytes:
    """Return text as it stands between tags, or within quotes of a kind: ``b'"'`` or ``b"'"``."""
    written = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if quote:
        mark = quote.decode()
        written = written.replace(mark, "&quot;" if mark == '"' else "&apos;")
    return written.encode()
