"""Data in: sources, labels, ids and content hashes. All that other packages use is named here."""

from cgaudit.dataset.hashing import bytes_md5, file_md5
from cgaudit.dataset.images import IMAGE_SUFFIXES, read_picture
from cgaudit.dataset.labels import Columns, Joined, LabelRow, LabelTable, join_labels, read_labels
from cgaudit.dataset.parallel import in_threads
from cgaudit.dataset.samples import (
    OnError,
    Skip,
    read_samples,
    read_skipped,
    refuse_skips,
    skipped_table,
    write_samples,
    write_skipped,
)
from cgaudit.dataset.source import Loader, Source, SourceKind
from cgaudit.dataset.sources import (
    ColumnRows,
    has_splits,
    is_packed,
    open_source,
    packed_files,
    placed,
)
from cgaudit.dataset.tables import (
    ARRAY_SUFFIXES,
    TABLE_SUFFIXES,
    Categories,
    Numbers,
    choose_column,
    is_missing,
    is_number,
    open_table,
    rounded,
)
from cgaudit.dataset.walk import folders_below, why_not_follow

__all__ = [
    "ARRAY_SUFFIXES",
    "IMAGE_SUFFIXES",
    "TABLE_SUFFIXES",
    "Categories",
    "ColumnRows",
    "Columns",
    "Joined",
    "LabelRow",
    "LabelTable",
    "Loader",
    "Numbers",
    "OnError",
    "Skip",
    "Source",
    "SourceKind",
    "bytes_md5",
    "choose_column",
    "file_md5",
    "folders_below",
    "has_splits",
    "in_threads",
    "is_missing",
    "is_number",
    "is_packed",
    "join_labels",
    "open_source",
    "open_table",
    "packed_files",
    "placed",
    "read_labels",
    "read_picture",
    "read_samples",
    "read_skipped",
    "refuse_skips",
    "rounded",
    "skipped_table",
    "why_not_follow",
    "write_samples",
    "write_skipped",
]
