"""Parquet tables with a few labels changed and rows left out, all else as it was.

One row group is held at a time. What a writer can be told, it is told: the type, the row groups,
the codec of each column, which columns have a dictionary. `cgaudit.review.verify` looks at what
came out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cgaudit.dataset import ParquetTable
from cgaudit.errors import DecisionError
from cgaudit.review.rewrite import Changes, Same, is_json_list
from cgaudit.wording.text import nearest, shown

#: Rows of a row group that are read at once: nested columns have no chunks of more than 2 GiB.
_ROWS_AT_ONCE = 1024


def write_parquet(table: ParquetTable, column: str, changes: Changes, out: Path) -> None:
    """Write a Parquet table with some labels changed and some rows left out.

    Parameters
    ----------
    table
        The table as it is.
    column
        The label column.
    changes
        What to change.
    out
        The file to write.

    Raises
    ------
    DecisionError
        A label does not fit in the column's type.
    """
    inverse = _Inverse(table, column, changes.same)
    with pq.ParquetFile(table.file) as file:
        options = _options(file.metadata)
        with pq.ParquetWriter(out, file.schema_arrow, **options) as writer:
            first = 0
            for group in range(file.metadata.num_row_groups):
                rows = file.metadata.row_group(group).num_rows
                changed = _changed(whole_group(file, group), column, first, changes, inverse)
                # A group that was empty stays; one that became so has nothing left to say.
                if len(changed) or not rows:
                    writer.write_table(changed, row_group_size=max(len(changed), 1))
                first += rows


def whole_group(file: Any, group: int) -> pa.Table:  # noqa: ANN401 - pyarrow has no stubs
    """Return a row group, whatever its size: in parts that are not joined."""
    batches = list(file.iter_batches(_ROWS_AT_ONCE, row_groups=[group]))
    return pa.Table.from_batches(batches, file.schema_arrow)


def without_dropped(group: pa.Table, first: int, changes: Changes) -> pa.Table:
    """Return a row group without its dropped rows; `first` is the number of its first row.

    In slices, which there is no type and no size that Arrow could not cut into.
    """
    dropped = sorted(row - first for row in changes.dropped if first <= row < first + len(group))
    starts = [0, *(row + 1 for row in dropped)]
    ends = [*dropped, len(group)]
    return pa.concat_tables(
        [group.slice(start, end - start) for start, end in zip(starts, ends, strict=True)]
    )


def _options(metadata: Any) -> dict[str, Any]:  # noqa: ANN401 - pyarrow has no stubs
    """Return how a file was written, as far as its metadata tells, for `ParquetWriter`."""
    groups = [metadata.row_group(group) for group in range(metadata.num_row_groups)]
    group = next((group for group in groups if group.num_rows), groups[0] if groups else None)
    columns = [group.column(at) for at in range(group.num_columns)] if group else []
    return {
        "version": metadata.format_version,
        "compression": {it.path_in_schema: _codec(it.compression) for it in columns},
        "use_dictionary": [it.path_in_schema for it in columns if it.has_dictionary_page],
        "write_statistics": [it.path_in_schema for it in columns if it.is_stats_set],
        "use_deprecated_int96_timestamps": any(it.physical_type == "INT96" for it in columns),
        "store_schema": b"ARROW:schema" in (metadata.metadata or {}),
        "use_compliant_nested_type": not any(".list.item" in it.path_in_schema for it in columns),
        "write_page_index": any(it.has_offset_index for it in columns),
        "sorting_columns": list(group.sorting_columns) or None if group else None,
    }


def _codec(name: str) -> str:
    return "none" if name == "UNCOMPRESSED" else name.lower()


def _changed(
    group: pa.Table, column: str, first: int, changes: Changes, inverse: _Inverse
) -> pa.Table:
    """Return a row group with its new labels and without its dropped rows."""
    labels = {
        row - first: label
        for row, label in changes.labels.items()
        if first <= row < first + len(group)
    }
    if labels:
        place = group.schema.get_field_index(column)
        relabelled = inverse.relabelled(group.column(place), labels)
        group = group.set_column(place, group.schema.field(place), relabelled)
    return without_dropped(group, first, changes)


class _Inverse:
    """What is stored so that a column is read as a label."""

    def __init__(self, table: ParquetTable, column: str, same: Same) -> None:
        self._column = column
        self._same = same
        self._type = table.schema.field(column).type
        self._names = list(table.class_names(column))
        self._element_names = list(table.element_names(column))

    def relabelled(self, cells: pa.ChunkedArray, labels: dict[int, str]) -> pa.ChunkedArray:
        """Return a column with new labels, by row."""
        values = {row: self._stored(label) for row, label in labels.items()}
        if not pa.types.is_dictionary(self._type):
            return _with(cells, values)
        cells = cells.unify_dictionaries()
        known = cells.chunk(0).dictionary.to_pylist()
        for row, value in values.items():
            if value.as_py() not in known:
                if self._type.ordered:
                    raise DecisionError(
                        f"The column {self._column!r} has ordered categories ({shown(known)}), "
                        f"among which {labels[row]!r} has no place. Add it there first, or choose "
                        "one of these."
                    )
                known.append(value.as_py())
        codes = {
            row: pa.scalar(known.index(value.as_py()), self._type.index_type)
            for row, value in values.items()
        }
        indices = pa.chunked_array([chunk.indices for chunk in cells.chunks])
        # The order of a dictionary is part of what people wrote; new entries follow at its end.
        dictionary = pa.array(known, self._type.value_type)
        chunks = [
            pa.DictionaryArray.from_arrays(chunk, dictionary, ordered=self._type.ordered)
            for chunk in _with(indices, codes).chunks
        ]
        return pa.chunked_array(chunks, self._type)

    def _stored(self, label: str) -> pa.Scalar:
        kind = self._type.value_type if pa.types.is_dictionary(self._type) else self._type
        if self._names:
            return pa.scalar(self._number(label, self._names), kind)
        if pa.types.is_list(kind) or pa.types.is_large_list(kind):
            labels = json.loads(label) if is_json_list(label) else [label]
            names = self._element_names
            return pa.scalar([self._number(it, names) if names else str(it) for it in labels], kind)
        try:
            value = pa.scalar(label).cast(kind)
            if pa.types.is_floating(kind) or self._same(value.cast(pa.string()).as_py(), label):
                return value
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            pass
        raise DecisionError(
            f"The label {label!r} does not fit in the column {self._column!r}, which holds {kind}. "
            "Choose one of the labels that are there, or change the column's type."
        )

    def _number(self, label: str, names: Sequence[str]) -> int:
        """Return the number that stands for a name."""
        if label not in names:
            raise DecisionError(
                f"The column {self._column!r} has the names {shown(names)} (ClassLabel), "
                f"and {label!r} is none of them.{nearest(label, names)} Choose one, or "
                "add the name to the features of the dataset first."
            )
        return names.index(label)


def _with(cells: pa.ChunkedArray, values: Mapping[int, pa.Scalar]) -> pa.ChunkedArray:
    """Return a column with other values in some rows; its other cells are copied as they are."""
    parts, at = [], 0
    for row in sorted(values):
        parts += [*cells.slice(at, row - at).chunks, pa.array([values[row].as_py()], cells.type)]
        at = row + 1
    return pa.chunked_array([*parts, *cells.slice(at).chunks], cells.type)
