"""Sources: each kind of data that can be audited, and the choice among them."""

from cgaudit.dataset.sources.boxes import ANNOTATION_SUFFIXES, Bounds, BoxSource, PlacedBox, crop
from cgaudit.dataset.sources.opening import open_source
from cgaudit.dataset.sources.packed import is_packed, packed_files
from cgaudit.dataset.sources.rows import ColumnRows
from cgaudit.dataset.sources.splits import has_splits, is_split, placed
from cgaudit.dataset.sources.unlabelled import refuse_unlabelled

__all__ = [
    "ANNOTATION_SUFFIXES",
    "Bounds",
    "BoxSource",
    "ColumnRows",
    "PlacedBox",
    "crop",
    "has_splits",
    "is_packed",
    "is_split",
    "open_source",
    "packed_files",
    "placed",
    "refuse_unlabelled",
]
