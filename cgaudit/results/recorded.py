"""Tables of samples in Parquet that keep a record of how they were made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from cgaudit.files import replacing
from cgaudit.reading.files import Damage

Record = TypeVar("Record")


def write_recorded(
    frame: pd.DataFrame, schema: pa.Schema, key: bytes, record: Mapping[str, Any], path: Path
) -> None:
    """Write a table as Parquet: same table, same bytes; moved into place when complete.

    Parameters
    ----------
    frame
        The table, with the columns of `schema`.
    key
        Of the file's metadata, that the record lies under.
    record
        How the table was made, as JSON can hold it.
    """
    table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
    table = table.replace_schema_metadata({key: json.dumps(record, sort_keys=True).encode()})
    with replacing(path) as partial:
        pq.write_table(table, partial, compression="zstd")


def record_of(table: pa.Table, key: bytes, kind: type[Record]) -> Record:
    """Return the record that `write_recorded` wrote, as an object of its kind.

    Raises
    ------
    Damage
        There is none, or it is not of this kind.
    """
    metadata = (table.schema.metadata or {}).get(key)
    if metadata is None:
        raise Damage("it lacks the record of how it was made")
    try:
        record: Record = TypeAdapter(kind).validate_json(metadata, strict=True)
    except ValidationError:
        raise Damage("its record of how it was made is none of this version's") from None
    return record


def mismatch(table: pa.Table, schema: pa.Schema) -> str | None:
    """Return where a table is none of a schema with a row for each ``id``, None where it is one."""
    if table.schema.names != schema.names:
        return f"its columns are not {', '.join(schema.names)}"
    for field in schema:
        column = table[field.name]
        if column.type != field.type:
            return f"its column {field.name} holds {column.type}, not {field.type}"
        if column.null_count and not field.nullable:
            return f"its column {field.name} is empty in some rows"
    if len(table["id"].unique()) < len(table):
        return "its ids are not unique"
    return None


def infinite(table: pa.Table, columns: Iterable[str]) -> str | None:
    """Return which of some columns of numbers holds infinite values, None where none does."""
    for name in columns:
        if np.isinf(table[name].to_pandas().to_numpy(np.float64)).any():
            return f"its column {name} holds infinite values"
    return None
