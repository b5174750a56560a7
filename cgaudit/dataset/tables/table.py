"""A table in a file, read a row at a time, whatever its format."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from cgaudit.dataset.tables.cells import Cells, Number, Value, as_text, is_number
from cgaudit.dataset.tables.sets import listed_sets
from cgaudit.dataset.tables.vectors import flat, stacked, vector_in
from cgaudit.errors import TableError
from cgaudit.wording.labelsets import SetNotation

#: Some cells of a column; an array where they are known to be numbers.
Block = Sequence[Value] | np.ndarray

#: What a column holds, as far as its use is concerned.
Holding = Literal["text", "number", "vector", "image", "other"]

_LOOKED_AT = 1000
_VECTORS_AT_ONCE = 1024
#: The rows of a block. Their cells stay in the processor's cache; of 4096 rows they do not, and a
#: CSV of 50 columns took three times as long.
ROWS_AT_ONCE = 128


class Table(ABC):
    """A table in a file.

    Attributes
    ----------
    file
        The file.
    columns
        The column names, in the file's order; no two are the same.
    """

    file: Path
    columns: Sequence[str]
    #: Whether a whole number in it is known from the text of one.
    typed: ClassVar[bool] = True

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of rows."""

    @abstractmethod
    def rows(self, columns: Sequence[str], start: int = 0) -> Iterator[tuple[Value, ...]]:
        """Yield each row's cells of these columns; an empty cell is None.

        Parameters
        ----------
        columns
            Some of `columns`.
        start
            The first row to yield, counted from 0; to get there costs no reading of all before it.

        Raises
        ------
        TableError
            A cell's bytes are no UTF-8 text.
        """

    def blocks(self, columns: Sequence[str]) -> Iterator[Sequence[Block]]:
        """Yield the cells of some rows at a time, by column; an empty cell is None, or NaN."""
        rows = self.rows(columns)
        while block := list(islice(rows, ROWS_AT_ONCE)):
            yield list(zip(*block, strict=True))

    def texts(self, *columns: str) -> list[Cells]:
        """Return whole columns as text, None where a cell is empty, in one reading.

        Raises
        ------
        TableError
            A column holds lists, pictures or the like.
        """
        cells = [tuple(map(self._plain, row)) for row in self.rows(columns)]
        return [list(column) for column in zip(*cells, strict=True)] or [[] for _ in columns]

    def labels(self, column: str, notes: list[str]) -> Cells:
        """Return a column of labels as text, None where there is none.

        Parameters
        ----------
        column
            The column.
        notes
            What is to be said of how they were read is added here.

        Raises
        ------
        TableError
            As `texts`.
        """
        (cells,) = self.texts(column)
        return cells

    def label_values(self, column: str) -> Iterator[Value]:
        """Yield the cells of a column of labels; what stands for a name, as that name."""
        return (value for (value,) in self.rows([column]))

    def label_sets(self, column: str, notation: SetNotation, notes: list[str]) -> Cells:
        """Return a column of labels, several a cell, as sets are written; None where it is empty.

        Parameters
        ----------
        column
            The column.
        notation
            How it writes several labels.
        notes
            What is to be said of how they were read is added here.

        Raises
        ------
        LabelsError
            A cell holds something else than labels.
        """
        return listed_sets(self.label_values(column), notation, column, self.file, notes)

    def lists_labels(self, column: str) -> bool:
        """Tell whether the first cells of a column are lists that `labels` can read."""
        return False

    def holds(self, column: str) -> Holding:
        """Return what the first rows of a column hold; text where they are all empty."""
        kinds = {_kind(value, self.typed) for value in self.head(column, _LOOKED_AT)}
        if kinds <= {"number"} and kinds:
            return "number"
        if kinds <= {"number", "text"}:
            return "text"
        return kinds.pop() if len(kinds) == 1 else "other"

    def head(self, column: str, most: int) -> Iterator[Value]:
        """Yield the first cells of a column that are not empty, of at most `most` rows.

        One by one: a thousand cells may be a thousand pictures.
        """
        cells = (value for (value,) in islice(self.rows([column]), most))
        return (value for value in cells if value is not None)

    def vectors(self, column: str) -> Iterator[tuple[int, np.ndarray]]:
        """Yield (number of the first row, rows of shape (b, d)) through a column of vectors.

        Raises
        ------
        FeatureError
            A cell is no list of numbers, or of another length than the others beside it.
        """
        rows = (value for (value,) in self.rows([column]))
        start = 0
        while batch := list(islice(rows, _VECTORS_AT_ONCE)):
            yield start, stacked(batch, start, f"{self.file}, column {column!r}")
            start += len(batch)

    def _plain(self, value: Value) -> str | None:
        return as_text(value, self.file)


def refuse_repeats(path: Path, columns: Sequence[str]) -> None:
    """Raise TableError where two columns have one name."""
    repeated = [name for name, count in Counter(columns).items() if count > 1]
    if repeated:
        raise TableError(f"{path}: more than one column is called {repeated[0]!r}. Rename one.")


def _kind(value: Value, typed: bool) -> Holding:
    if isinstance(value, list):
        value = flat(value)
    if isinstance(value, Number) or (not typed and isinstance(value, str) and is_number(value)):
        return "number"
    if isinstance(value, str) and vector_in(value) is not None:
        return "vector"
    if isinstance(value, str | bool):
        return "text"
    if isinstance(value, list) and value and all(isinstance(item, Number) for item in value):
        return "vector"
    return "other"
