"""What was written, compared with what was there: nothing but the decided labels may differ.

Values are compared with their types, not the texts that they are read as.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cgaudit.dataset import ParquetTable, Table, Value, open_table
from cgaudit.errors import DecisionError
from cgaudit.review.parquet import whole_group, without_dropped
from cgaudit.review.rewrite import Changes, is_json_list

_ROWS_AT_ONCE = 1024


def verify(table: Table, staged: Path, column: str, changes: Changes, name: str) -> None:
    """Compare a rewritten table with the one that it is to replace.

    Parameters
    ----------
    table
        The table as it is.
    staged
        What is to take its place.
    column
        The label column.
    changes
        What was to change.
    name
        Of the table, for messages.

    Raises
    ------
    DecisionError
        Something else differs, or a label is not read as what was decided.
    """
    after = open_table(staged)
    if list(after.columns) != list(table.columns):
        raise _touched(name, "columns")
    _labels_are_read(table, after, column, changes, name)
    if isinstance(table, ParquetTable):
        _parquet_stays(table.file, staged, column, changes, name)
    else:
        _rows_stay(table, after, column, changes, name)


def _touched(name: str, what: str) -> DecisionError:
    return DecisionError(
        f"{name} is written in a way that cannot be edited without touching its {what}. Make these "
        "changes with the program that wrote it; nothing was written."
    )


def _labels_are_read(before: Table, after: Table, column: str, changes: Changes, name: str) -> None:
    """Refuse labels that would be read as others, as ``7`` is among decimals."""
    old, new = changes.read(before, column), changes.read(after, column)
    kept = [row for row in range(len(old)) if row not in changes.dropped]
    if len(new) != len(kept):
        raise _touched(name, "rows")
    for row, found in zip(kept, new, strict=True):
        decided = row in changes.labels
        wanted = changes.labels[row] if decided else old[row]
        listed = decided and changes.sets is None and is_json_list(wanted or "")
        if changes.same(found, wanted) or listed:
            continue
        whose = "The label" if decided else f"Row {row + 1} has the label"
        raise DecisionError(
            f"{whose} {wanted!r}, which would be read as {found!r} once that is written to the "
            f"column {column!r} of {name}: the column's type has no place for what was decided. "
            "Choose one of the labels that are there, or change the column's type."
        )


def _rows_stay(before: Table, after: Table, column: str, changes: Changes, name: str) -> None:
    """Refuse a text table in which another cell differs."""
    names = list(before.columns)
    place = names.index(column)
    kept = (
        (row, cells) for row, cells in enumerate(before.rows(names)) if row not in changes.dropped
    )
    for (row, old), new in zip(kept, after.rows(names), strict=True):
        for at, (was, now) in enumerate(zip(old, new, strict=True)):
            if not (at == place and row in changes.labels) and _typed(was) != _typed(now):
                raise _touched(name, f"column {names[at]!r}")


def _typed(value: Value) -> object:
    """Return a value of which no other type's is equal: 1, 1.0, True and "1" are four."""
    if isinstance(value, list):
        return [_typed(item) for item in value]
    if isinstance(value, dict):
        return {key: _typed(item) for key, item in value.items()}
    return type(value), value


def _parquet_stays(file: Path, staged: Path, column: str, changes: Changes, name: str) -> None:
    """Refuse a Parquet table of which more differs than labels."""
    with pq.ParquetFile(file) as before, pq.ParquetFile(staged) as after:
        if not after.schema.equals(before.schema):
            raise _touched(name, "types")
        if not after.schema_arrow.equals(before.schema_arrow, check_metadata=True):
            raise _touched(name, "schema")
        number, first = 0, 0
        for group in range(before.metadata.num_row_groups):
            rows = before.metadata.row_group(group).num_rows
            old = without_dropped(whole_group(before, group), first, changes)
            if len(old) or not rows:
                if number == after.metadata.num_row_groups:
                    raise _touched(name, "row groups")
                _same_codecs(before, group, after, number, name)
                decided = _places(first, rows, changes)
                _same_cells(old, whole_group(after, number), column, decided, name)
                number += 1
            first += rows
        if number != after.metadata.num_row_groups:
            raise _touched(name, "row groups")


def _places(first: int, rows: int, changes: Changes) -> set[int]:
    """Return where the relabelled rows of a group are once its dropped ones have gone."""
    kept = [row for row in range(first, first + rows) if row not in changes.dropped]
    return {place for place, row in enumerate(kept) if row in changes.labels}


def _same_codecs(before: Any, group: int, after: Any, number: int, name: str) -> None:  # noqa: ANN401
    old, new = before.metadata.row_group(group), after.metadata.row_group(number)
    for at in range(old.num_columns if old.num_rows else 0):
        if old.column(at).compression != new.column(at).compression:
            raise _touched(name, f"compression of {old.column(at).path_in_schema!r}")


def _same_cells(
    old: pa.Table, new: pa.Table, column: str, decided: Collection[int], name: str
) -> None:
    if len(old) != len(new):
        raise _touched(name, "row groups")
    for at, field in enumerate(old.schema):
        was, now = old.column(at), new.column(at)
        if field.name == column:
            there, here = was.to_pylist(), now.to_pylist()
            pairs = enumerate(zip(there, here, strict=True))
            same = all(row in decided or _alike(a, b) for row, (a, b) in pairs)
        else:
            same = was.equals(now) or _alike_in_parts(was, now)
        if not same:
            raise _touched(name, f"column {field.name!r}")


def _alike_in_parts(was: pa.ChunkedArray, now: pa.ChunkedArray) -> bool:
    """Compare cell by cell, because Arrow takes NaN for another than itself."""
    parts = range(0, len(was), _ROWS_AT_ONCE)
    return all(
        _alike(was.slice(at, _ROWS_AT_ONCE).to_pylist(), now.slice(at, _ROWS_AT_ONCE).to_pylist())
        for at in parts
    )


def _alike(was: object, now: object) -> bool:
    return was == now or repr(was) == repr(now)
