"""Whole columns of a table as arrays: numbers where every cell is one, categories elsewhere."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cgaudit.dataset.tables.cells import Number, as_text, is_missing, is_number
from cgaudit.dataset.tables.table import Block, Table

#: Cells that are held at once, 8 bytes each at most; a table of more is read more than once.
_CELLS = 1 << 26
#: A column of more categories is a name or a text: none of them is usual anywhere.
_MOST_CATEGORIES = 10_000
#: Cells that NumPy can make floats of; it would also make one of a bool.
_PLAIN = frozenset({str, Number, float, int, type(None)})


class Numbers(NamedTuple):
    """A column of numbers.

    Attributes
    ----------
    name
        Of the column.
    values
        (n,); NaN where a cell is empty or says that it has no value.
    """

    name: str
    values: npt.NDArray[np.float64]


class Categories(NamedTuple):
    """A column of categories.

    Attributes
    ----------
    name
        Of the column.
    codes
        (n,), indices of `categories`; −1 where a cell is empty.
    categories
        In the order of their first row.
    """

    name: str
    codes: npt.NDArray[np.int32]
    categories: Sequence[str]


Column = Numbers | Categories


def read_columns(table: Table, names: Sequence[str]) -> Iterator[Column]:
    """Yield columns one by one, in the order of `names`, without those of too many categories.

    Memory stays bounded however wide the table is, if the caller keeps none of them.
    """
    width = max(1, _CELLS // max(len(table), 1))
    for start in range(0, len(names), width):
        yield from _read(table, names[start : start + width])


class _Numbers:
    """Reads a column as numbers; fails at the first cell that is none."""

    def __init__(self, name: str, n: int) -> None:
        self._name = name
        self._values = np.empty(n)
        self.failed = False

    def add(self, start: int, cells: Block) -> None:
        values = _floats(cells)
        if values is None:
            self.failed = True
        else:
            self._values[start : start + len(values)] = values

    def column(self) -> Column:
        return Numbers(self._name, self._values)


class _Categories:
    """Reads a column as categories; fails where there are too many."""

    def __init__(self, name: str, n: int) -> None:
        self._name = name
        self._codes = np.empty(n, dtype=np.int32)
        self._known: dict[str | None, int] = {None: -1}
        self.failed = False

    def add(self, start: int, cells: Block) -> None:
        known = self._known
        if isinstance(cells, np.ndarray):
            cells = cells.tolist()
        # None is known as well, so the next code is one less than what is known.
        codes = [known.setdefault(as_text(cell, self._name), len(known) - 1) for cell in cells]
        self._codes[start : start + len(codes)] = codes
        self.failed = len(known) > _MOST_CATEGORIES

    def column(self) -> Column:
        return Categories(self._name, self._codes, [name for name in self._known if name])


def _read(table: Table, names: Sequence[str]) -> list[Column]:
    """Read columns in one go, and once more those that only began like numbers."""
    n = len(table)
    head = next(table.blocks(names))
    kinds = [_Categories if _floats(cells) is None else _Numbers for cells in head]
    readers = {name: kind(name, n) for name, kind in zip(names, kinds, strict=True)}
    _fill(table, readers)
    again = {
        name: _Categories(name, n)
        for name, reader in readers.items()
        if reader.failed and isinstance(reader, _Numbers)
    }
    _fill(table, again)
    readers |= again
    return [reader.column() for reader in readers.values() if not reader.failed]


def _fill(table: Table, readers: Mapping[str, _Numbers | _Categories]) -> None:
    start = 0
    for block in table.blocks(list(readers)) if readers else ():
        for reader, cells in zip(readers.values(), block, strict=True):
            if not reader.failed:
                reader.add(start, cells)
        start += len(block[0])


def _floats(cells: Block) -> npt.NDArray[np.float64] | None:
    """Return cells as floats, NaN where they are missing; None where one is something else."""
    values = _floats_at_once(cells)
    if values is None:
        return _floats_of_texts([as_text(cell, "") for cell in cells])
    return None if np.isinf(values).any() else values


def _floats_at_once(cells: Block) -> npt.NDArray[np.float64] | None:
    """Return cells as floats where NumPy can tell; far faster than to look at each."""
    if isinstance(cells, np.ndarray):
        return cells.astype(np.float64)
    if not set(map(type, cells)) <= _PLAIN:
        return None
    try:
        return np.array([math.nan if c is None else c for c in cells], object).astype(np.float64)
    except ValueError:
        return None


def _floats_of_texts(cells: Sequence[str | None]) -> npt.NDArray[np.float64] | None:
    missing = [cell is None or is_missing(cell) for cell in cells]
    if not all(gone or is_number(cell or "") for cell, gone in zip(cells, missing, strict=True)):
        return None
    parts = zip(cells, missing, strict=True)
    return np.array([math.nan if gone else float(cell or "") for cell, gone in parts])
