"""Where labels are written: the rows of a table, or the folders that files lie in."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import pandas as pd
import pyarrow as pa

from cgaudit.dataset import (
    ARRAY_SUFFIXES,
    Columns,
    DelimitedTable,
    LabelTable,
    Notation,
    ParquetTable,
    Table,
    choosing,
    file_md5,
    has_splits,
    is_packed,
    join_labels,
    numeric_labels,
    open_table,
    placed,
    read_labels,
)
from cgaudit.errors import DecisionError
from cgaudit.params import SourceParams, sets_of
from cgaudit.review.boxes import BoxTarget
from cgaudit.review.labelsets import SetColumn
from cgaudit.review.parquet import write_parquet
from cgaudit.review.plan import Content, Plan, Target, refuse_link
from cgaudit.review.rewrite import Changes, edited, edits_of, is_json_number, unified_diff
from cgaudit.review.transaction import Step
from cgaudit.review.verify import verify


def open_target(
    project: Path,
    source: SourceParams,
    ids: Sequence[str] | None,
    scores: pd.DataFrame | None = None,
    task: str = "classification",
) -> Target:
    """Return where the labels of a source are written.

    Parameters
    ----------
    project
        The folder that the paths in `source` start from.
    source
        The ``source`` parameters.
    ids
        Of the samples that were scored; None where there are no scores.
    scores
        The scores table itself, which says where boxes lay.
    task
        ``score.task``: what labels are.

    Raises
    ------
    DecisionError
        Labels of this kind cannot be edited, or ids are needed to tell samples apart.
    ColumnError, LabelsError
        The table of labels cannot be read.
    """
    root = project / source.path
    if source.are_boxes:
        return BoxTarget(project, source, scores)
    if source.labels is None and is_packed(root):
        raise DecisionError(
            f"{root} holds many samples in each file, whose labels cannot be edited in place. Keep "
            "the labels in a CSV file beside it (source.labels), by id."
        )
    if source.labels is None and root.is_dir():
        if task == "multilabel":
            raise DecisionError(
                f"{root} is a folder, which gives a file one label. Keep several labels a sample "
                "in a table (source.labels)."
            )
        if ids is None:
            raise DecisionError(_needs_scores("Files are told by their ids"))
        return FolderTarget(root, ids, split_folders=source.split_folders)
    file = project / (source.labels or source.path)
    if file.suffix.lower() in ARRAY_SUFFIXES:
        raise DecisionError(f"{file} cannot be edited row by row. Keep the labels in a CSV file.")
    return TableTarget(project, file, root, source, ids, task)


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
    task
        ``score.task``: what labels are.
    """

    def __init__(
        self,
        project: Path,
        file: Path,
        root: Path,
        source: SourceParams,
        ids: Sequence[str] | None,
        task: str = "classification",
    ) -> None:
        self._file = file
        refuse_link(file)
        # Before it is read: whatever is written to it from here on is not written over.
        self._was = file_md5(file) if file.is_file() else None
        self._name = Path(os.path.relpath(file, project)).as_posix()
        sets = sets_of(source, task)
        self._table = read_labels(file, Columns.of(source), sets)
        self._opened = open_table(file)
        self._column = label_column(self._opened, source.label_column)
        self._rows = _rows_by_id(self._table, root, ids)
        numbers = task == "regression"
        self._numbers = _numbers_of(self._table, self._opened, self._column) if numbers else None
        self._notation = sets
        self._sets = sets and SetColumn(self._opened, self._column, sets, self._name)

    def labels(self) -> Mapping[str, str | None]:
        """Return the label of every row, by id."""
        rows = self._table.rows
        return {identity: rows[row].label for identity, row in self._rows.items()}

    def is_done(self, identity: str, label: str, content_hash: str | None) -> bool:
        """Return False: a relabelled row keeps its id."""
        return False

    def plan(self, relabel: Mapping[str, str], drop: Collection[str]) -> Plan:
        """Return the table with new labels and without the dropped rows."""
        changes, table = self._changes(relabel, drop), self._opened
        if isinstance(table, ParquetTable):
            write = partial(write_parquet, table, self._column, changes)
            return Plan(
                f"Binary file {self._name} changes\n", {self._file: Content(write, self._was)}
            )
        data = self._file.read_bytes()
        edits = edits_of(table, data, self._column, changes)
        contents = edited(data, edits)
        diff = unified_diff(self._name, data, edits)
        return Plan(diff, {self._file: Content(lambda path: path.write_bytes(contents), self._was)})

    def verify(
        self, staged: Mapping[Path, Path], relabel: Mapping[str, str], drop: Collection[str]
    ) -> None:
        """Read the staged table with the reader that audits use, and compare typed values."""
        changes = self._changes(relabel, drop)
        verify(self._opened, staged[self._file], self._column, changes, self._name)

    def _changes(self, relabel: Mapping[str, str], drop: Collection[str]) -> Changes:
        dropped = {self._rows[identity] for identity in drop}
        if (sets := self._sets) is not None:
            rows = {self._rows[it]: label for it, label in relabel.items()}
            labels = {row: sets.written(row, label) for row, label in rows.items()}
            return Changes(labels, dropped, sets.same, self._notation)
        if self._numbers is None:
            return Changes({self._rows[it]: label for it, label in relabel.items()}, dropped)
        labels = {self._rows[it]: self._numbers.stored(label) for it, label in relabel.items()}
        return Changes(labels, dropped, self._numbers.same)


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
        moved: dict[str, str] = {}
        taken: set[str] = set()
        for path, label in relabel.items():
            target = self._free(self._relabelled(path, label), taken)
            self._refuse_place(target, label)
            moved[path] = target
            taken.add(target)
            file = self._root / path
            steps.append(Step("move", file, self._root / target, file_md5(file)))
            lines += [f"rename from {path}", f"rename to {target}"]
        for path in drop:
            steps.append(Step("remove", self._root / path, was=file_md5(self._root / path)))
            lines.append(f"delete {path}")
        self._refuse_other_reading(moved, drop)
        return Plan("".join(f"{line}\n" for line in lines), steps=steps)

    def verify(
        self, staged: Mapping[Path, Path], relabel: Mapping[str, str], drop: Collection[str]
    ) -> None:
        """Do nothing: no contents are staged."""

    def _refuse_place(self, target: str, label: str) -> None:
        """Refuse a label in whose folder no file can be put, before anything is moved."""
        where = self._root
        longest = os.pathconf(self._root, "PC_NAME_MAX")
        *folders, name = PurePosixPath(target).parts
        for part in (*folders, name):
            if len(os.fsencode(part)) > longest:
                raise DecisionError(
                    f"The label {label!r} makes the name {part!r}, which is longer than the "
                    f"{longest} bytes that a name may have here. Choose a shorter label."
                )
        for part in folders:
            where /= part
            if where.is_symlink() or (where.exists() and not where.is_dir()):
                what = "a link" if where.is_symlink() else "a file"
                raise DecisionError(
                    f"The label {label!r} has no folder to put files into: {where} is {what}. "
                    "Choose another label, or move that away."
                )

    def _refuse_other_reading(self, moved: Mapping[str, str], drop: Collection[str]) -> None:
        """Refuse moves after which the folders would be read as splits, or no longer as such."""
        after = [moved.get(path, path) for path in self.labels() if path not in drop]
        if after and has_splits(after) != self._splits:
            names = ", ".join(sorted({placed(path, self._splits).label or "" for path in moved}))
            raise DecisionError(
                f"With files in the folders of these labels ({names}), the folders of {self._root} "
                "would be read as splits where they are labels now, or as labels where they are "
                "splits. Choose other labels, or keep the labels in a table (source.labels)."
            )

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


