"""Where labels are written: the rows of a table, or the folders that files lie in."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Protocol

import pandas as pd

from cgaudit.dataset import (
    ARRAY_SUFFIXES,
    Columns,
    LabelTable,
    choose_column,
    file_md5,
    has_splits,
    is_packed,
    join_labels,
    open_table,
    placed,
    read_labels,
)
from cgaudit.errors import DecisionError
from cgaudit.params import SourceParams
from cgaudit.review.rewrite import (
    Changes,
    edited,
    edits_of,
    parquet_rewritten,
    unified_diff,
)
from cgaudit.review.transaction import Step, staged

_PARQUET = frozenset({".parquet", ".pq"})


@dataclass(frozen=True)
class Plan:
    """What is to be done to the files.

    Attributes
    ----------
    diff
        The same for people, in the form that git uses.
    contents
        Files and their new bytes.
    steps
        Files that move or go.
    """

    diff: str = ""
    contents: Mapping[Path, bytes] = field(default_factory=dict)
    steps: Sequence[Step] = ()

    def files(self) -> list[Path]:
        """Return every file that changes, moves or goes."""
        return [*self.contents, *(step.path for step in self.steps)]


class Target(Protocol):
    """Labels as they are now, and how they are changed."""

    def labels(self) -> Mapping[str, str | None]:
        """Return the label of every sample that is there, by id."""
        ...

    def is_done(self, identity: str, label: str, content_hash: str | None) -> bool:
        """Tell whether a sample that is no longer there is so because it has the label by now."""
        ...

    def plan(self, relabel: Mapping[str, str], drop: Collection[str]) -> Plan:
        """Return what gives samples new labels and takes others away.

        Raises
        ------
        DecisionError
            A label cannot be written there.
        """
        ...

    def verify(self, relabel: Mapping[str, str], drop: Collection[str]) -> None:
        """Read back the staged contents.

        Raises
        ------
        DecisionError
            They are not what was planned.
        """
        ...


def open_target(project: Path, source: SourceParams, ids: Sequence[str] | None) -> Target:
    """Return where the labels of a source are written.

    Parameters
    ----------
    project
        The folder that the paths in `source` start from.
    source
        The ``source`` parameters.
    ids
        Of the samples that were scored; None where there are no scores.

    Raises
    ------
    DecisionError
        Labels of this kind cannot be edited, or ids are needed to tell samples apart.
    ColumnError, LabelsError
        The table of labels cannot be read.
    """
    root = project / source.path
    if source.labels is None and is_packed(root):
        raise DecisionError(
            f"{root} holds many samples in each file, whose labels cannot be edited in place. Keep "
            "the labels in a CSV file beside it (source.labels), by id."
        )
    if source.labels is None and root.is_dir():
        if ids is None:
            raise DecisionError(_needs_scores("Files are told by their ids"))
        return FolderTarget(root, ids, split_folders=source.split_folders)
    file = project / (source.labels or source.path)
    if file.suffix.lower() in ARRAY_SUFFIXES:
        raise DecisionError(f"{file} cannot be edited row by row. Keep the labels in a CSV file.")
    return TableTarget(project, file, root, source, ids)


class TableTarget:
    """The rows of a labels table.

    Parameters
    ----------
    project, file, root
        The project's folder, the table and the source.
    source
        Names the columns.
    ids
        Of the scored samples; needed where the table has no ids of its own.
    """

    def __init__(
        self,
        project: Path,
        file: Path,
        root: Path,
        source: SourceParams,
        ids: Sequence[str] | None,
    ) -> None:
        self._file = file
        self._name = Path(os.path.relpath(file, project)).as_posix()
        self._table = read_labels(file, Columns.of(source))
        columns = open_table(file).columns
        # read_labels found one, or it would have raised.
        self._column = choose_column(file.name, "label", source.label_column, columns, []) or ""
        self._rows = _rows_by_id(self._table, root, ids)

    def labels(self) -> Mapping[str, str | None]:
        """Return the label of every row, by id."""
        rows = self._table.rows
        return {identity: rows[row].label for identity, row in self._rows.items()}

    def is_done(self, identity: str, label: str, content_hash: str | None) -> bool:
        """Return False: a relabelled row keeps its id."""
        return False

    def plan(self, relabel: Mapping[str, str], drop: Collection[str]) -> Plan:
        """Return the table with new labels and without the dropped rows."""
        changes = self._changes(relabel, drop)
        if self._file.suffix.lower() in _PARQUET:
            contents = parquet_rewritten(self._file, self._column, changes)
            diff = f"Binary file {self._name} changes\n"
        else:
            data = self._file.read_bytes()
            edits = edits_of(self._file, data, self._column, changes)
            contents, diff = edited(data, edits), unified_diff(self._name, data, edits)
        return Plan(diff, {self._file: contents})

    def verify(self, relabel: Mapping[str, str], drop: Collection[str]) -> None:
        """Read the staged table with the reader that audits use, and compare cell by cell."""
        if self._file.suffix.lower() in _PARQUET:
            return
        changes = self._changes(relabel, drop)
        before, after = open_table(self._file), open_table(staged(self._file))
        columns = list(before.columns)
        for column, old, new in zip(
            columns, before.texts(*columns), after.texts(*columns), strict=True
        ):
            if column == self._column:
                old = [changes.labels.get(row, cell) for row, cell in enumerate(old)]
            if new != [cell for row, cell in enumerate(old) if row not in changes.dropped]:
                raise DecisionError(
                    f"{self._name} is written in a way that cannot be edited without touching its "
                    f"column {column!r}. Make these changes by hand; nothing was written."
                )

    def _changes(self, relabel: Mapping[str, str], drop: Collection[str]) -> Changes:
        return Changes(
            {self._rows[identity]: label for identity, label in relabel.items()},
            {self._rows[identity] for identity in drop},
        )


class FolderTarget:
    """Files whose label is the folder they lie in.

    Parameters
    ----------
    root
        The source.
    ids
        Paths of the scored samples, relative to it.
    split_folders
        Whether its first folders are splits; None guesses.
    """

    def __init__(
        self, root: Path, ids: Sequence[str], *, split_folders: bool | None = None
    ) -> None:
        self._root = root
        self._real_root = root.resolve()
        self._splits = has_splits(ids, split_folders)
        self._ids = ids

    def labels(self) -> Mapping[str, str | None]:
        """Return the label of every file that is still there."""
        return {
            path: placed(path, self._splits).label for path in self._ids if self._is_there(path)
        }

    def is_done(self, identity: str, label: str, content_hash: str | None) -> bool:
        """Tell whether the file lies in the folder of the label by now, its content unchanged."""
        moved = self._root / self._relabelled(identity, label)
        return moved.is_file() and file_md5(moved) == content_hash

    def plan(self, relabel: Mapping[str, str], drop: Collection[str]) -> Plan:
        """Return the moves to the folders of the new labels, and the files that go."""
        steps, lines = [], []
        taken: set[str] = set()
        for path, label in relabel.items():
            target = self._free(self._relabelled(path, label), taken)
            taken.add(target)
            steps.append(Step("move", self._root / path, self._root / target))
            lines += [f"rename from {path}", f"rename to {target}"]
        for path in drop:
            steps.append(Step("remove", self._root / path))
            lines.append(f"delete {path}")
        return Plan("".join(f"{line}\n" for line in lines), steps=steps)

    def verify(self, relabel: Mapping[str, str], drop: Collection[str]) -> None:
        """Do nothing: no contents are staged."""

    def _is_there(self, path: str) -> bool:
        # Ids come out of a file that somebody else may have written.
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            return False
        file = self._root / path
        return file.is_file() and file.parent.resolve().is_relative_to(self._real_root)

    def _relabelled(self, path: str, label: str) -> str:
        if not label.strip() or label.startswith(".") or any(c in label for c in "/\\\0"):
            raise DecisionError(
                f"The label {label!r} cannot be a folder's name. Choose another for {path!r}."
            )
        *folders, name = PurePosixPath(path).parts
        above, below = folders[: self._splits], folders[self._splits + 1 :]
        return str(PurePosixPath(*above, label, *below, name))

    def _free(self, path: str, taken: Collection[str]) -> str:
        """Return the path, or with a number in the name where another file has it."""
        wanted, number = PurePosixPath(path), 2
        free = wanted
        while str(free) in taken or os.path.lexists(self._root / free):
            free = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
            number += 1
        return str(free)


def _rows_by_id(table: LabelTable, root: Path, ids: Sequence[str] | None) -> Mapping[str, int]:
    """Return the row of each sample, by the id that the audit gives it."""
    rows: dict[str, int] = {}
    if any(row.id is not None for row in table.rows):
        for number, row in enumerate(table.rows):
            if row.id is not None:
                rows.setdefault(row.id, number)
        return rows
    if all(row.path is None for row in table.rows):
        return {str(number): number for number in range(len(table.rows))}
    if ids is None:
        raise DecisionError(_needs_scores(f"{table.file} has no column of ids"))
    # The audit's own join of rows and files, with row numbers in the place of labels.
    numbered = [row._replace(label=str(number)) for number, row in enumerate(table.rows)]
    samples = pd.DataFrame(
        {"path": ids, "content_hash": "", "folder_label": None, "split": None, "id": None},
        dtype=object,
    )
    joined = join_labels(samples, LabelTable(table.file, numbered), root=root).table
    return dict(zip(joined["id"], map(int, joined["label"]), strict=True))


def _needs_scores(why: str) -> str:
    return f"{why}, so the scores are needed to apply decisions. Run `dvc repro` or `dvc pull`."
