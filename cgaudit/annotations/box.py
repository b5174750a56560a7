"""What every format gives: boxes, and the edits that give some of them another class."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Box(NamedTuple):
    """One box, as an annotation file holds it.

    Attributes
    ----------
    picture
        The name of its picture, as it is written.
    label
        Its class; None where it has none.
    bounds
        Left, top, width and height, in the unit of `size`.
    size
        Width and height of the picture: in pixels as they are written, (1, 1) where bounds are
        shares of it; None where nothing says it.
    id
        That of the annotation; None where the format or the file gives none.
    odd
        Why it can be no sample; None where it can.
    """

    picture: str
    label: str | None
    bounds: tuple[float, float, float, float]
    size: tuple[float, float] | None
    id: str | None = None
    odd: str | None = None


@dataclass(frozen=True)
class Annotated:
    """What one annotation file holds.

    Attributes
    ----------
    boxes
        In the file's order.
    classes
        Those that a box of the file may have; None where any name will do.
    notes
        What is to be known of it.
    """

    boxes: Sequence[Box]
    classes: Sequence[str] | None = None
    notes: Sequence[str] = field(default_factory=tuple)


class Decided(NamedTuple):
    """What becomes of the boxes of one file, by their number in it, from 0.

    Attributes
    ----------
    labels
        New classes.
    dropped
        Boxes that go.
    """

    labels: Mapping[int, str]
    dropped: Collection[int] = frozenset()


class Edit(NamedTuple):
    """Bytes ``data[start:end]`` that become others, or none."""

    start: int
    end: int
    new: bytes = b""


def edited(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Return the data with the edits made, which do not overlap; every other byte stays."""
    kept, at = [], 0
    for edit in sorted(edits):
        kept += [data[at : edit.start], edit.new]
        at = edit.end
    return b"".join([*kept, data[at:]])


def odd_bounds(bounds: tuple[float, float, float, float]) -> str | None:
    """Return what is wrong with the bounds of a box by themselves, None where nothing is."""
    if not all(map(math.isfinite, bounds)):
        return "its bounds are no finite numbers"
    if min(bounds[2:]) <= 0:
        return "a box without area"
    return None
