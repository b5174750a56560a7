"""CVAT's XML, "CVAT for images 1.1": docs.cvat.ai/docs/manual/advanced/xml_format."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from cgaudit.annotations.box import Annotated, Box, Decided, Edit, odd_bounds
from cgaudit.annotations.xmltext import Element, as_text, attribute_span, lines_of, tree_of
from cgaudit.reading.files import Damage
from cgaudit.wording.numbers import plural

ROOT = "annotations"
_CORNERS = ("xtl", "ytl", "xbr", "ybr")
#: Shapes that are no boxes, and that nothing is said about here.
_OTHERS = ("polygon", "polyline", "points", "ellipse", "cuboid", "mask", "skeleton")
#: Where the labels of a task, a job or a project are listed.
_META = ("task", "job", "project")


def read(data: bytes) -> Annotated:
    """Return the boxes of all pictures.

    Raises
    ------
    Damage
        It is no such file, or that of a video.
    """
    root = _root(data)
    boxes = [_box(one, image) for image in root.all("image") for one in image.all("box")]
    return Annotated(boxes, _classes(root), list(_notes(root)))


def edits(data: bytes, decided: Decided) -> list[Edit]:
    """Return what changes: the labels of some boxes, and boxes that go."""
    boxes = [one for image in _root(data).all("image") for one in image.all("box")]
    renamed = (_renamed(data, boxes[at], label) for at, label in decided.labels.items())
    return [*renamed, *(Edit(*lines_of(data, boxes[at])) for at in decided.dropped)]


def _root(data: bytes) -> Element:
    root = tree_of(data)
    if root.name != ROOT:
        raise Damage(f"its root is <{root.name[:80]}>, not <{ROOT}>")
    if root.first("track") is not None:
        raise Damage(
            "it holds the tracks of a video. Export the task as 'CVAT for images 1.1', which has "
            "each frame by itself"
        )
    return root


def _renamed(data: bytes, element: Element, label: str) -> Edit:
    span = attribute_span(data, element, "label")
    if span is None:
        at = element.start + len(f"<{element.name}".encode())
        return Edit(at, at, b' label="' + as_text(label, b'"') + b'"')
    quote = data[span[0] : span[0] + 1]
    return Edit(span[0] + 1, span[1] - 1, as_text(label, quote))


def _box(element: Element, image: Element) -> Box:
    name, label = image.attributes.get("name", ""), element.attributes.get("label")
    size = tuple(_number(image, side) for side in ("width", "height"))
    left, top, right, bottom = (_number(element, corner) for corner in _CORNERS)
    where = (left, top, right - left, bottom - top)
    return Box(
        name,
        label or None,
        where,
        (size[0], size[1]) if min(size) > 0 else None,
        odd=odd_bounds(where),
    )


def _classes(root: Element) -> list[str] | None:
    """Return the labels that the file lists, None where it lists none."""
    meta = root.first("meta")
    places = [] if meta is None else [place for name in _META for place in meta.all(name)]
    listed = [
        name
        for place in places
        for labels in place.all("labels")
        for label in labels.all("label")
        if (name := label.said("name"))
    ]
    return sorted(set(listed)) or None


def _notes(root: Element) -> Iterator[str]:
    others = Counter(
        shape.name for image in root.all("image") for shape in image.children
        if shape.name in _OTHERS
    )  # fmt: skip
    if others:
        kinds = ", ".join(f"{name} × {count:,}" for name, count in sorted(others.items()))
        yield f"{plural(sum(others.values()), 'shape')} that are no boxes are left out ({kinds})"
    turned = sum(
        box.attributes.get("rotation", "0") not in {"0", "0.0", "0.00"}
        for image in root.all("image")
        for box in image.all("box")
    )
    if turned:
        yield f"{plural(turned, 'box', 'boxes')} turned by an angle, taken as if they were upright"


def _number(element: Element, name: str) -> float:
    try:
        return float(element.attributes.get(name, ""))
    except ValueError:
        return math.nan
