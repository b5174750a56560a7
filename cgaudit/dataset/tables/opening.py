"""Which reader a table's file needs, by its extension."""

from __future__ import annotations

from pathlib import Path

from cgaudit.dataset.pointers import refuse_lfs_pointer
from cgaudit.dataset.tables.delimited import DelimitedTable
from cgaudit.dataset.tables.jsonlines import JsonLinesTable
from cgaudit.dataset.tables.parquet import ParquetTable
from cgaudit.dataset.tables.table import Table
from cgaudit.errors import TableError

_DELIMITERS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
_JSON_LINES = (".jsonl", ".ndjson")
_PARQUET = (".parquet", ".pq")
TABLE_SUFFIXES = (*_DELIMITERS, *_PARQUET, *_JSON_LINES)


def open_table(path: Path) -> Table:
    """Open a CSV, TSV, Parquet or JSON-lines table.

    Text tables are UTF-8, with or without byte order mark. A ``.csv`` whose header holds no comma
    but semicolons or tabs is read with those.

    Raises
    ------
    TableError
        The file is of another kind, or damaged; with the line where there is one.
    """
    refuse_lfs_pointer(path)
    suffix = path.suffix.lower()
    if suffix in _DELIMITERS:
        return DelimitedTable(path, _DELIMITERS[suffix])
    if suffix in _JSON_LINES:
        return JsonLinesTable(path)
    if suffix in _PARQUET:
        return ParquetTable(path)
    raise TableError(f"{path} is no table of a known kind ({', '.join(TABLE_SUFFIXES)}).")
