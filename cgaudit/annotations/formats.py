"""Which format a file of annotations is in, and what reads and writes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from cgaudit.annotations import coco, cvat, voc, yolo
from cgaudit.annotations.box import Annotated, Decided, Edit
from cgaudit.annotations.xmltext import tree_of

FormatName = Literal["coco", "cvat", "voc", "yolo"]


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes
    ----------
    name
        What it is called in messages.
    suffix
        Of its files.
    read
        Returns the boxes in a file's bytes; what picture they are of, where the format does not
        say, and the names of classes, where others have them.
    edits
        Returns what changes in the bytes, as names of classes have it.
    one_file
        Whether all pictures are in one.
    """

    name: str
    suffix: str
    read: Callable[[bytes, str, Sequence[str] | None], Annotated]
    edits: Callable[[bytes, Decided, Sequence[str] | None], list[Edit]]
    one_file: bool


FORMATS: dict[FormatName, Format] = {
    "coco": Format(
        "COCO",
        ".json",
        lambda data, _picture, _names: coco.read(data),
        lambda data, decided, _names: coco.edits(data, decided),
        one_file=True,
    ),
    "cvat": Format(
        "CVAT",
        ".xml",
        lambda data, _picture, _names: cvat.read(data),
        lambda data, decided, _names: cvat.edits(data, decided),
        one_file=True,
    ),
    "voc": Format(
        "Pascal VOC",
        ".xml",
        lambda data, _picture, _names: voc.read(data),
        lambda data, decided, _names: voc.edits(data, decided),
        one_file=False,
    ),
    "yolo": Format("YOLO", ".txt", yolo.read, yolo.edits, one_file=False),
}


def sort_of(data: bytes) -> FormatName | None:
    """Return the format that XML or JSON bytes are in, None where it is none of these.

    Raises
    ------
    Damage
        It is XML that cannot be read.
    """
    if coco.looks_like(data):
        return "coco"
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return None
    names: dict[str, FormatName] = {voc.ROOT: "voc", cvat.ROOT: "cvat"}
    return names.get(tree_of(data).name)
