"""Columns of numbers and categories, each brought to one scale."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any, ClassVar

import numpy as np
from pydantic import FiniteFloat, TypeAdapter, ValidationError

from cgaudit.dataset import SourceKind, Tally, is_missing, number_in, unit_in
from cgaudit.errors import FeaturizerError
from cgaudit.featurize.base import Featurizer, FitData, State
from cgaudit.reading.files import Damage
from cgaudit.reading.text import json_of
from cgaudit.results.reading import CATEGORY, NUMBER, ColumnReading
from cgaudit.wording.text import shown, visible

Row = Mapping[str, str | None]


@dataclass(frozen=True)
class TabularOptions:
    """What the vectors are made of.

    Attributes
    ----------
    rare
        A category that fewer rows have, when fitting, counts as one with all others like it.
    clip
        Numbers further than this from the mean, in standard deviations, are moved there.
    """

    rare: int = 5
    clip: float = 5.0

    def __post_init__(self) -> None:
        if self.rare < 1 or self.clip <= 0:
            raise ValueError("rare must be at least 1, clip above 0")


@dataclass(frozen=True)
class NumberColumn:
    """A column of numbers, standardised; 0 where the value is missing.

    Attributes
    ----------
    name
        Of the column.
    mean, scale
        Of the values seen; scale is 1 / standard deviation, 0 where all are equal.
    missing
        The share of rows without a number; where there are any, one more number says which.
    decimal_comma
        Numbers are written like 1.234,5.
    """

    name: str
    mean: FiniteFloat
    scale: FiniteFloat
    missing: FiniteFloat
    decimal_comma: bool = False

    def value(self, cell: str | None) -> float | None:
        """Return the number in a cell, None where there is none."""
        return None if cell is None else number_in(cell, decimal_comma=self.decimal_comma)


@dataclass(frozen=True)
class CategoryColumn:
    """A column of categories: a number each, one for all rare or unseen, one for missing.

    Attributes
    ----------
    name
        Of the column.
    categories
        Those that are not rare, sorted.
    shares
        The part of the rows that each of the numbers stands for; they add up to 1.
    """

    name: str
    categories: tuple[str, ...]
    shares: tuple[FiniteFloat, ...]


Column = NumberColumn | CategoryColumn


class Tabular(Featurizer[Row, np.ndarray]):
    """Standardised numbers, weighted one-hot categories, and a constant.

    Every column has the variance 1, however many categories it has. The constant, as long as a
    typical row of the others, keeps the rows' length in their direction, which is all that the
    kernel sees: 5 in relation to 2 is not 50 in relation to 20.

    The state: ``columns``, JSON as bytes.
    """

    name: ClassVar[str] = "tabular"
    accepts: ClassVar[tuple[SourceKind, ...]] = ("table",)
    Options: ClassVar[type] = TabularOptions
    learns: ClassVar[bool] = True
    fit_limit: ClassVar[int] = 100_000
    batch_size: ClassVar[int] = 1024

    def __init__(self, options: Mapping[str, Any] | None = None) -> None:
        super().__init__(options)
        self._read: tuple[State, list[Column]] | None = None

    def misfit(self, state: State) -> str | None:
        """Tell the JSON of columns, each with what its kind needs."""
        if state.keys() != {"columns"} or state["columns"].dtype != np.uint8:
            return f"it holds the arrays {sorted(state)} and not ['columns'], bytes"
        try:
            columns = _columns_of(state["columns"].tobytes())
        except Damage as damage:
            return f"its columns: {damage}"
        names = [column.name for column in columns]
        if not names or len(set(names)) < len(names):
            return "it names no column, or one twice"
        return next(filter(None, map(_odd, columns)), None)

    def learn(self, data: FitData, rng: np.random.Generator) -> State:
        """Learn what each column is, and its scale."""
        rows: list[Row] = list(data.map(dict))
        names = list(rows[0])
        columns = [self._column(name, [row[name] for row in rows]) for name in names]
        text = json.dumps([_facts_of(column) for column in columns], ensure_ascii=False)
        return {"columns": np.frombuffer(text.encode(), np.uint8)}

    def prepare(self, payload: Row) -> np.ndarray:
        """Return the vector of a row: (d,) float32.

        Raises
        ------
        FeaturizerError
            The row lacks a column that the state was fitted with, or has one more.
        """
        columns = self._columns()
        if payload.keys() != {column.name for column in columns}:
            raise FeaturizerError(_other_columns(payload, columns))
        parts = [self._encoded(column, payload[column.name]) for column in columns]
        return np.concatenate([*parts, [np.sqrt(len(columns))]]).astype(np.float32)

    def transform(self, batch: Sequence[np.ndarray]) -> np.ndarray:
        """Return the vectors: (b, d) float32."""
        return np.stack(batch)

    def covered(self, payload: Row) -> float:
        """Return the share of a row's cells that keep what they say.

        Lost are numbers beyond the clip, categories that were rare or unseen at the fit, and gaps
        in columns that had none.
        """
        columns = self._columns()
        return float(np.mean([self._keeps(column, payload[column.name]) for column in columns]))

    def _columns(self) -> list[Column]:
        state = self.state
        if self._read is None or self._read[0] is not state:
            self._read = (state, _columns_of(state["columns"].tobytes()))
        return self._read[1]

    def readings(self, data: FitData) -> list[ColumnReading]:
        """Return how each column was read, by the fitted state, over all rows."""
        counts = [_Count(column) for column in self._columns()]
        for row in data.map(dict):
            for count in counts:
                count.add(row[count.column.name])
        return [count.reading() for count in counts]

    def _column(self, name: str, cells: Sequence[str | None]) -> Column:
        """Learn one column: numbers, or categories where that loses fewer cells."""
        counts = Counter(cells)
        empty = counts.pop(None, 0)
        kept = sorted((cell, n) for cell, n in counts.items() if cell and n >= self.options.rare)
        tally = Tally()
        tally.add(cells)
        if tally.is_number(sum(n for cell, n in kept if not is_missing(cell))):
            return _number_column(name, cells, decimal_comma=tally.decimal_comma)
        numbers = np.array([n for _, n in kept] + [0, empty]) / len(cells)
        numbers[-2] = max(0.0, 1 - numbers.sum())
        return CategoryColumn(name, tuple(cell for cell, _ in kept), tuple(numbers.tolist()))

    def _encoded(self, column: Column, cell: str | None) -> np.ndarray:
        if isinstance(column, NumberColumn):
            return self._number(column, cell)
        known = cell in column.categories
        at = column.categories.index(cell) if known else len(column.categories) + (cell is None)
        return _one_hot(at, np.array(column.shares))

    def _keeps(self, column: Column, cell: str | None) -> bool:
        if isinstance(column, CategoryColumn):
            return cell in column.categories or (cell is None and column.shares[-1] > 0)
        value = column.value(cell)
        if value is None:
            return column.missing > 0
        if not column.scale:
            return math.isclose(value, column.mean)
        return bool(abs((value - column.mean) * column.scale) <= self.options.clip)

    def _number(self, column: NumberColumn, cell: str | None) -> np.ndarray:
        value = column.value(cell)
        scaled = 0.0 if value is None else (value - column.mean) * column.scale
        number = np.array([np.clip(scaled, -self.options.clip, self.options.clip)])
        if not column.missing:
            return number
        return np.append(
            number, _one_hot(int(value is None), np.array([1 - column.missing, column.missing]))
        )


class _Count:
    """Counts what became of the cells of one column."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self._rows = self._missing = self._unread = 0
        self._example = ""
        self._units: set[str] = set()
        self._known = frozenset(getattr(column, "categories", ()))

    def add(self, cell: str | None) -> None:
        self._rows += 1
        numbers = isinstance(self.column, NumberColumn)
        if cell is None or (numbers and is_missing(cell)):
            self._missing += 1
        elif isinstance(self.column, CategoryColumn):
            self._unread += cell not in self._known
        elif self.column.value(cell) is None:
            self._example = self._example if self._unread else cell
            self._unread += 1
        else:
            self._units.add(unit_in(cell))

    def reading(self) -> ColumnReading:
        column = self.column
        nothing = not self._read_apart()
        found = ColumnReading(
            column.name,
            CATEGORY,
            self._rows,
            self._missing,
            self._unread,
            len(self._known),
            nothing,
        )
        if isinstance(column, CategoryColumn):
            return found
        comma = "with a decimal comma" if column.decimal_comma else ""
        units = f"in more than one unit ({shown(sorted(self._units))})"
        why = ", ".join(filter(None, [comma, units if len(self._units) > 1 else ""]))
        return replace(found, read_as=NUMBER, example=visible(self._example), why=why)

    def _read_apart(self) -> bool:
        """Tell whether two rows may get different numbers."""
        if isinstance(self.column, NumberColumn):
            return self.column.scale > 0 or 0 < self.column.missing < 1
        return max(self.column.shares) < 1


