"""Data in: sources, labels, ids and content hashes."""

from cgaudit.dataset.labels import Columns, Joined, LabelRow, LabelTable, join_labels, read_labels
from cgaudit.dataset.packed import is_packed, packed_files
from cgaudit.dataset.samples import (
    OnError,
    read_samples,
    read_skipped,
    refuse_skips,
    write_samples,
    write_skipped,
)
from cgaudit.dataset.source import Loader, Source, open_source

__all__ = [
    "Columns",
    "Joined",
    "LabelRow",
    "LabelTable",
    "Loader",
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
    "write_samples",
    "write_skipped",
]
