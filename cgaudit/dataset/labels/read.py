"""The labels that a table or an array of their own holds, as they are written there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from cgaudit.dataset.tables import (
    ARRAY_SUFFIXES,
    LABEL_NAMES,
    Cells,
    array_as_text,
    choosing,
    first_named,
    load_arrays,
    open_table,
)
from cgaudit.errors import ColumnError, LabelsError
from cgaudit.params import SourceParams
from cgaudit.wording.labelsets import SetNotation
from cgaudit.wording.text import shown


class Columns(NamedTuple):
    """The columns that the user named; None is guessed."""

    id: str | None = None
    label: str | None = None
    image: str | None = None

    @classmethod
    def of(cls, params: SourceParams) -> Columns:
        """Return the column names of the ``source`` parameters."""
        return cls(params.id_column, params.label_column, params.image_column)


class LabelRow(NamedTuple):
    """One row of a labels table; an empty cell is None."""

    id: str | None
    path: str | None
    label: str | None


@dataclass(frozen=True)
class LabelTable:
    """A labels table as it was written.

    Attributes
    ----------
    file
        Where it was read from.
    rows
        In the file's order; row 1 is the first below the header.
    notes
        What was guessed.
    """

    file: Path
    rows: Sequence[LabelRow]
    notes: list[str] = field(default_factory=list)


def read_labels(
    path: Path, columns: Columns | None = None, sets: SetNotation | None = None
) -> LabelTable:
    """Read a table of labels; ids, paths and labels stay the text that they are.

    Parameters
    ----------
    path
        CSV, TSV, Parquet or JSON lines with a label column, and an id or image column unless the
        rows are in the source's order; or ``.npy`` / ``.npz`` with one label per row.
    columns
        Names of the columns; those that are None are guessed (`tables.roles.CANDIDATES`).
    sets
        How several labels are written, which then are one text (`cgaudit.wording.labelsets`); None
        where a sample has one.

    Raises
    ------
    ColumnError
        A named column is missing, or no column looks like labels.
    LabelsError
        The file is missing, has no rows, or is an array that holds no labels; a cell holds no set
        of labels.
    TableError
        It is damaged.
    """
    columns = columns or Columns()
    if not path.is_file():
        raise LabelsError(f"{path} does not exist. Check the path of the labels (source.labels).")
    if path.suffix.lower() in ARRAY_SUFFIXES:
        if sets is not None:
            raise LabelsError(
                f"{path} is an array, which has one label a row. Keep several labels a sample in a "
                "table: CSV, JSON lines or Parquet (source.labels)."
            )
        labels = _from_arrays(path)
        return LabelTable(path, [LabelRow(None, None, label) for label in labels])
    table = open_table(path)
    if not len(table):
        raise LabelsError(f"{path} has a header but no rows.")
    notes: list[str] = []
    chosen = choosing(table, path.name, notes)
    label = chosen("label", columns.label)
    if label is None:
        raise ColumnError(path, "label", None, table.columns)
    identity, image = chosen("id", columns.id), chosen("image", columns.image)
    if image is not None and table.holds(image) == "image":
        # The pictures themselves, not where they lie: gigabytes, of which nothing is a path.
        image = None
    used = [name for name in (identity, image) if name is not None]
    cells = dict(zip(used, table.texts(*used), strict=True)) if used else {}
    labels = table.labels(label, notes) if sets is None else table.label_sets(label, sets, notes)
    nothing: Cells = [None] * len(table)
    ids = cells[identity] if identity else nothing
    paths = cells[image] if image else nothing
    return LabelTable(path, list(map(LabelRow, ids, paths, labels)), notes)


def _from_arrays(path: Path) -> Cells:
    """Return the labels in an ``.npy``, or an ``.npz`` with one of `LABEL_NAMES`, as text."""
    arrays = load_arrays(path)
    name = "" if "" in arrays else first_named(arrays, LABEL_NAMES)
    if name is None:
        raise LabelsError(
            f"{path} holds no labels: its arrays are {shown(arrays)}; "
            f"labels are called {shown(LABEL_NAMES)}."
        )
    return array_as_text(arrays[name], str(path))