def _number_column(name: str, cells: Sequence[str | None], *, decimal_comma: bool) -> NumberColumn:
    column = NumberColumn(name, 0.0, 0.0, 0.0, decimal_comma)
    found = [value for value in map(column.value, cells) if value is not None]
    numbers = np.array(found, dtype=np.float64)
    spread = float(numbers.std())
    scale = 1 / spread if spread > 1e-12 * float(np.abs(numbers).max()) else 0.0
    missing = 1 - len(found) / len(cells)
    return replace(column, mean=float(numbers.mean()), scale=scale, missing=missing)


def _facts_of(column: Column) -> dict[str, Any]:
    """Return a column as plain values; a decimal comma where it has one."""
    facts = asdict(column)
    if not facts.get("decimal_comma"):
        facts.pop("decimal_comma", None)
    return facts


def _one_hot(at: int, shares: np.ndarray) -> np.ndarray:
    """Return a one-hot row, centred, and scaled so that its variances add up to 1."""
    variance = float((shares - shares**2).sum())
    if variance < 1e-12:
        return np.zeros(len(shares))
    row: np.ndarray = ((np.arange(len(shares)) == at) - shares) / np.sqrt(variance)
    return row


def _columns_of(data: bytes) -> list[Column]:
    """Return the columns that a state describes; Damage where it describes none."""
    try:
        return _as_columns().validate_python(json_of(data))
    except ValidationError as error:
        detail = error.errors()[0]
        where = ".".join(map(str, detail["loc"]))
        raise Damage(f"{where}: {detail['msg'].lower()}") from None


@cache
def _as_columns() -> TypeAdapter[list[Column]]:
    return TypeAdapter(list[Column])


def _odd(column: Column) -> str | None:
    """Return what a column says that none can be like, None where nothing."""
    if isinstance(column, NumberColumn):
        fine = column.scale >= 0 and 0 <= column.missing <= 1
    else:
        fine = len(column.shares) == len(column.categories) + 2
        fine = fine and all(0 <= share <= 1 for share in column.shares)
    return None if fine else f"its column {column.name!r} has shares or a scale that none can have"


def _other_columns(payload: Row, columns: Sequence[Column]) -> str:
    fitted = [column.name for column in columns]
    gone = [name for name in fitted if name not in payload]
    new = [name for name in payload if name not in fitted]
    return (
        f"The featurizer was fitted on other columns: gone since are {shown(gone)}, new are "
        f"{shown(new)}. Name the columns with feature_columns, or run `cgaudit fit --force`."
    )
