"""Whole columns of a table as arrays: numbers where every cell is one, categories elsewhere."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cgaudit.dataset.tables.cells import Number, as_text, is_missing
from cgaudit.dataset.tables.numerals import Tally, number_in
from cgaudit.dataset.tables.table import Block, Table

#: Cells that are held at once, 8 bytes each at most; a table of more is read more than once.
_CELLS = 1 << 26
#: A column of more categories is a name or a text: none of them is usual anywhere.
_MOST_CATEGORIES = 10_000
#: A category that fewer rows have says nothing.
RARE = 5
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
    """Reads a column as numbers; fails at the first cell that is none, unless they are to be gaps.

    Parameters
    ----------
    gaps
        Cells that are no numbers are missing.
    """

    def __init__(self, name: str, n: int, *, gaps: bool = False, comma: bool = False) -> None:
        self._name = name
        self._values = np.empty(n)
        self._gaps = gaps
        self._comma = comma
        self.failed = False

    def add(self, start: int, cells: Block) -> None:
        values = _floats(cells) if not self._gaps else self._read(cells)
        if values is None:
            self.failed = True
        else:
            self._values[start : start + len(values)] = values

    def column(self) -> Column:
        return Numbers(self._name, self._values)

    def _read(self, cells: Block) -> npt.NDArray[np.float64]:
        texts = _texts(cells, self._name)
        found = (None if c is None else number_in(c, decimal_comma=self._comma) for c in texts)
        return np.array([math.nan if value is None else value for value in found])


class _Categories:
    """Reads a column as categories, and finds out whether they are numbers; fails where too many.

    A column that fails, or whose cells are numbers but for a few, is none of categories.
    """

    def __init__(self, name: str, n: int) -> None:
        self._name = name
        self._codes = np.empty(n, dtype=np.int32)
        self._known: dict[str | None, int] = {None: -1}
        self._tally = Tally()
        self.failed = False

    def add(self, start: int, cells: Block) -> None:
        texts = _texts(cells, self._name)
        self._tally.add(texts)
        if self.failed:
            return
        known = self._known
        # None is known as well, so the next code is one less than what is known.
        codes = [known.setdefault(cell, len(known) - 1) for cell in texts]
        self._codes[start : start + len(codes)] = codes
        self.failed = len(known) > _MOST_CATEGORIES

    def as_numbers(self) -> _Numbers | None:
        """Return the reader of its numbers, None where it holds categories."""
        usual = np.bincount(self._codes[self._codes >= 0]) if not self.failed else np.zeros(0, int)
        if not self._tally.is_number(int(usual[usual >= RARE].sum())):
            return None
        comma = self._tally.decimal_comma
        return _Numbers(self._name, len(self._codes), gaps=True, comma=comma)

    def column(self) -> Column:
        return Categories(self._name, self._codes, [name for name in self._known if name])


def _read(table: Table, names: Sequence[str]) -> list[Column]:
    """Read columns in one go, and once more those that only began like numbers, or end as such."""
    n = len(table)
    head = next(table.blocks(names))
    readers: dict[str, _Categories | _Numbers] = {
        name: (_Categories if _floats(cells) is None else _Numbers)(name, n)
        for name, cells in zip(names, head, strict=True)
    }
    _fill(table, readers)
    again = {
        name: _Categories(name, n)
        for name, reader in readers.items()
        if reader.failed and isinstance(reader, _Numbers)
    }
    _fill(table, again)
    readers |= again
    numbers = {
        name: found
        for name, reader in readers.items()
        if isinstance(reader, _Categories) and (found := reader.as_numbers()) is not None
    }
    _fill(table, numbers)
    readers |= numbers
    return [reader.column() for reader in readers.values() if not reader.failed]


def _fill(table: Table, readers: Mapping[str, _Numbers | _Categories]) -> None:
    start = 0
    for block in table.blocks(list(readers)) if readers else ():
        for reader, cells in zip(readers.values(), block, strict=True):
            if isinstance(reader, _Categories) or not reader.failed:
                reader.add(start, cells)
        start += len(block[0])


def _texts(cells: Block, where: str) -> list[str | None]:
    if isinstance(cells, np.ndarray):
        cells = cells.tolist()
    return [as_text(cell, where) for cell in cells]


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
    said = [None if cell is None or is_missing(cell) else cell for cell in cells]
    values = [math.nan if cell is None else number_in(cell) for cell in said]
    return None if None in values else np.array(values, dtype=np.float64)
