"""Columns of numbers in a log."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from cgaudit.dataset import Table
from cgaudit.dynamics.log import Floats
from cgaudit.errors import TableError
from cgaudit.wording.text import visible


def numbers(table: Table, column: str, cells: Sequence[str | None]) -> Floats:
    """Return a column's cells as numbers, NaN where they are empty: float64, shape (rows,).

    Raises
    ------
    TableError
        A cell is no number.
    """
    found = np.full(len(cells), np.nan)
    for row, cell in enumerate(cells):
        if cell is None:
            continue
        try:
            found[row] = float(cell)
        except ValueError:
            raise TableError(
                f"{table.file}: {column} is '{visible(cell)}' in row {row + 1:,}, which is no "
                "number."
            ) from None
        if math.isinf(found[row]):
            found[row] = np.nan
    return found
