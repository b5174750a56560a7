"""Tables in files, read a row at a time; every cell can be had as the text that it is."""

from __future__ import annotations

import json
import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from cgaudit.errors import ColumnError, FeatureError, TableError

Cells = list[str | None]

#: What a cell may be: text, `Number`, or what Parquet and JSON hold besides.
Value = Any

#: Some cells of a column; an array where they are known to be numbers.
Block = Sequence[Value] | np.ndarray

#: What a column holds, as far as its use is concerned.
Holding = Literal["text", "number", "vector", "image", "other"]

CANDIDATES: dict[str, tuple[str, ...]] = {
    "id": ("id", "sample_id", "uid", "uuid", "guid", "image_id", "example_id", "key", "index"),
    "label": (
        *("label", "labels", "given_label", "class", "class_name", "category"),
        *("target", "y", "intent", "annotation"),
    ),
    "split": ("split", "subset", "partition"),
    "image": (
        *("path", "image", "image_path", "file", "filename", "file_name", "filepath"),
        *("file_path", "img", "img_path", "image_file", "relpath"),
    ),
    "embedding": ("embedding", "embeddings", "features", "feature", "vector", "vectors"),
    "text": (
        *("text", "sentence", "utterance", "document", "question", "query", "content", "message"),
        *("review", "comment", "tweet", "body", "description", "prompt", "input", "title"),
    ),
}
"""Column names that a guess accepts, best first, in any case."""

#: How tables write "no value", besides an empty cell, in any case.
MISSING = frozenset({"na", "n/a", "nan", "null", "none", "?", "-"})

#: Numbers are shown with so many significant digits.
DIGITS = 4

_DELIMITERS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
_JSON_LINES = (".jsonl", ".ndjson")
_PARQUET = (".parquet", ".pq")
TABLE_SUFFIXES = (*_DELIMITERS, *_PARQUET, *_JSON_LINES)

_LOOKED_AT = 1000
_VECTORS_AT_ONCE = 1024
#: The rows of a block. Their cells stay in the processor's cache; of 4096 rows they do not, and a
#: CSV of 50 columns took three times as long.
ROWS_AT_ONCE = 128


class Number(str):
    """A number as it was written in a file; text otherwise."""

    __slots__ = ()


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

    def holds(self, column: str) -> Holding:
        """Return what the first rows of a column hold; text where they are all empty."""
        head = [value for (value,) in islice(self.rows([column]), _LOOKED_AT) if value is not None]
        kinds = {_kind(value, self.typed) for value in head}
        if kinds <= {"number"} and kinds:
            return "number"
        if kinds <= {"number", "text"}:
            return "text"
        return kinds.pop() if len(kinds) == 1 else "other"

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
            yield start, _stacked(batch, start, f"{self.file}, column {column!r}")
            start += len(batch)

    def _plain(self, value: Value) -> str | None:
        return as_text(value, self.file)


def as_text(value: Value, where: object) -> str | None:
    """Return a cell as text; None where it is empty, NaN or nothing.

    Raises
    ------
    TableError
        The cell holds bytes that are no UTF-8 text.
    """
    if value is None or isinstance(value, str):
        return well_formed(value) if value else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return None if math.isnan(value) else repr(value)
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8") or None
        except UnicodeDecodeError:
            raise TableError(f"{where} holds bytes where text is needed.") from None
    if isinstance(value, list | dict):
        return well_formed(json.dumps(value, ensure_ascii=False, default=str))
    return str(value)


