"""AUM's CSV: the area under the margin of each sample."""

from __future__ import annotations

import numpy as np

from cgaudit.dataset import Table
from cgaudit.dynamics.formats.numbers import numbers
from cgaudit.dynamics.log import Log
from cgaudit.errors import TableError

AUM_COLUMNS = ("sample_id", "aum")


def read_aum(table: Table) -> Log:
    """Read ``aum_values.csv`` as github.com/asappresearch/aum writes it: sample_id, aum.

    Raises
    ------
    TableError
        A cell is no number, or a sample comes twice.
    """
    ids, cells = table.texts(*AUM_COLUMNS)
    names = [name or "" for name in ids]
    if len(set(names)) < len(names):
        raise TableError(f"{table.file}: a sample_id comes twice. Keep one row a sample.")
    nothing = np.empty((len(names), 0))
    aum = numbers(table, "aum", cells)
    return Log("AUM's table", names, [], nothing, nothing, nothing, aum)
