"""Data in: sources, labels, ids and content hashes."""

from cgaudit.dataset.columns import Categories, Numbers
from cgaudit.dataset.labels import Columns, Joined, LabelRow, LabelTable, join_labels, read_labels
from cgaudit.dataset.packed import is_packed, packed_files
from cgaudit.dataset.rows import ColumnRows
from cgaudit.dataset.samples import (
    OnError,
    read_samples,
    read_skipped,
    refuse_skips,
    write_samples,
    write_skipped,
)
from cgaudit.dataset.source import Loader, Source, open_source
from cgaudit.dataset.tables import rounded

__all__ = [
    "Categories",
    "ColumnRows",
    "Columns",
    "Joined",
    "LabelRow",
    "LabelTable",
    "Loader",
    "Numbers",
    "OnError",
    "Source",
    "is_packed",
    "join_labels",
    "open_source",
    "packed_files",
    "read_labels",
    "read_samples",
    "read_skipped",
    "refuse_skips",
    "rounded",
    "write_samples",
    "write_skipped",
]
