"""Where the data and its labels are, found by what DVC tracks and by what the files look like."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from cgaudit.dataset import (
    ARRAY_SUFFIXES,
    IMAGE_SUFFIXES,
    TABLE_SUFFIXES,
    ColumnRows,
    Columns,
    Source,
    SourceKind,
    choosing,
    folders_of_data,
    join_labels,
    open_source,
    open_table,
    read_labels,
)
from cgaudit.errors import CgauditError, SourceError
from cgaudit.params import SourceParams
from cgaudit.project import AUDIT, NAMED, REPORTS, REVIEWED
from cgaudit.results.labels import label_counts
from cgaudit.revisions import Output
from cgaudit.scaffold.boxes import find_boxes
from cgaudit.wording.labelsets import SetNotation
from cgaudit.wording.text import shown

#: Of the samples, so many must find their label in a table for it to be their table of labels.
_ENOUGH = 0.5


class Tracked(NamedTuple):
    """Something that DVC tracks: its path relative to the project, and by what."""

    path: str
    by: str


@dataclass(frozen=True)
class Found:
    """The data to audit.

    Attributes
    ----------
    source
        As params.yaml will name it, with the columns that were guessed.
    kind
        What the samples are.
    count, classes
        Samples that can be read, and labels.
    labels
        Those of the samples; none where they are boxes.
    explained
        What was found where, in sentences.
    """

    source: SourceParams
    kind: SourceKind
    count: int
    classes: int
    explained: list[str] = field(default_factory=list)
    labels: Sequence[str] = ()


class _Data(NamedTuple):
    """Something that may be the data: a folder with images, a table, or an array."""

    path: str
    by: str
    images: int
    tables: Sequence[str]
    #: What is tracked: `path` is the folder in it that all images lie in.
    root: str = ""


def find_data(
    project: Path,
    files: Sequence[str],
    outputs: Iterable[Output],
    named: SourceParams,
    path: str | None = None,
    *,
    in_git: bool = False,
    sets: SetNotation | None = None,
) -> Found:
    """Return the data of a project and its labels.

    Parameters
    ----------
    project
        The folder of params.yaml.
    files
        What git sees below it (tracked or not, but not ignored), relative to it.
    outputs
        What DVC tracks.
    named
        Labels and columns that the user named; the rest is found.
    path
        The data that the user named; None to look through what DVC tracks.
    in_git
        Whether git alone keeps the data: what lies in the folder is looked through.
    sets
        How several labels a sample are written; None where each has one.

    Raises
    ------
    SourceError
        There is no data, it is not here, or its labels cannot be told.
    """
    anywhere = list(_in_git(files) if in_git else tracked_data(project, outputs))
    tracked = [it for it in anywhere if not it.path.startswith("../")]
    if path is None:
        data, others = _most_likely(project, tracked, files)
    else:
        by = "in git" if in_git else _tracked_by(path, anywhere)
        data, others = _looked_at(project, Tracked(path, by)), []
    named = named.model_copy(update={"path": data.path})
    said = [f"data: {data.path} ({data.by})"]
    if others:
        said.append(f"other data is here too ({shown(others)}): name it with --data to audit that")
    if data.images:
        around = [*_beside(project, data), *(it.path for it in tracked), *files]
        boxes = find_boxes(project, data.root, data.path, named, around)
        if boxes is not None:
            labels = boxes.labels
            said = [*said, *boxes.source.notes]
            return Found(boxes.params, "images", len(labels), len(set(labels)), said)
        return _images(project, data, named, sets, _tables(project, tracked, files, data), said)
    return _rows(project, named, sets, said)


def tracked_data(project: Path, outputs: Iterable[Output]) -> Iterator[Tracked]:
    """Yield what DVC tracks, by ``.dvc`` files and as outputs of others' stages.

    Data outside of the project comes with a path that begins with ``..``.
    """
    for out in outputs:
        if any(line.startswith("cgaudit ") for line in out.command.splitlines()):
            continue
        by = f"an output of the stage {out.stage}" if out.stage else _relative(out.file, project)
        by = f"{by}, an import" if out.is_import else by
        yield Tracked(_relative(out.path, project), by)


def _in_git(files: Sequence[str]) -> Iterator[Tracked]:
    """Yield the folders and files at the top that git has, or would."""
    tops = dict.fromkeys(Path(name).parts[0] for name in files if not _is_ours(name))
    yield from (Tracked(top, "in git") for top in tops if not top.startswith("."))


def _relative(path: Path, project: Path) -> str:
    return _normal(os.path.relpath(path, project))


def _most_likely(
    project: Path, tracked: Sequence[Tracked], files: Sequence[str]
) -> tuple[_Data, list[str]]:
    """Return what is most likely the data: images, else a labelled table, else an array.

    The largest of its kind; also the paths of the others.
    """
    here = [it for it in tracked if (project / it.path).exists()]
    found = [_looked_at(project, it) for it in here]
    known = {it.path for it in found}
    in_git = [
        _Data(path, "in git", 0, ()) for path in files if path not in known and not _is_ours(path)
    ]
    pictures = sorted((it for it in found if it.images), key=lambda it: -it.images)
    tables = [it for it in (*found, *in_git) if _is_labelled(project, it.path)]
    tables.sort(key=lambda it: -(project / it.path).stat().st_size)
    arrays = [it for it in found if Path(it.path).suffix.lower() in ARRAY_SUFFIXES]
    for kind in (pictures, tables, arrays):
        if kind:
            first, *others = kind
            return first, [it.path for it in others]
    raise SourceError(_nothing_found(tracked, here))


def _nothing_found(tracked: Sequence[Tracked], here: Sequence[Tracked]) -> str:
    away = [it.path for it in tracked if it not in here]
    if away:
        return (
            f"DVC tracks {shown(away)}, but that is not here. Run `dvc pull` or `dvc repro` first, "
            "or name other data with --data."
        )
    if here and here[0].by == "in git":
        return (
            f"Nothing here ({shown(it.path for it in here)}) looks like labelled data: a folder of "
            "images, or a table with a label column. Name the data with --data, and the labels "
            "with --labels."
        )
    if here:
        return (
            f"Of what DVC tracks here ({shown(it.path for it in here)}) nothing looks like "
            "labelled data: a folder of images, or a table with a label column. Name the data with "
            "--data, and the labels with --labels."
        )
    return (
        "DVC tracks no data here. Run `dvc add` on it first, or name the data with --data (and the "
        "labels with --labels)."
    )


def _looked_at(project: Path, it: Tracked) -> _Data:
    root = project / it.path
    if not root.exists():
        raise SourceError(f"{it.path} does not exist. Check --data, or run `dvc pull`.")
    if not root.is_dir():
        return _Data(it.path, it.by, 0, ())
    images, tables = [], []
    for folder, names in folders_of_data(root):
        below = Path(os.path.relpath(folder, project))
        for name in names:
            suffix = Path(name).suffix.lower()
            if suffix in IMAGE_SUFFIXES:
                images.append(_normal(below / name))
            elif suffix in TABLE_SUFFIXES:
                tables.append(_normal(below / name))
    if not images:
        return _Data(it.path, it.by, 0, tables)
    common = os.path.commonpath([str(Path(image).parent) for image in images])
    return _Data(_normal(common), it.by, len(images), tables, it.path)


def _is_labelled(project: Path, path: str) -> bool:
    if Path(path).suffix.lower() not in TABLE_SUFFIXES:
        return False
    try:
        open_source(SourceParams(path=path), base=project)
    except CgauditError:
        return False
    return True


def _tables(
    project: Path, tracked: Sequence[Tracked], files: Sequence[str], data: _Data
) -> list[str]:
    """Return the tables that may hold the labels of images, each once."""
    seen = [*data.tables, *_beside(project, data), *(it.path for it in tracked), *files]
    return [
        path
        for path in dict.fromkeys(seen)
        if Path(path).suffix.lower() in TABLE_SUFFIXES
        and not _is_ours(path)
        and not _is_of_an_audit(project / path)
        and (project / path).is_file()
    ]


def _beside(project: Path, data: _Data) -> list[str]:
    """Return what lies in the folder that the data lies in."""
    folder = Path(data.path).parent
    return sorted(_normal(folder / it.name) for it in (project / folder).iterdir())


def _is_ours(path: str) -> bool:
    parts = Path(path).parts
    return parts[-1] == REVIEWED or not {REPORTS, AUDIT}.isdisjoint(parts[:-1])


def _is_of_an_audit(file: Path) -> bool:
    """Tell whether `cgaudit audit` wrote a file, in whichever folder it was told to."""
    return (file.parent / NAMED.asked.name).exists()


def _images(
    project: Path,
    data: _Data,
    named: SourceParams,
    sets: SetNotation | None,
    tables: Sequence[str],
    said: list[str],
) -> Found:
    source = open_source(named, base=project)
    # Which labels belong to which file is a matter of names: nothing needs to be read.
    samples, _ = source.samples(_Unread())
    folders = samples["folder_label"].nunique()
    best, count = named.labels, 0
    if named.labels is None:
        counted = {path: _labelled_by(project, named, sets, path, samples) for path in tables}
        best = max(counted, key=lambda path: counted[path], default=None)
        count = counted[best] if best is not None else 0
    if best is not None and (named.labels or count >= _ENOUGH * len(samples)):
        named = _with_columns(project, named.model_copy(update={"labels": best}))
        joined = join_labels(
            samples,
            read_labels(project / best, Columns.of(named), sets),
            root=project / named.path,
        ).table
        said.append(f"labels: {best}, {len(joined):,} of {len(samples):,} images are in it")
        return _found(named, source, len(samples), joined["label"], said, sets)
    if sets is not None:
        raise SourceError(
            f"{named.path} holds {len(samples):,} images, and no table that gives them several "
            "labels was found (--task multilabel). Name it with --labels."
        )
    if folders < 2:
        raise SourceError(
            f"{named.path} holds {len(samples):,} images, and no labels for them were found: they "
            "lie in fewer than two folders, and no table names them. Name the table with --labels."
        )
    said.append(f"labels: the {folders:,} folders of {named.path}")
    said += source.notes[1:]
    return _found(named, source, len(samples), samples["folder_label"], said)


def _found(
    named: SourceParams,
    source: Source,
    count: int,
    labels: pd.Series[str],
    said: list[str],
    sets: SetNotation | None = None,
) -> Found:
    known = labels.dropna()
    n_labels = known.nunique() if sets is None else len(label_counts(known))
    return Found(named, source.kind, count, n_labels, said, known.tolist())


class _Unread(dict[str, str]):
    """Stands in for the content hash of every file."""

    def __contains__(self, path: object) -> bool:
        return True

    def __missing__(self, path: str) -> str:
        return ""


def _labelled_by(
    project: Path,
    named: SourceParams,
    sets: SetNotation | None,
    path: str,
    samples: Any,  # noqa: ANN401
) -> int:
    try:
        labels = read_labels(project / path, Columns.of(named), sets)
        joined = join_labels(samples, labels, root=project / named.path)
    except CgauditError:
        return 0
    return len(joined.table)


def _with_columns(project: Path, named: SourceParams) -> SourceParams:
    """Name the columns of the table of labels, so that a column added later changes nothing."""
    file = project / (named.labels or named.path)
    if file.suffix.lower() not in TABLE_SUFFIXES:
        return named
    table = open_table(file)
    roles = ["id", "label", *(["image"] if named.labels else [])]
    choose = choosing(table, file, [], samples=not named.labels)
    chosen = {f"{role}_column": choose(role, getattr(named, f"{role}_column")) for role in roles}
    return named.model_copy(update=chosen)


def _rows(project: Path, named: SourceParams, sets: SetNotation | None, said: list[str]) -> Found:
    named = named if named.labels else _with_columns(project, named)
    source: Source = open_source(named, base=project, sets=sets)
    samples, _ = source.samples()
    if isinstance(source, ColumnRows) and source.left_out:
        # In a later version the column that was left out may no longer look like an index.
        named = named.model_copy(update={"feature_columns": list(source.names)})
    labels = None
    if named.labels is not None:
        labels = read_labels(project / named.labels, Columns.of(named), sets)
    joined = join_labels(samples, labels, root=project / named.path).table
    where = named.labels or f"the column {named.label_column!r}" if named.label_column else "it"
    said += [*source.notes, f"labels: {where}"]
    return _found(named, source, len(samples), joined["label"], said, sets)


def _tracked_by(path: str, tracked: Sequence[Tracked]) -> str:
    inside = [it.by for it in tracked if Path(_normal(path)).is_relative_to(it.path)]
    return inside[0] if inside else "not tracked by DVC: `dvc add` it, or old versions are lost"


def _normal(path: Path | str) -> str:
    return Path(os.path.normpath(path)).as_posix()
