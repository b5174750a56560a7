"""Parquet files: what they would take in memory is compared with their size before it is taken."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cgaudit.reading.files import Damage, opened

#: A row of a table that means something takes a byte at least, once compressed, and a value some
#: bits; text compresses a few times. What is far beyond is made to fill memory.
_FREE_ROWS, _FREE_VALUES, _FREE_BYTES = 100_000, 4_000_000, 64 << 20
_VALUES_A_BYTE, _TIMES = 16, 100

_NO_PARQUET = (OSError, pa.ArrowException, ValueError, TypeError, KeyError, OverflowError)


def parquet_table(source: Path | bytes) -> pa.Table:
    """Return a whole Parquet file, checked.

    Text that repeats takes little of a file: how much it takes once it is spelt out is known before
    it is.

    Raises
    ------
    FileNotFoundError
        There is no file.
    Damage
        It is no Parquet file, it is damaged, two columns have one name, or it asks for far more
        memory than a file of its size has a use for.
    """
    with io.BytesIO(source) if isinstance(source, bytes) else opened(source) as file:
        size = file.seek(0, 2)
        file.seek(0)
        try:
            return _read(file, size)
        except Damage:
            raise
        except _NO_PARQUET as error:
            raise Damage(f"it is no readable Parquet file: {_short(error)}") from None


def _read(file: BinaryIO, size: int) -> pa.Table:
    with pq.ParquetFile(file) as opened_file:
        metadata = opened_file.metadata
        _check_declared(metadata, size)
        names = opened_file.schema_arrow.names
        if len(set(names)) < len(names):
            raise Damage("two of its columns have one name")
        texts = [
            column.path
            for column in map(opened_file.schema.column, range(metadata.num_columns))
            if column.physical_type == "BYTE_ARRAY"
        ]
    file.seek(0)
    with pq.ParquetFile(file, read_dictionary=texts) as opened_file:
        table = opened_file.read(use_threads=False)
    table.validate(full=True)
    spelt_out = sum(_spelt_out(column) for column in table.columns)
    if spelt_out > _FREE_BYTES + _TIMES * size:
        raise Damage(f"{size:,} bytes whose text takes {spelt_out:,} are not read")
    columns = [_plain(column) for column in table.columns]
    fields = [
        pa.field(field.name, column.type, field.nullable)
        for field, column in zip(table.schema, columns, strict=True)
    ]
    return pa.table(columns, schema=pa.schema(fields, table.schema.metadata))


def _check_declared(metadata: Any, size: int) -> None:  # noqa: ANN401 - pyarrow has no stubs
    rows = metadata.num_rows
    chunks = [
        metadata.row_group(group).column(column)
        for group in range(metadata.num_row_groups)
        for column in range(metadata.num_columns)
    ]
    values = sum(chunk.num_values for chunk in chunks)
    held = sum(chunk.total_uncompressed_size for chunk in chunks)
    for asked, most, what in (
        (rows, _FREE_ROWS + size, "rows"),
        (values, _FREE_VALUES + _VALUES_A_BYTE * size, "values"),
        (held, _FREE_BYTES + _TIMES * size, "bytes"),
    ):
        if not 0 <= asked <= most:
            raise Damage(f"{size:,} bytes that say they hold {asked:,} {what} are not read")


def _spelt_out(column: pa.ChunkedArray) -> int:
    """Return the bytes that a column's text takes where every cell has its own copy."""
    total = 0
    for chunk in column.chunks:
        inner = chunk
        while isinstance(inner, pa.ListArray | pa.LargeListArray):
            inner = inner.flatten()
        if isinstance(inner, pa.DictionaryArray) and _is_text(inner.type.value_type):
            lengths = pc.binary_length(inner.dictionary).to_numpy(zero_copy_only=False)
            used = inner.indices.drop_null().to_numpy(zero_copy_only=False)
            counts = np.bincount(used, minlength=len(lengths)).astype(np.float64)
            total += int(counts @ np.nan_to_num(lengths.astype(np.float64)))
    return total


def _is_text(kind: pa.DataType) -> bool:
    return any(
        test(kind)
        for test in (
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_binary,
            pa.types.is_large_binary,
        )
    )


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column with its dictionaries spelt out."""
    wanted = _without_dictionary(column.type)
    return column if wanted == column.type else column.cast(wanted)


def _without_dictionary(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return kind.value_type
    if pa.types.is_list(kind):
        inner = kind.value_field
        return pa.list_(inner.with_type(_without_dictionary(inner.type)))
    return kind


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
