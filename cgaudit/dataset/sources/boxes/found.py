"""Which files hold the boxes of a source, and in which format."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from cgaudit.annotations import (
    FORMATS,
    NAME_FILES,
    Annotated,
    Format,
    FormatName,
    class_names,
    sort_of,
)
from cgaudit.dataset.pointers import LFS_POINTER, is_lfs_pointer
from cgaudit.dataset.walk import folders_of_data
from cgaudit.errors import LabelsError
from cgaudit.reading.files import Damage, bytes_of
from cgaudit.wording.text import shown

#: What files of annotations, and of the names of classes, end with.
ANNOTATION_SUFFIXES = frozenset({".json", ".xml", ".txt", ".yaml", ".yml", ".names"})
#: Folders that pictures and their annotations lie in side by side, by the habits of the formats.
_SIDES = re.compile(r"(?:^|/)(?:images|labels|JPEGImages|Annotations|annotations)(?=/)")
#: Text files beside pictures that hold no boxes.
_NO_BOXES = frozenset({*NAME_FILES, "readme.txt"})


@dataclass(frozen=True)
class AnnotationFile:
    """One file of annotations.

    Attributes
    ----------
    path
        Where it lies.
    twin
        What its picture would be called by its own name, without folders of one side and suffix.
    data
        Its bytes, as they were read.
    """

    path: Path
    twin: str
    data: bytes


@dataclass(frozen=True)
class Annotations:
    """Where the boxes of a source are written.

    Attributes
    ----------
    format
        Of all files.
    files
        In order.
    names
        Names of classes by their numbers, for a format that has numbers; None where none are given.
    notes
        What was found, for the user.
    """

    format: Format
    files: Sequence[AnnotationFile]
    names: Sequence[str] | None = None
    notes: Sequence[str] = field(default_factory=tuple)

    @cached_property
    def read(self) -> list[Annotated]:
        """What each of the files holds.

        Raises
        ------
        LabelsError
            A file is damaged.
        """
        return [self.reading(file, file.data) for file in self.files]

    def reading(self, file: AnnotationFile, data: bytes) -> Annotated:
        """Return what bytes hold in the place of a file.

        Raises
        ------
        LabelsError
            They are damaged.
        """
        try:
            return self.format.read(data, file.twin, self.names)
        except Damage as damage:
            raise LabelsError(_unreadable(file.path, self.format, damage)) from None


def twin_of(path: str) -> str:
    """Return what a picture and the file of its boxes have in common, by their relative paths."""
    pure = PurePosixPath(path)
    return _SIDES.sub("", f"/{pure.with_suffix('')}").lstrip("/")


def find_annotations(root: Path, labels: Path | None, pictures: Sequence[str]) -> Annotations:
    """Find the files that hold the boxes of a source.

    Parameters
    ----------
    root
        The folder of pictures.
    labels
        A file of annotations, or a folder of them; None where they lie among the pictures.
    pictures
        Paths of the pictures, relative to `root`.

    Raises
    ------
    LabelsError
        There are none, they are of several formats, or a format of one file has several.
    """
    place = root if labels is None else labels
    if not place.exists():
        raise LabelsError(f"{place} does not exist. Check the path of the boxes (source.labels).")
    files = [place] if place.is_file() else list(_candidates(place))
    base = place.parent if place.is_file() else place
    found = _sorted(files, base, {twin_of(path) for path in pictures}, alone=place.is_file())
    if not found:
        raise LabelsError(_nothing(place))
    if len(found) > 1:
        kinds = ", ".join(f"{FORMATS[name].name} ({len(of):,})" for name, of in found.items())
        raise LabelsError(
            f"{place} holds annotations in several formats: {kinds}. Name the file, or the folder, "
            "of one with --labels (source.labels)."
        )
    ((name, of),) = found.items()
    if FORMATS[name].one_file and len(of) > 1:
        raise LabelsError(
            f"{place} holds {len(of):,} files of {FORMATS[name].name} annotations: "
            f"{shown(sorted(it.path.name for it in of))}. Name one with --labels (source.labels); "
            "the others are data sets of their own."
        )
    names, notes = _names(root, base, files) if name == "yolo" else (None, [])
    where = of[0].path if FORMATS[name].one_file else place
    what = f"{FORMATS[name].name} annotations in {where}"
    return Annotations(FORMATS[name], of, names, [what, *notes])


def _candidates(folder: Path) -> Iterator[Path]:
    for below, names in folders_of_data(folder):
        for name in sorted(names):
            if not name.startswith(".") and Path(name).suffix.lower() in ANNOTATION_SUFFIXES:
                yield Path(below, name)


def _sorted(
    files: Sequence[Path], base: Path, twins: set[str], *, alone: bool
) -> dict[FormatName, list[AnnotationFile]]:
    """Return the files of annotations by their format."""
    found: dict[FormatName, list[AnnotationFile]] = {}
    for file in files:
        suffix = file.suffix.lower()
        twin = twin_of(file.relative_to(base).as_posix())
        if suffix == ".txt":
            if file.name.lower() not in _NO_BOXES and (twin in twins or _beside_labels(file, base)):
                found.setdefault("yolo", []).append(AnnotationFile(file, twin, _bytes(file)))
        elif suffix in {".json", ".xml"} and (name := _format(file, data := _bytes(file), alone)):
            found.setdefault(name, []).append(AnnotationFile(file, twin, data))
    return found


def _beside_labels(file: Path, base: Path) -> bool:
    """Tell whether a text file is one of boxes by its folder, though its picture is not there."""
    return "labels" in file.relative_to(base.parent).parts[:-1]


def _format(file: Path, data: bytes, alone: bool) -> FormatName | None:
    """Return the format of a file; None of one among others that is something else."""
    try:
        return sort_of(data)
    except Damage as damage:
        if not alone:
            raise LabelsError(
                f"{file} cannot be read as annotations: {damage}. Mend it, or move it away."
            ) from None
        raise LabelsError(f"{file} cannot be read as annotations: {damage}.") from None


def _bytes(file: Path) -> bytes:
    try:
        data = bytes_of(file)
    except (FileNotFoundError, Damage) as error:
        raise LabelsError(f"{file} cannot be read: {error}.") from None
    if is_lfs_pointer(data):
        raise LabelsError(f"{file} is {LFS_POINTER}.")
    return data


def _names(root: Path, base: Path, files: Sequence[Path]) -> tuple[list[str] | None, list[str]]:
    """Return the names of YOLO's classes, and where they were found."""
    beside = [folder / name for folder in dict.fromkeys((root, base)) for name in NAME_FILES]
    for file in dict.fromkeys([*beside, *(it for it in files if it.name in NAME_FILES)]):
        if not file.is_file():
            continue
        try:
            names = class_names(_bytes(file), file.name)
        except Damage as damage:
            raise LabelsError(f"{file} does not name the classes: {damage}.") from None
        if names:
            return names, [f"names of the {len(names)} classes from {file}"]
    return None, [
        f"no names of classes found ({', '.join(NAME_FILES[:1])} or classes.txt below {root}): "
        "they are called by their numbers"
    ]


def _unreadable(path: Path, format_: Format, damage: Damage) -> str:
    what = f"{format_.name} annotations"
    return f"{path} cannot be read as {what}: {damage}. Mend it, or export it anew."


def _nothing(place: Path) -> str:
    return (
        f"{place} holds no boxes: COCO's JSON (images, annotations, categories), CVAT for images "
        "1.1 or Pascal VOC (XML), or YOLO's text files (in a folder 'labels', or beside their "
        "pictures). Name the file or folder with --labels (source.labels)."
    )
