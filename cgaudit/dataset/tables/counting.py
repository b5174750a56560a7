"""Columns that number the rows: an index that was saved with a table says nothing of a sample."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np

from cgaudit.dataset.tables.table import Table

#: What pandas and R call the index that they save; also a header without a name.
_UNNAMED = re.compile(
    r"(unnamed: \d+(_level_\d+)?|__index_level_\d+__|level_\d+|rownames)?", re.IGNORECASE
)
#: How names of columns end that tell samples apart: ``patient_id``, ``PatientID``, ``Case No``.
_NAMES_SAMPLES = re.compile(
    r"(?:^|[\W_])(?:id|ids|uid|uuid|guid|key|number|no|nr|"
    r"patient|subject|participant|person|customer|user|account|record|case|serial|mrn)$",
    re.IGNORECASE,
)
_CAMEL_ID = re.compile(r"[a-z](?:Id|ID|Number|No|Nr|Key)$")
_WHOLE = re.compile(r"-?\d{1,15}(\.0*)?", re.ASCII)

#: In a table of fewer rows, numbers that are all different are no sign of anything.
_FEWEST = 20
#: So many rows are looked at before a whole column is read.
_HEAD = 200
#: So much of its range a column of row numbers fills: rows may have been dropped since.
_DENSE = 0.5
#: In any order, it takes more than that.
_DENSE_UNSORTED = 0.9


def index_columns(table: Table, names: Iterable[str]) -> dict[str, str]:
    """Return the columns that look like an index of the rows, and why each does.

    Parameters
    ----------
    table
        The table.
    names
        The columns that are looked at.
    """
    found = {}
    for name in names:
        if _UNNAMED.fullmatch(name.strip()):
            found[name] = "an index by its name, or by having none"
        elif table.holds(name) == "number" and _counts(table, name):
            found[name] = "it numbers the rows, like an index"
    return found


def sample_names(table: Table, names: Sequence[str]) -> Iterator[str]:
    """Yield the columns whose name and values both say that they tell samples apart."""
    for name in names:
        says = _NAMES_SAMPLES.search(name.strip()) or _CAMEL_ID.search(name.strip())
        if says and all_differ(table, name):
            yield name


def all_differ(table: Table, name: str) -> bool:
    """Tell whether no value of a column comes twice, and none is missing, in rows enough to say."""
    cells = _head(table, name)
    if len(cells) < _FEWEST or len(set(cells)) < len(cells):
        return False
    (whole,) = table.texts(name)
    return None not in whole and len(set(whole)) == len(whole)


def repeats(cells: Sequence[str | None]) -> int:
    """Return how many of the cells that hold something hold what another one before does."""
    held = [cell for cell in cells if cell is not None]
    return len(held) - len(set(held))


def _head(table: Table, name: str) -> list[str]:
    return [str(value) for (value,) in islice(table.rows([name]), _HEAD)]


def _counts(table: Table, name: str) -> bool:
    head = _whole_numbers(_head(table, name))
    if head is None or len(head) < _FEWEST or len(np.unique(head)) < len(head):
        return False
    (cells,) = table.texts(name)
    numbers = _whole_numbers(cells)
    if numbers is None or len(np.unique(numbers)) < len(numbers):
        return False
    filled = len(numbers) / (float(numbers.max()) - float(numbers.min()) + 1)
    return filled >= (_DENSE if bool((np.diff(numbers) > 0).all()) else _DENSE_UNSORTED)


def _whole_numbers(cells: Sequence[str | None]) -> np.ndarray | None:
    """Return cells as int64, None where one is no whole number."""
    if not all(cell is not None and _WHOLE.fullmatch(cell) for cell in cells):
        return None
    return np.array([int(str(cell).partition(".")[0]) for cell in cells], dtype=np.int64)
