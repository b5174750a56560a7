"""Tables of Arrow record batches, a bounded number of rows at a time."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cgaudit.dataset.tables.cells import (
    Cells,
    Value,
    floats_as_text,
    listed_labels,
    well_formed,
)
from cgaudit.dataset.tables.table import Block, Holding, Table
from cgaudit.dataset.tables.vectors import ragged, stacked, vector_in
from cgaudit.errors import FeatureError, TableError

#: What a batch of rows may take in memory, about.
_BATCH_BYTES = 16 << 20
_MOST_ROWS = 4096
#: So many cells tell what a column of text or bytes holds.
_LOOKED_AT = 32
#: Hugging Face features that are stored like an image, as ``{bytes, path}``, and are none.
_NO_PICTURES = frozenset({"Audio", "Video", "Pdf"})


class ArrowTable(Table):
    """A table of Arrow record batches.

    Labels that the Hugging Face libraries wrote as numbers with a list of names (``ClassLabel``)
    are read as these names.
    """

    schema: pa.Schema

    @abstractmethod
    def batches(self, columns: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch]:
        """Yield the rows from `start` on, a bounded number of them at a time."""

    def rows(self, columns: Sequence[str], start: int = 0) -> Iterator[tuple[Value, ...]]:
        """Yield each row's values."""
        names = [self.class_names(column) for column in columns]
        for batch in self.batches(columns, start):
            cells = [self._values(batch, column) for column in columns]
            for row in zip(*cells, strict=True):
                yield tuple(
                    _named(value, known) if known else None if value == "" else value
                    for value, known in zip(row, names, strict=True)
                )

    def blocks(self, columns: Sequence[str]) -> Iterator[Sequence[Block]]:
        """Yield the cells of some rows at a time, by column; numbers without a detour by rows."""
        for batch in self.batches(columns):
            if batch.num_rows:
                yield [self._block(batch, column) for column in columns]

    def texts(self, *columns: str) -> list[Cells]:
        """Return whole columns as text.

        Integers are written without a point. So are floats where a column holds whole numbers
        only, because that is how pandas stores an integer column with gaps.
        """
        return [self._text(column) for column in columns]

    def labels(self, column: str, notes: list[str]) -> Cells:
        """Return a column of labels as text; a list of one label is that label."""
        if not self.lists_labels(column):
            return super().labels(column, notes)
        return listed_labels(self.label_values(column), column, self.file, notes)

    def label_values(self, column: str) -> Iterator[Value]:
        """Yield the cells of a column of labels; what stands for a name in a list, as that name."""
        names = self.element_names(column)
        return (
            [_named(it, names) for it in value] if names and isinstance(value, list) else value
            for (value,) in self.rows([column])
        )

    def lists_labels(self, column: str) -> bool:
        """Tell whether a column holds lists of texts, or of numbers that stand for names."""
        type_ = self.schema.field(column).type
        if not (pa.types.is_list(type_) or pa.types.is_large_list(type_)):
            return False
        inner = type_.value_type
        return bool(
            pa.types.is_string(inner)
            or pa.types.is_large_string(inner)
            or (pa.types.is_integer(inner) and self.element_names(column))
        )

    def element_names(self, column: str) -> Sequence[str]:
        """Return the names that numbers in lists stand for (a list of ``ClassLabel``)."""
        feature = self._feature(column)
        feature = feature.get("feature", feature) if isinstance(feature, dict) else {}
        if isinstance(self._features.get(column), list):
            feature = next(iter(self._features[column]), {})
        names = feature.get("names") if isinstance(feature, dict) else None
        return names if isinstance(names, list) else ()

    def holds(self, column: str) -> Holding:
        """Return what a column holds, by its type; by its first cells where it is text or bytes.

        Other programs than those of Python write text as bytes, and vectors as text.
        """
        type_ = self.schema.field(column).type
        types = pa.types
        if types.is_dictionary(type_):
            type_ = type_.value_type
        if self.class_names(column):
            return "text"
        if types.is_string(type_) or types.is_large_string(type_):
            return "vector" if self._writes_vectors(column) else "text"
        if types.is_integer(type_) or types.is_floating(type_) or types.is_decimal(type_):
            return "number"
        if is_number_list(type_):
            return "vector"
        if _is_bytes(type_) and self._writes_text(column):
            return "text"
        if types.is_fixed_size_binary(type_):
            return "other"
        if _is_bytes(type_) or (types.is_struct(type_) and _image_bytes_field(type_) is not None):
            return "other" if self._feature(column).get("_type") in _NO_PICTURES else "image"
        return "text" if types.is_boolean(type_) or types.is_temporal(type_) else "other"

    def _writes_vectors(self, column: str) -> bool:
        found = (vector_in(cell) is not None for cell in self.head(column, _LOOKED_AT))
        return next(found, False) and all(found)

    def _writes_text(self, column: str) -> bool:
        """Tell whether the first cells of a column of bytes are text in UTF-8."""
        found = map(_is_text, self.head(column, _LOOKED_AT))
        return next(found, False) and all(found)

    def vectors(self, column: str) -> Iterator[tuple[int, np.ndarray]]:
        """Yield (number of the first row, rows of shape (b, d)) through a column of lists."""
        start = 0
        for batch in self.batches([column]):
            if batch.num_rows:
                where = f"{self.file}, column {column!r}"
                yield start, _rows_of(batch.column(0), start, where)
            start += batch.num_rows

    def _text(self, column: str) -> Cells:
        if self.class_names(column):
            return [value for (value,) in self.rows([column])]
        try:
            parts = [batch.column(0) for batch in self.batches([column])]
            values = pa.chunked_array(parts, type=self.schema.field(column).type)
            if pa.types.is_dictionary(values.type):
                values = pc.cast(values, values.type.value_type)
            if pa.types.is_floating(values.type):
                return floats_as_text(values.to_pylist())
            cells = pc.cast(values, pa.string()).to_pylist()
        except (pa.ArrowException, UnicodeDecodeError) as error:
            raise TableError(
                f"{self.file}: column {column!r} cannot be read as text ({error}). "
                "Name a column of text or numbers."
            ) from None
        return [well_formed(cell) if cell else None for cell in cells]

    def _block(self, batch: pa.RecordBatch, column: str) -> Block:
        cells = batch.column(column)
        names = self.class_names(column)
        if not names and (pa.types.is_integer(cells.type) or pa.types.is_floating(cells.type)):
            numbers: np.ndarray = cells.to_numpy(zero_copy_only=False)
            return numbers
        values = self._values(batch, column)
        return [_named(value, names) for value in values] if names else values

    def _values(self, batch: pa.RecordBatch, column: str) -> list[Value]:
        cells = batch.column(column)
        try:
            values: list[Value] = cells.to_pylist()
        except UnicodeDecodeError as error:
            raise TableError(f"{self.file}: column {column!r} is not UTF-8 ({error}).") from None
        return values

    def class_names(self, column: str) -> Sequence[str]:
        """Return the names that numbers in a column stand for (``ClassLabel``); else nothing."""
        feature = self._feature(column)
        names = feature.get("names") if feature.get("_type") == "ClassLabel" else None
        return names if isinstance(names, list) else ()

    def _feature(self, column: str) -> Mapping[str, Any]:
        """Return what the Hugging Face libraries noted of a column; nothing where others wrote."""
        feature = self._features.get(column)
        return feature if isinstance(feature, dict) else {}

    @cached_property
    def _features(self) -> Mapping[str, Any]:
        try:
            facts = json.loads((self.schema.metadata or {})[b"huggingface"])
            features = facts["info"]["features"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return {}
        return features if isinstance(features, dict) else {}


def bounded(batch: pa.RecordBatch, start: int = 0) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a batch from `start` on, in slices that take a bounded memory."""
    size = rows_at_once(batch.nbytes // max(batch.num_rows, 1))
    for first in range(start, batch.num_rows, size):
        yield batch.slice(first, size)


def parts_from(start: int, counts: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the parts of a table that hold rows from `start` on: their number, and rows to skip.

    Parameters
    ----------
    start
        The first row that is wanted, counted from 0 through all parts.
    counts
        The rows of each part.
    """
    before = 0
    for part, count in enumerate(counts):
        skip, before = max(start - before, 0), before + count
        if skip < count:
            yield part, skip


def rows_at_once(row_bytes: int) -> int:
    """Return how many rows of so many bytes a batch holds."""
    return int(min(max(_BATCH_BYTES // max(row_bytes, 1), 1), _MOST_ROWS))


def image_bytes(value: Value) -> bytes | None:
    """Return the bytes of a picture's cell: the cell itself, or ``bytes`` of Hugging Face's."""
    if isinstance(value, dict):
        value = value.get("bytes")
    return value if isinstance(value, bytes) and value else None


def is_number_list(type_: pa.DataType) -> bool:
    """Tell whether a column's cells are lists of numbers, or lists of such lists (tensors)."""
    types = pa.types
    if isinstance(type_, pa.BaseExtensionType):
        type_ = type_.storage_type
    if not (types.is_list(type_) or types.is_large_list(type_) or types.is_fixed_size_list(type_)):
        return False
    inner = type_.value_type
    return bool(types.is_floating(inner) or types.is_integer(inner) or is_number_list(inner))


def _is_text(cell: Value) -> bool:
    """Tell whether a cell of bytes is text that a person can read."""
    try:
        text = bytes(cell).decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(c.isprintable() or c in "\t\n\r" for c in text)


def _is_bytes(type_: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_binary(type_) or types.is_large_binary(type_) or types.is_fixed_size_binary(type_)
    )


def _image_bytes_field(type_: pa.StructType) -> int | None:
    at = type_.get_field_index("bytes")
    return at if at >= 0 and _is_bytes(type_.field(at).type) else None


def _named(value: Value, names: Sequence[str]) -> str | None:
    # The Hugging Face libraries write −1 where there is no label.
    if value is None or value == -1:
        return None
    return names[value] if 0 <= value < len(names) else str(value)


def _rows_of(column: pa.Array, start: int, where: str) -> np.ndarray:
    """Return a column of vectors as (b, d): of lists, of lists of lists, or written as text."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if is_number_list(column.type) and not is_number_list(column.type.value_type):
        return _as_rows(column, start, where)
    return stacked(column.to_pylist(), start, where)


def _as_rows(column: pa.Array, start: int, where: str) -> np.ndarray:
    """Return a column of lists as (b, d), after checking that it is one."""
    lengths = pc.list_value_length(column)
    sizes = lengths.fill_null(-1).to_numpy()
    odd = np.flatnonzero(sizes != sizes[0])
    if sizes[0] < 1 or odd.size:
        row = 0 if sizes[0] < 1 else int(odd[0])
        raise ragged(where, start + row, int(sizes[row]), int(sizes.max()))
    values = column.flatten()
    if values.null_count:
        row = int(np.flatnonzero(values.is_null().to_numpy(zero_copy_only=False))[0] // sizes[0])
        raise FeatureError(f"{where}: a value is missing in row {start + row} (counted from 0).")
    rows: np.ndarray = values.to_numpy(zero_copy_only=False)
    return rows.reshape(len(column), -1)
