"""Parquet files: what they would take in memory is compared with their size before it is taken."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cgaudit.reading.files import Damage, brief, opened

#: A row of a table that means something takes a byte at least, once compressed, and a value some
#: bits; text compresses a few times. What is far beyond is made to fill memory.
_FREE_ROWS, _FREE_VALUES, _FREE_BYTES = 100_000, 4_000_000, 64 << 20
_VALUES_A_BYTE, _TIMES = 16, 100
#: Of lists of texts, whose lengths nobody knows before.
_ROWS_AT_ONCE = 16

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
    with _reading(source) as file:
        pieces = list(_pieces(file, None))
        return pa.concat_tables(pieces)


def parquet_pieces(source: Path, columns: Collection[str] | None = None) -> Iterator[pa.Table]:
    """Yield a Parquet file a row group at a time, checked; raises as `parquet_table`.

    Of a file without rows, one piece.

    Parameters
    ----------
    source
        The file.
    columns
        Those to read, where they are there; None for all.
    """
    with _reading(source) as file:
        yield from _pieces(file, columns)


def parquet_schema(source: Path) -> tuple[pa.Schema, int]:
    """Return the schema of a Parquet file and how many rows it says it has; raises likewise."""
    with _reading(source) as file, pq.ParquetFile(file) as plain:
        _check_declared(plain.metadata, _size(file))
        return plain.schema_arrow, int(plain.metadata.num_rows)


@contextmanager
def _reading(source: Path | bytes) -> Iterator[BinaryIO]:
    with io.BytesIO(source) if isinstance(source, bytes) else opened(source) as file:
        try:
            yield file
        except Damage:
            raise
        except _NO_PARQUET as error:
            raise Damage(f"it is no readable Parquet file: {brief(error)}") from None


def _size(file: BinaryIO) -> int:
    here = file.tell()
    size = file.seek(0, 2)
    file.seek(here)
    return size


def _pieces(file: BinaryIO, columns: Collection[str] | None) -> Iterator[pa.Table]:
    size = _size(file)
    with pq.ParquetFile(file) as plain:
        metadata, schema = plain.metadata, plain.schema_arrow
        _check_declared(metadata, size)
        if len(set(schema.names)) < len(schema.names):
            raise Damage("two of its columns have one name")
        wanted = [it for it in schema if columns is None or it.name in columns]
        schema = pa.schema(wanted, schema.metadata)
        texts = [
            column.path
            for column in map(plain.schema.column, range(metadata.num_columns))
            if column.physical_type == "BYTE_ARRAY"
        ]
        most, spelt_out = _FREE_BYTES + _TIMES * size, 0
        if not metadata.num_row_groups:
            yield schema.empty_table()
        with pq.ParquetFile(file, read_dictionary=texts) as repeated:
            for group in range(metadata.num_row_groups):
                found = [_chunks(plain, repeated, group, name, most) for name in schema.names]
                rows = metadata.row_group(group).num_rows
                # Of a damaged column Arrow gives fewer, and says nothing.
                if any(sum(map(len, chunks)) != rows for chunks in found):
                    raise Damage(f"a column lacks some of the {rows:,} rows that it says it has")
                spelt_out += sum(_spelt_out(chunk) for chunks in found for chunk in chunks)
                if spelt_out > most:
                    raise Damage(f"{size:,} bytes whose text takes {spelt_out:,} are not read")
                yield pa.table(
                    [
                        pa.chunked_array([_plain(it, field.type) for it in chunks], field.type)
                        for chunks, field in zip(found, schema, strict=True)
                    ],
                    schema=schema,
                )


def _chunks(
    plain: pq.ParquetFile, repeated: pq.ParquetFile, group: int, name: str, most: int
) -> list[pa.Array]:
    """Return a column's chunks in a row group, checked; text as dictionaries where Arrow can."""
    try:
        column = repeated.read_row_group(group, [name], use_threads=False).column(0)
    except pa.ArrowNotImplementedError:
        # Lists of texts of which there are too many for one dictionary.
        column = _in_steps(plain, group, name, most)
    column.validate(full=True)
    chunks: list[pa.Array] = column.chunks
    return chunks


def _in_steps(plain: pq.ParquetFile, group: int, name: str, most: int) -> pa.ChunkedArray:
    """Return a column of lists of texts, a few rows at a time, until it takes too much."""
    chunks: list[pa.Array] = []
    taken = 0
    for batch in plain.iter_batches(_ROWS_AT_ONCE, [group], [name], use_threads=False):
        taken += batch.nbytes
        if taken > most:
            raise Damage(f"its column {name} takes more than {most:,} bytes")
        chunks.append(batch.column(0))
    return pa.chunked_array(chunks, plain.schema_arrow.field(name).type)


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


def _spelt_out(chunk: pa.Array) -> int:
    """Return the bytes that a chunk's text takes where every cell has its own copy."""
    while isinstance(chunk, pa.ListArray):
        chunk = chunk.flatten()
    if not isinstance(chunk, pa.DictionaryArray) or not _is_text(chunk.type.value_type):
        return 0
    lengths = pc.binary_length(chunk.dictionary).fill_null(0).to_numpy(zero_copy_only=False)
    used = chunk.indices.drop_null().to_numpy(zero_copy_only=False)
    counts = np.bincount(used, minlength=len(lengths)).astype(np.float64)
    return int(counts @ lengths.astype(np.float64))


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


def _plain(chunk: pa.Array, wanted: pa.DataType) -> pa.Array:
    """Return a chunk with its dictionaries spelt out."""
    return chunk if chunk.type == wanted else chunk.cast(wanted)
