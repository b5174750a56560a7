"""The door of comments and CI summaries: Markdown that nobody but us has written.

A `Markdown` comes from the functions below alone, each of which escapes what it is given, so that a
text that was forgotten is refused by the type checker instead of being read as markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NewType

from cgaudit.wording.sections import Name, Section
from cgaudit.wording.text import visible

#: A comment on GitHub holds 65,536 characters; in bytes, and with room for what CI adds.
LIMIT = 60_000

_PROSE_LIMIT = 400

#: Marks of ASCII that mean nothing within a line.
_QUIET = frozenset(" -/.,;()%+='\"?!")
#: Quiet only where they neither name an emoji, nor a link, nor emphasise.
_QUIET_HERE = re.compile(r":(?=\s|$)|(?<=[^\W_])_(?=[^\W_])")
#: At the start of a line: an item of a list, the line under a heading, or a command to GitLab.
_BLOCK = re.compile(r"\s*/|[-+](?=\s|$)|[-=]+\s*$|\d{1,9}[.)](?=\s|$)")


#: Text that was escaped, or is our own markup. Nobody else can make one.
_Escaped = NewType("_Escaped", str)


@dataclass(frozen=True)
class Markdown:
    """A piece of Markdown that shows what was put into it and does nothing else."""

    _source: _Escaped

    def __str__(self) -> str:
        return self._source

    def __add__(self, other: Markdown) -> Markdown:
        return _of(self._source + other._source)

    @property
    def size(self) -> int:
        """In bytes of UTF-8."""
        return len(self._source.encode())


def name(text: object) -> Markdown:
    """Return untrusted text that stands out as such.

    It stands in a ``code`` element, where platforms look for no mentions, and every mark of ASCII
    is a character reference, which neither Markdown nor HTML reads as markup. Left as they are:
    dots and slashes, which make links only behind ``www`` and ``:``.
    """
    shown = "".join(
        c if c.isalnum() or c in " -/." or not c.isascii() else _reference(c) for c in visible(text)
    )
    return _of(f"<code>{_unlinked(shown) or '&#32;'}</code>")


def prose(text: str, limit: int = _PROSE_LIMIT) -> Markdown:
    """Return a sentence, ours or one with untrusted names in it, that is read as written.

    Letters and quiet punctuation stay. A zero-width space behind ``@`` and ``#`` keeps platforms
    from notifying or linking.
    """
    shown = visible(text, limit)
    quiet = {match.start() for match in _QUIET_HERE.finditer(shown)}
    block = _BLOCK.match(shown)
    loud = block.end() - 1 if block else None
    held = "".join(
        c if at != loud and (at in quiet or _is_quiet(c)) else _reference(c)
        for at, c in enumerate(shown)
    )
    held = held.replace("&#64;", "&#64;&#8203;").replace("&#35;", "&#35;&#8203;")
    return _of(_unlinked(held))


def code(words: str) -> Markdown:
    """Return a command, an option or the name of a file."""
    return _of(f"`{words}`") if words.isascii() and "`" not in words else name(words)


def line(*parts: Markdown | str) -> Markdown:
    """Return pieces one after the other; plain text among them is `prose`."""
    whole = _of("")
    for part in parts:
        whole += part if isinstance(part, Markdown) else prose(part)
    return whole


def bold(text: Markdown) -> Markdown:
    """Return emphasised text."""
    return _of(f"**{text}**")


def heading(text: Markdown, level: int) -> Markdown:
    """Return a heading."""
    return _of(f"{'#' * level} {text}")


def warning(text: Markdown) -> Markdown:
    """Return a quoted line that is seen first."""
    return _of(f"> ⚠️ {text}")


def blocks(parts: Iterable[Markdown]) -> Markdown:
    """Return blocks, an empty line between them."""
    return _of("\n\n".join(map(str, parts)))


def details(title: Markdown, body: Markdown) -> Markdown:
    """Return a part that is folded away until it is asked for."""
    return _of(f"<details><summary>{title}</summary>\n\n{body}\n\n</details>")


def table(
    columns: Sequence[Markdown], rows: Iterable[Sequence[Markdown]], align: str = ""
) -> Markdown:
    """Return a table.

    Parameters
    ----------
    columns
        The head of each.
    rows
        A cell for each of them.
    align
        ``l`` or ``r`` for each column; all to the left where it is not given.
    """
    rules = [_of("--:" if side == "r" else "---") for side in align or "l" * len(columns)]
    return _of("\n".join(str(_row(cells)) for cells in (columns, rules, *rows)))


def page(
    head: Markdown, sections: Iterable[Section], tail: Markdown | None = None, limit: int = LIMIT
) -> Markdown:
    """Return a page of at most `limit` bytes.

    Parameters
    ----------
    head, tail
        Shown whole.
    sections
        Those without rows are left out. The earlier ones get their rows first.
    limit
        In bytes of UTF-8.
    """
    sections = [section for section in sections if section.rows]
    tail = tail or _of("")
    room = limit - head.size - tail.size - 4
    room -= sum(_section(section, []).size + 2 for section in sections)
    parts = [head]
    for section in sections:
        rows = []
        for cells in section.rows[: section.most]:
            row = [name(cell) if isinstance(cell, Name) else prose(cell) for cell in cells]
            size = _row(row).size + 1
            if size > room:
                break
            room -= size
            rows.append(row)
        parts.append(_section(section, rows))
    return blocks([*parts, tail] if tail.size else parts)


def _of(source: str) -> Markdown:
    return Markdown(_Escaped(source))


def _section(section: Section, rows: Sequence[Sequence[Markdown]]) -> Markdown:
    body = table([prose(column) for column in section.columns], rows)
    hidden = section.count - len(rows)
    if hidden:
        more = line(f"… and {hidden:,} more, listed by ", code("--json"), ".")
        body = blocks([body, more])
    if section.note:
        body = blocks([body, prose(section.note, len(section.note))])
    title = prose(section.heading)
    return details(title, body) if section.folded else blocks([bold(title), body])


def _row(cells: Iterable[Markdown]) -> Markdown:
    return _of(f"| {' | '.join(map(str, cells))} |")


def _is_quiet(character: str) -> bool:
    return character.isalnum() or character in _QUIET or not character.isascii()


def _reference(character: str) -> str:
    return f"&#{ord(character)};"


def _unlinked(text: str) -> str:
    return text.replace("www.", "www&#46;")
