"""Pascal VOC's XML, a file a picture: host.robots.ox.ac.uk/pascal/VOC, "Annotations"."""

from __future__ import annotations

import math

from cgaudit.annotations.box import Annotated, Box, Decided, Edit, odd_bounds
from cgaudit.annotations.xmltext import Element, as_text, lines_of, tree_of
from cgaudit.reading.files import Damage

ROOT = "annotation"
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_BLANK = b" \t\r\n"


def read(data: bytes) -> Annotated:
    """Return the boxes of a picture.

    Corners are taken as they are written, ``xmax − xmin`` for the width. What has a polygon or the
    like instead of a ``bndbox`` is no sample.

    Raises
    ------
    Damage
        It is no such file.
    """
    root = _root(data)
    picture = root.said("filename") or ""
    size = _size(root.first("size"))
    return Annotated([_box(one, picture, size) for one in root.all("object")])


def edits(data: bytes, decided: Decided) -> list[Edit]:
    """Return what changes: the names of some objects, and objects that go."""
    objects = list(_root(data).all("object"))
    renamed = (_renamed(data, objects[at], label) for at, label in decided.labels.items())
    return [*renamed, *(Edit(*lines_of(data, objects[at])) for at in decided.dropped)]


def _root(data: bytes) -> Element:
    root = tree_of(data)
    if root.name != ROOT:
        raise Damage(f"its root is <{root.name[:80]}>, not <{ROOT}>")
    return root


def _renamed(data: bytes, element: Element, label: str) -> Edit:
    """Return the edit of an object's name; the blanks around it stay."""
    name = element.first("name")
    if name is None:
        at = element.opened
        return Edit(at, at, b"<name>" + as_text(label) + b"</name>")
    content = data[name.opened : name.closing]
    if name.closing == name.end:
        return Edit(name.start, name.end, b"<name>" + as_text(label) + b"</name>")
    left = len(content) - len(content.lstrip(_BLANK))
    right = len(content.rstrip(_BLANK)) if content.strip(_BLANK) else left
    return Edit(name.opened + left, name.opened + right, as_text(label))


def _size(element: Element | None) -> tuple[float, float] | None:
    if element is None:
        return None
    width, height = (_number(element.said(side)) for side in ("width", "height"))
    # Tools that do not know the size write 0.
    return (width, height) if width > 0 and height > 0 else None


def _box(element: Element, picture: str, size: tuple[float, float] | None) -> Box:
    label = element.said("name") or None
    bounds = element.first("bndbox")
    if bounds is None:
        return Box(picture, label, (0.0, 0.0, 0.0, 0.0), size, odd="it has no bndbox")
    left, top, right, bottom = (_number(bounds.said(corner)) for corner in _CORNERS)
    where = (left, top, right - left, bottom - top)
    return Box(picture, label, where, size, odd=odd_bounds(where))


def _number(text: str | None) -> float:
    try:
        return float(text or "")
    except ValueError:
        return math.nan
