"""A table of another tool: an id and columns of numbers."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cgaudit.dataset import choose_column, is_missing, open_table
from cgaudit.errors import ColumnError, InputError, TableError
from cgaudit.wording.text import shown, visible


class Read(NamedTuple):
    """What a table holds.

    Attributes
    ----------
    ids
        Of its rows, no two the same.
    values
        The columns of numbers, float64, shape (rows,); NaN where a cell is empty or not finite.
    n_infinite
        Cells that hold no finite number, taken as empty.
    n_nameless
        Rows without an id, left out.
    left_out
        Columns that hold no numbers.
    notes
        What was guessed.
    """

    ids: list[str]
    values: dict[str, npt.NDArray[np.float64]]
    n_infinite: int
    n_nameless: int
    left_out: list[str]
    notes: list[str]


def read_values(path: Path, id_column: str | None = None) -> Read:
    """Read a table (CSV, TSV, Parquet, JSON lines) of an id and columns of numbers.

    Parameters
    ----------
    path
        The table.
    id_column
        The column of ids; the one that is called like one where None.

    Raises
    ------
    InputError
        There is no such file.
    ColumnError
        It has no column of ids.
    TableError
        It is no table, an id comes twice, or no column holds numbers.
    """
    if not path.exists():
        raise InputError(f"There is no {path}. Name the table that the other tool wrote.")
    table = open_table(path)
    notes: list[str] = []
    key = choose_column(path, "id", id_column, table.columns, notes)
    if key is None:
        raise ColumnError(path, "id", "id", table.columns)
    others = [name for name in table.columns if name != key]
    names, *cells = table.texts(key, *others)
    kept = [row for row, name in enumerate(names) if name]
    ids = [names[row] or "" for row in kept]
    if len(set(ids)) < len(ids):
        twice = Counter(ids).most_common(1)[0][0]
        raise TableError(
            f"{path}: the id '{visible(twice)}' comes twice in column '{visible(key)}'. Keep one "
            "row a sample, or name the column of ids with --id-column."
        )
    columns = {
        name: _numbers([column[row] for row in kept])
        for name, column in zip(others, cells, strict=True)
    }
    values = {name: found for name, found in columns.items() if found is not None}
    if not values:
        raise TableError(
            f"{path} has no column of numbers beside its ids: it has {shown(table.columns)}. Write "
            "one number a sample and column."
        )
    infinite = sum(int(np.isinf(found).sum()) for found in values.values())
    return Read(
        ids,
        {name: np.where(np.isinf(found), np.nan, found) for name, found in values.items()},
        infinite,
        len(names) - len(kept),
        [name for name, found in columns.items() if found is None],
        notes,
    )


def _numbers(cells: list[str | None]) -> npt.NDArray[np.float64] | None:
    """Return cells as numbers, NaN where they are empty; None where they are none."""
    try:
        found = np.array(
            [math.nan if cell is None or is_missing(cell) else float(cell) for cell in cells]
        )
    except ValueError:
        return None
    return None if np.isnan(found).all() else found