def well_formed(text: str) -> str:
    """Return text that can be written as UTF-8: half a surrogate pair becomes U+FFFD.

    JSON's escapes and NumPy's text arrays may hold such halves, where an emoji was cut in two.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def is_number(text: str) -> bool:
    """Tell whether text is a finite number as Python writes one."""
    try:
        return math.isfinite(float(text)) and "_" not in text
    except ValueError:
        return False


def is_missing(text: str) -> bool:
    """Tell whether text says that there is no value."""
    return text.strip().lower() in MISSING


def rounded(text: str) -> str:
    """Return a cell to read: a number with a point keeps 4 significant digits, others stay.

    What stands before the point is never rounded: ``12345.678`` becomes ``12346``.
    """
    if not set(".eE") & set(text) or not is_number(text):
        return text
    value = float(text) + 0.0  # −0.0 becomes 0.0
    whole = 10 ** (DIGITS - 1) <= abs(value) < 1e15
    return min(text, f"{value:.0f}" if whole else f"{value:.{DIGITS}g}", key=len)


def floats_as_text(values: Iterable[float | None]) -> Cells:
    """Return floats as text, NaN as None; without a point where all of them are whole."""
    kept = [None if value is None or math.isnan(value) else float(value) for value in values]
    whole = all(value is None or value.is_integer() for value in kept)
    return [None if v is None else str(int(v)) if whole else repr(v) for v in kept]


def open_table(path: Path) -> Table:
    """Open a CSV, TSV, Parquet or JSON-lines table.

    Text tables are UTF-8, with or without byte order mark. A ``.csv`` whose header holds no comma
    but semicolons or tabs is read with those.

    Raises
    ------
    TableError
        The file is of another kind, or damaged; with the line where there is one.
    """
    from cgaudit.dataset.arrow import ParquetTable
    from cgaudit.dataset.delimited import DelimitedTable
    from cgaudit.dataset.jsonlines import JsonLinesTable

    suffix = path.suffix.lower()
    if suffix in _DELIMITERS:
        return DelimitedTable(path, _DELIMITERS[suffix])
    if suffix in _JSON_LINES:
        return JsonLinesTable(path)
    if suffix in _PARQUET:
        return ParquetTable(path)
    raise TableError(f"{path} is no table of a known kind ({', '.join(TABLE_SUFFIXES)}).")


def choose_column(
    where: object, role: str, wanted: str | None, columns: Sequence[str], notes: list[str]
) -> str | None:
    """Return the name of the column that plays a role, or None where none looks like it.

    Parameters
    ----------
    where
        The table, for messages.
    role
        A key of `CANDIDATES`.
    wanted
        The column that the user named; None to guess.
    columns
        What the table has.
    notes
        A guess is reported here.

    Raises
    ------
    ColumnError
        The named column is missing.
    """
    if wanted is not None:
        if wanted not in columns:
            raise ColumnError(where, role, wanted, columns)
        return wanted
    by_name = {column.strip().lower(): column for column in reversed(columns)}
    fitting = [by_name[name] for name in CANDIDATES[role] if name in by_name]
    if not fitting:
        return None
    others = f" ({', '.join(map(repr, fitting[1:]))} would do too)" if fitting[1:] else ""
    notes.append(f"{role} column guessed: {fitting[0]!r}{others}")
    return fitting[0]


def refuse_repeats(path: Path, columns: Sequence[str]) -> None:
    """Raise TableError where two columns have one name."""
    repeated = [name for name, count in Counter(columns).items() if count > 1]
    if repeated:
        raise TableError(f"{path}: more than one column is called {repeated[0]!r}. Rename one.")


def ragged(where: str, row: int, found: int, expected: int) -> FeatureError:
    """Return the error of a row that holds another number of features than the others."""
    held = f"{found} numbers" if found >= 0 else "nothing"
    return FeatureError(
        f"{where}: row {row} (counted from 0) holds {held} where others hold {expected}. "
        "Every row needs the same number of features."
    )


def _kind(value: Value, typed: bool) -> Holding:
    if isinstance(value, Number) or (not typed and isinstance(value, str) and is_number(value)):
        return "number"
    if isinstance(value, str | bool):
        return "text"
    if isinstance(value, list) and value and all(isinstance(item, Number) for item in value):
        return "vector"
    return "other"


def _stacked(batch: Sequence[Value], start: int, where: str) -> np.ndarray:
    sizes = [len(value) if isinstance(value, list) else -1 for value in batch]
    for row, size in enumerate(sizes):
        if size < 1 or size != sizes[0]:
            raise ragged(where, start + row, size, max(sizes))
    try:
        return np.array(batch).astype(np.float64)
    except (TypeError, ValueError) as error:
        raise FeatureError(
            f"{where}: a row between {start} and {start + len(batch) - 1} (counted from 0) is no "
            f"list of numbers ({error})."
        ) from None
