"""Features in a column of a Parquet table, read one row group at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from PIL import Image

from cgaudit.dataset.arrays import refuse_nonfinite
from cgaudit.dataset.hashing import row_md5s
from cgaudit.dataset.samples import Sample, samples_table, skipped_table
from cgaudit.dataset.source import Loader, SourceKind
from cgaudit.dataset.tables import Cells, ParquetTable, choose_column
from cgaudit.errors import ColumnError, FeatureError

_ROWS_AT_ONCE = 4096


class ParquetFeatures:
    """A Parquet table with a column of lists of numbers, and columns of ids and labels if any.

    Parameters
    ----------
    root
        The file.
    embedding_column, id_column, label_column
        Names of the columns; None is guessed.

    Raises
    ------
    ColumnError
        A named column is missing, or no column holds lists of numbers.
    FeatureError
        Rows are empty, differ in length, or hold NaN or infinite values.
    LabelsError
        The file is no Parquet file.
    """

    kind: SourceKind = "features"

    def __init__(
        self,
        root: Path,
        *,
        embedding_column: str | None = None,
        id_column: str | None = None,
        label_column: str | None = None,
    ) -> None:
        self.root = root
        table = ParquetTable(root)
        guesses: list[str] = []
        self._column = _choose_embedding(root, table.schema, embedding_column, guesses)
        self._where = f"{root}, column {self._column!r}"
        count = width = 0
        for start, rows in self._batches():
            refuse_nonfinite(rows, start, self._where)
            if start and rows.shape[1] != width:
                raise _ragged(self._where, start, rows.shape[1], width)
            count, width = start + len(rows), rows.shape[1]
        if not count:
            raise FeatureError(f"{root} has no rows.")
        others = [name for name in table.columns if name != self._column]
        self._ids = _text(table, root, "id", id_column, others, guesses) or [None] * count
        self._labels = _text(table, root, "label", label_column, others, guesses) or [None] * count
        self.notes = [f"{count:,} rows of {width:,} features in {self._where}", *guesses]

    def samples(
        self, known_hashes: Mapping[str, str] | None = None
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return one sample per row; nothing is ever skipped."""
        samples = [
            Sample(str(row), digest, self._labels[row], None, self._ids[row])
            for start, rows in self._batches()
            for row, digest in enumerate(row_md5s(rows), start=start)
        ]
        return samples_table(samples), skipped_table(())

    def loaders(self, paths: Sequence[str]) -> Iterator[Loader]:
        """Yield a loader of a (d,) array for each row number, in the file's order."""
        wanted = set(map(int, paths))
        for start, rows in self._batches():
            for row in range(start, start + len(rows)):
                if row in wanted:
                    yield Loader(str(row), partial(rows.__getitem__, row - start))

    def picture(self, path: str) -> Image.Image | None:
        """Return None: numbers have no picture."""
        return None

    def _batches(self) -> Iterator[tuple[int, np.ndarray]]:
        """Yield (number of the first row, rows of shape (b, d)) through the file."""
        start = 0
        with pq.ParquetFile(self.root) as file:
            for batch in file.iter_batches(_ROWS_AT_ONCE, columns=[self._column]):
                if batch.num_rows:
                    yield start, _as_rows(batch.column(0), start, self._where)
                start += batch.num_rows


def _choose_embedding(root: Path, schema: pa.Schema, wanted: str | None, notes: list[str]) -> str:
    lists = [field.name for field in schema if _is_number_list(field.type)]
    if wanted is not None and wanted in schema.names and wanted not in lists:
        raise FeatureError(
            f"{root}: column {wanted!r} has the type {schema.field(wanted).type}; "
            "a list of numbers is needed."
        )
    chosen = choose_column(root, "embedding", wanted, lists, notes)
    if chosen is None and len(lists) == 1:
        chosen = lists[0]
        notes.append(f"embedding column guessed: {chosen!r}, the only list of numbers")
    if chosen is None:
        raise ColumnError(root, "embedding", None, schema.names)
    return chosen


def _is_number_list(type_: pa.DataType) -> bool:
    types = pa.types
    if not (types.is_list(type_) or types.is_large_list(type_) or types.is_fixed_size_list(type_)):
        return False
    return bool(types.is_floating(type_.value_type) or types.is_integer(type_.value_type))


def _as_rows(column: pa.Array, start: int, where: str) -> np.ndarray:
    """Return a column of lists as (b, d), after checking that it is one."""
    lengths = pc.list_value_length(column)
    sizes = lengths.fill_null(-1).to_numpy()
    odd = np.flatnonzero(sizes != sizes[0])
    if sizes[0] < 1 or odd.size:
        row = 0 if sizes[0] < 1 else int(odd[0])
        raise _ragged(where, start + row, int(sizes[row]), int(sizes.max()))
    values = column.flatten()
    if values.null_count:
        row = int(np.flatnonzero(values.is_null().to_numpy(zero_copy_only=False))[0] // sizes[0])
        raise FeatureError(f"{where}: a value is missing in row {start + row} (counted from 0).")
    rows: np.ndarray = values.to_numpy(zero_copy_only=False)
    return rows.reshape(len(column), -1)


def _ragged(where: str, row: int, found: int, expected: int) -> FeatureError:
    held = f"{found} numbers" if found >= 0 else "nothing"
    return FeatureError(
        f"{where}: row {row} (counted from 0) holds {held} where others hold {expected}. "
        "Every row needs the same number of features."
    )


def _text(
    table: ParquetTable,
    root: Path,
    role: str,
    wanted: str | None,
    columns: Sequence[str],
    notes: list[str],
) -> Cells | None:
    name = choose_column(root, role, wanted, columns, notes)
    return table.text(name) if name else None
