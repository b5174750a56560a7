"""Boxes among what a project holds: pictures with annotations beside them or in a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from cgaudit.annotations import sort_of
from cgaudit.dataset import BoxSource, open_source
from cgaudit.errors import CgauditError
from cgaudit.params import SourceParams
from cgaudit.reading.files import Damage, bytes_of

#: A file of annotations is JSON or XML, if it is one file.
_SUFFIXES = (".json", ".xml")


class FoundBoxes(NamedTuple):
    """Boxes that were found.

    Attributes
    ----------
    params
        As params.yaml will name them.
    source
        The same, opened.
    """

    params: SourceParams
    source: BoxSource

    @property
    def labels(self) -> list[str]:
        """The class of each box that can be used and has one."""
        usable = (placed.box.label for placed in self.source.boxes if placed.odd is None)
        return [label for label in usable if label is not None]


def find_boxes(
    project: Path, root: str, pictures: str, named: SourceParams, files: Iterable[str]
) -> FoundBoxes | None:
    """Return the boxes of some pictures, None where there are none.

    Parameters
    ----------
    project
        The folder of params.yaml.
    root, pictures
        A folder of data, and the folder in it that all its pictures lie in.
    named
        What the user named.
    files
        Where annotations may be, relative to the project.

    Raises
    ------
    CgauditError
        The user asked for boxes, and they cannot be read.
    """
    if named.are_boxes:
        path = root if named.labels is None else pictures
        return _opened(project, named.model_copy(update={"path": path, "kind": "boxes"}))
    if named.labels is not None or named.kind != "auto":
        return None
    choices = [(root, None), *((pictures, file) for file in _likely(project, files))]
    for path, labels in choices:
        update = {"path": path, "labels": labels, "kind": "boxes"}
        try:
            found = _opened(project, named.model_copy(update=update))
        except CgauditError:
            continue
        if found.labels:
            return found
    return None


def _opened(project: Path, params: SourceParams) -> FoundBoxes:
    source = open_source(params, base=project)
    assert isinstance(source, BoxSource), "boxes were asked for"
    return FoundBoxes(params, source)


def _likely(project: Path, files: Iterable[str]) -> Sequence[str]:
    """Return the files that are annotations in one of the formats, each once."""
    found = []
    for name in dict.fromkeys(files):
        file = project / name
        if file.suffix.lower() in _SUFFIXES and file.is_file():
            try:
                if sort_of(bytes_of(file)) is not None:
                    found.append(name)
            except Damage:
                continue
    return found
