"""Parquet files, of which only the columns and row groups that are asked for are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cgaudit.dataset.tables.arrow import ArrowTable, parts_from, rows_at_once
from cgaudit.dataset.tables.table import refuse_repeats
from cgaudit.errors import TableError
from cgaudit.wording.text import one_line, shown

_READ_BLOCK = 1 << 20


class ParquetTable(ArrowTable):
    """A Parquet file; only the columns asked for are read.

    Raises
    ------
    TableError
        The file is no Parquet file.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            with pq.ParquetFile(file) as opened:
                self.schema = opened.schema_arrow
                self._groups = _row_groups(opened.metadata)
        except (OSError, pa.ArrowException) as error:
            raise TableError(f"{file} is no readable Parquet file ({one_line(error)}).") from None
        self.columns = list(self.schema.names)
        refuse_repeats(file, self.columns)

    def __len__(self) -> int:
        return sum(count for count, _ in self._groups)

    def batches(self, columns: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch]:
        """Yield the rows from `start` on; row groups before it are not read.

        Raises
        ------
        TableError
            A page does not decompress, or its values do not fit its type.
        """
        try:
            yield from self._read(columns, start)
        except (OSError, pa.ArrowException) as error:
            raise TableError(
                f"{self.file} is damaged: {shown(columns)} cannot be read "
                f"({one_line(error)}). Run `dvc pull` if it is incomplete, or write it again."
            ) from None

    def _read(self, columns: Sequence[str], start: int) -> Iterator[pa.RecordBatch]:
        with pq.ParquetFile(self.file, buffer_size=_READ_BLOCK) as opened:
            for group, skip in parts_from(start, (count for count, _ in self._groups)):
                rows, row_bytes = self._groups[group]
                size, seen = rows_at_once(row_bytes), 0
                for batch in opened.iter_batches(size, row_groups=[group], columns=list(columns)):
                    batch.validate(full=True)
                    seen += batch.num_rows
                    if skip < batch.num_rows:
                        yield batch.slice(skip)
                    skip = max(skip - batch.num_rows, 0)
                # Of a damaged column Arrow gives fewer, and says nothing.
                if columns and seen != rows:
                    raise pa.ArrowInvalid(f"of {rows:,} rows {seen:,} are there")


def _row_groups(metadata: Any) -> list[tuple[int, int]]:  # noqa: ANN401 - pyarrow has no stubs
    """Return each row group's number of rows and bytes a row."""
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    return [(g.num_rows, g.total_byte_size // max(g.num_rows, 1)) for g in groups]
