"""Tables in files, read as text: every cell stays what it is, an empty one is None."""

from __future__ import annotations

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cgaudit.errors import ColumnError, LabelsError

Cells = list[str | None]

CANDIDATES: dict[str, tuple[str, ...]] = {
    "id": ("id", "sample_id", "uid", "uuid", "guid", "image_id", "example_id", "key", "index"),
    "label": (
        *("label", "labels", "given_label", "class", "class_name", "category"),
        *("target", "y", "intent", "annotation"),
    ),
    "image": (
        *("path", "image", "image_path", "file", "filename", "file_name", "filepath"),
        *("file_path", "img", "img_path", "image_file", "relpath"),
    ),
    "embedding": ("embedding", "embeddings", "features", "feature", "vector", "vectors"),
}
"""Column names that a guess accepts, best first, in any case."""

_FIELD_LIMIT = 1 << 26
_TEXT_SUFFIXES = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
TABLE_SUFFIXES = (*_TEXT_SUFFIXES, ".parquet", ".pq", ".jsonl", ".ndjson")


class TextTable(Protocol):
    """A table whose columns are read as text."""

    @property
    def columns(self) -> Sequence[str]:
        """The column names, in the file's order."""
        ...

    def text(self, column: str) -> Cells:
        """Return the column's cells as text, None where they are empty."""
        ...


def open_table(path: Path) -> TextTable:
    """Open a CSV, TSV, Parquet or JSON-lines table.

    Text tables are UTF-8, with or without byte order mark. A ``.csv`` whose header holds no comma
    but semicolons or tabs is read with those.

    Raises
    ------
    LabelsError
        The file is missing, of another kind, or damaged; with the line where there is one.
    """
    if not path.is_file():
        raise LabelsError(f"{path} does not exist. Check the path of the labels (source.labels).")
    suffix = path.suffix.lower()
    if suffix in _TEXT_SUFFIXES:
        return _read_delimited(path, _TEXT_SUFFIXES[suffix])
    if suffix in {".jsonl", ".ndjson"}:
        return _read_json_lines(path)
    if suffix in {".parquet", ".pq"}:
        return ParquetTable(path)
    raise LabelsError(f"{path} is no table of a known kind ({', '.join(TABLE_SUFFIXES)}).")


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


class ColumnsOfText:
    """A table held in memory, column by column."""

    def __init__(self, columns: dict[str, Cells]) -> None:
        self._columns = columns

    @property
    def columns(self) -> Sequence[str]:
        """The column names, in the file's order."""
        return list(self._columns)

    def text(self, column: str) -> Cells:
        """Return the column's cells."""
        return self._columns[column]


class ParquetTable:
    """A Parquet file; only the columns asked for are read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self.schema: pa.Schema = pq.read_schema(path)
        except (OSError, pa.ArrowException) as error:
            raise LabelsError(f"{path} is no readable Parquet file ({error}).") from None

    @property
    def columns(self) -> Sequence[str]:
        """The column names, in the file's order."""
        return list(self.schema.names)

    def text(self, column: str) -> Cells:
        """Return the column's cells as text.

        Integers are written without a point. So are floats where a column holds whole numbers
        only, because that is how pandas stores an integer column with gaps.

        Raises
        ------
        LabelsError
            The column holds lists, structs or bytes that are not UTF-8.
        """
        try:
            values = pq.read_table(self._path, columns=[column])[column]
            if pa.types.is_dictionary(values.type):
                values = pc.cast(values, values.type.value_type)
            if pa.types.is_floating(values.type):
                return floats_as_text(values.to_pylist())
            return [cell if cell else None for cell in pc.cast(values, pa.string()).to_pylist()]
        except pa.ArrowException as error:
            raise LabelsError(
                f"{self._path}: column {column!r} cannot be read as text ({error}). "
                "Name a column of text or numbers."
            ) from None


def floats_as_text(values: Iterable[float | None]) -> Cells:
    """Return floats as text, NaN as None; without a point where all of them are whole."""
    kept = [None if value is None or math.isnan(value) else float(value) for value in values]
    whole = all(value is None or value.is_integer() for value in kept)
    return [None if v is None else str(int(v)) if whole else repr(v) for v in kept]


def _read_delimited(path: Path, delimiter: str) -> ColumnsOfText:
    """Read CSV by RFC 4180: quoted delimiters, quotes and line ends inside a field."""
    csv.field_size_limit(_FIELD_LIMIT)
    text = _decoded(path)
    if not text.strip():
        raise LabelsError(f"{path} is empty. It needs a header line and a row per sample.")
    first = text.lstrip().partition("\n")[0]
    if delimiter == "," and "," not in first:
        delimiter = next((other for other in ";\t" if other in first), delimiter)
    # newline="" and no splitlines(): only \n and \r end a row, not \x0b or \u2028 inside a cell.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = next(reader)
        _refuse_repeats(path, header)
        rows: list[list[str]] = []
        for row in reader:
            if len(row) not in {0, len(header)}:
                raise LabelsError(
                    f"{path}, line {reader.line_num}: {len(row)} fields where the header has "
                    f"{len(header)}. Quote fields that hold the delimiter {delimiter!r}."
                )
            if row:
                rows.append(row)
    except csv.Error as error:
        raise LabelsError(f"{path}, line {reader.line_num}: {error}.") from None
    return ColumnsOfText({name: [row[i] or None for row in rows] for i, name in enumerate(header)})


def _refuse_repeats(path: Path, header: Sequence[str]) -> None:
    repeated = [name for name, count in Counter(header).items() if count > 1]
    if repeated:
        raise LabelsError(f"{path}: more than one column is called {repeated[0]!r}. Rename one.")


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise LabelsError(
            f"{path}, line {line}: byte 0x{data[error.start]:02x} is not UTF-8. "
            "Save the table as UTF-8."
        ) from None


def _read_json_lines(path: Path) -> ColumnsOfText:
    """Read one JSON object per line; numbers keep their spelling."""
    rows: list[dict[str, object]] = []
    for number, line in enumerate(_decoded(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, parse_int=str, parse_float=str, parse_constant=_none)
        except (json.JSONDecodeError, RecursionError) as error:
            raise LabelsError(f"{path}, line {number} is not JSON: {error}.") from None
        if not isinstance(row, dict):
            raise LabelsError(f"{path}, line {number} is not a JSON object ({{…}}).")
        rows.append(row)
    if not rows:
        raise LabelsError(f"{path} is empty. It needs one JSON object per sample.")
    names = dict.fromkeys(name for row in rows for name in row)
    return ColumnsOfText({name: [_json_text(row.get(name)) for row in rows] for name in names})


def _json_text(value: object) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _none(_constant: str) -> None:
    """Read JSON's NaN and infinities as empty."""