class _Numbers(NamedTuple):
    """How a column of labels keeps numbers.

    Attributes
    ----------
    notation
        How they are written.
    table
        The table.
    single
        Whether they are floats of 32 bits or less, which hold fewer digits than are written.
    """

    notation: Notation
    table: Table
    single: bool

    def stored(self, label: str) -> str:
        """Return a number as it is put there: as it was decided, where the table keeps texts."""
        value = self.notation.read(label)
        as_decided = isinstance(self.table, DelimitedTable) or (
            not isinstance(self.table, ParquetTable) and is_json_number(label)
        )
        return label if value is None or as_decided else self.notation.write(value)

    def same(self, a: str | None, b: str | None) -> bool:
        """Tell whether two labels are one, or write one number."""
        return self.notation.same(a, b, single=self.single)


def _numbers_of(labels: LabelTable, table: Table, column: str) -> _Numbers:
    notation = numeric_labels([row.label for row in labels.rows]).notation
    type_ = table.schema.field(column).type if isinstance(table, ParquetTable) else None
    single = type_ is not None and (pa.types.is_float32(type_) or pa.types.is_float16(type_))
    return _Numbers(notation, table, single)


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


def label_column(table: Table, named: str | None) -> str:
    """Return the column that `read_labels` took the labels from."""
    # It found one, or it would have raised.
    return choosing(table, table.file.name, [])("label", named) or ""


def _needs_scores(why: str) -> str:
    return (
        f"{why}, so the scores are needed to apply decisions. Run `dvc repro` or `dvc pull` "
        "(without DVC `cgaudit run`), or "
        "name the folder that `cgaudit audit` wrote (--audit)."
    )
