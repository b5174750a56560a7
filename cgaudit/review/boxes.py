"""Where the classes of boxes are written: the annotation files that they were read from."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from cgaudit.annotations import NOT_XML, Box, Decided, edited
from cgaudit.dataset import BOX_COLUMNS, BoxSource, PlacedBox, open_source
from cgaudit.errors import DecisionError
from cgaudit.numerics.overlap import best_pairs, by_picture, overlaps
from cgaudit.params import SourceParams
from cgaudit.reading.files import bytes_md5
from cgaudit.review.plan import Content, Plan, refuse_link
from cgaudit.wording.text import natural, nearest, shown

#: A box that was drawn anew since it was scored is still the one that was decided on.
_SAME_PLACE = 0.5
_PICTURE, _BOUNDS = BOX_COLUMNS[0], list(BOX_COLUMNS[1:])


class BoxTarget:
    """The classes in annotation files.

    Parameters
    ----------
    project
        The folder that the paths in `source` start from.
    source
        Names pictures and annotations.
    scores
        The scores table that was decided by. Where annotations have no ids of their own, a box is
        told by where it lay: its place in the file moves when another box goes.
    """

    def __init__(self, project: Path, source: SourceParams, scores: pd.DataFrame | None) -> None:
        opened = open_source(source, base=project)
        assert isinstance(opened, BoxSource), "the parameters say that samples are boxes"
        self._project = project
        self._source = opened
        self._boxes = _by_id(opened, scores)

    def labels(self) -> Mapping[str, str | None]:
        """Return the class of every box that is there, by id."""
        return {identity: placed.box.label for identity, placed in self._boxes.items()}

    def is_done(self, identity: str, label: str, content_hash: str | None) -> bool:
        """Return False: a box with another class keeps its id."""
        return False

    def plan(self, relabel: Mapping[str, str], drop: Collection[str]) -> Plan:
        """Return the annotation files with other classes, and without the boxes that go."""
        found = self._source.annotations
        contents: dict[Path, Content] = {}
        lines = []
        for at, decided in self._by_file(relabel, drop).items():
            file = found.files[at]
            refuse_link(file.path)
            self._refuse_classes(at, decided)
            new = edited(file.data, found.format.edits(file.data, decided, found.names))
            # The bytes that were read are the ones that are edited.
            contents[file.path] = Content(partial(_write, new), bytes_md5(file.data))
        for identity in (*relabel, *drop):
            placed = self._boxes[identity]
            becomes = f"→ {relabel[identity]!r}" if identity in relabel else "goes"
            name = self._name(found.files[placed.file].path)
            lines.append(f"{name}: {placed.key}: {placed.box.label!r} {becomes}\n")
        return Plan("".join(lines), contents)

    def verify(
        self, staged: Mapping[Path, Path], relabel: Mapping[str, str], drop: Collection[str]
    ) -> None:
        """Read the staged files with the reader that audits use, and compare all boxes."""
        found = self._source.annotations
        for at, decided in self._by_file(relabel, drop).items():
            file = found.files[at]
            after = found.reading(file, staged[file.path].read_bytes()).boxes
            before = found.read[at].boxes
            wanted = [
                box._replace(label=decided.labels.get(number, box.label))
                for number, box in enumerate(before)
                if number not in decided.dropped
            ]
            if list(map(_whole, after)) != list(map(_whole, wanted)):
                raise DecisionError(
                    f"{self._name(file.path)} is written in a way that cannot be edited without "
                    f"touching more than the classes that were decided ({_differing(wanted, after)}"
                    "). Make these changes with the program that wrote it; nothing was written."
                )

    def _by_file(self, relabel: Mapping[str, str], drop: Collection[str]) -> dict[int, Decided]:
        labels: defaultdict[int, dict[int, str]] = defaultdict(dict)
        dropped: defaultdict[int, set[int]] = defaultdict(set)
        for identity, label in relabel.items():
            placed = self._boxes[identity]
            labels[placed.file][placed.number] = label
        for identity in drop:
            placed = self._boxes[identity]
            dropped[placed.file].add(placed.number)
        return {at: Decided(labels[at], dropped[at]) for at in sorted({*labels, *dropped})}

    def _refuse_classes(self, at: int, decided: Decided) -> None:
        """Refuse classes that the file has no place for."""
        found = self._source.annotations
        file, classes = found.files[at], found.read[at].classes
        where = self._name(file.path)
        for label in decided.labels.values():
            if classes is not None and label not in classes:
                raise DecisionError(
                    f"{label!r} is no class of {where}, which has {shown(classes)}."
                    f"{nearest(label, classes)} Add it there first, or choose one of these; "
                    "nothing was written."
                )
            if classes is None and found.format.name == "YOLO" and not label.isdecimal():
                raise DecisionError(
                    f"Classes in {where} are numbers, and nothing names them: {label!r} is none. "
                    "Name the classes in data.yaml, or choose a number; nothing was written."
                )
            if label != label.strip() or NOT_XML.search(label):
                raise DecisionError(
                    f"{label!r} would not be read back from {where} as it is: leave out blanks at "
                    "its ends and control characters. Nothing was written."
                )

    def _name(self, file: Path) -> str:
        return Path(os.path.relpath(file, self._project)).as_posix()


def _by_id(source: BoxSource, scores: pd.DataFrame | None) -> dict[str, PlacedBox]:
    """Return the boxes by the ids that the audit gives them."""
    boxes = source.boxes
    own = {placed.box.id: placed for placed in boxes if placed.box.id is not None}
    if own or scores is None or _PICTURE not in scores:
        return {**{it.key: it for it in boxes if it.box.id is None}, **own}
    measured = ((placed, source.bounds_of(placed)) for placed in boxes)
    usable = [(placed, bounds) for placed, bounds in measured if bounds is not None]
    here = by_picture([placed.picture for placed, _ in usable])
    bounds = np.array([where for _, where in usable], dtype=np.float64).reshape(-1, 4)
    # Of boxes at one place the first in the file goes with the first that was scored.
    scores = scores.sort_values("id", key=lambda ids: ids.map(natural), kind="stable")
    ids = scores["id"].tolist()
    scored = scores[_BOUNDS].to_numpy(dtype=np.float64)
    found: dict[str, PlacedBox] = {}
    for picture, rows in by_picture(scores[_PICTURE].tolist()).items():
        there = here.get(picture)
        if there is not None:
            shared = overlaps(scored[rows], bounds[there])
            for at, other in best_pairs(shared, _SAME_PLACE):
                found[ids[rows[at]]] = usable[there[other]][0]
    return found


def _write(contents: bytes, path: Path) -> None:
    path.write_bytes(contents)


def _whole(box: Box) -> tuple[object, ...]:
    """Return a box so that what is no number equals itself."""
    return (*box._replace(bounds=(0.0, 0.0, 0.0, 0.0)), repr(box.bounds))


def _differing(wanted: Sequence[Box], found: Sequence[Box]) -> str:
    if len(wanted) != len(found):
        return f"{len(found):,} boxes instead of {len(wanted):,}"
    pairs = zip(wanted, found, strict=True)
    old, new = next((a, b) for a, b in pairs if _whole(a) != _whole(b))
    return f"a box of {old.picture!r} reads {new.label!r}"
