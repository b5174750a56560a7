"""Labels: read from where they are kept, and joined with the samples."""

from cgaudit.dataset.labels.join import Joined, join_labels
from cgaudit.dataset.labels.numbers import (
    NumericLabels,
    look_like_numbers,
    numbers_suggested,
    numeric_labels,
)
from cgaudit.dataset.labels.paths import Paths
from cgaudit.dataset.labels.read import Columns, LabelRow, LabelTable, read_labels

__all__ = [
    "Columns",
    "Joined",
    "LabelRow",
    "LabelTable",
    "NumericLabels",
    "Paths",
    "join_labels",
    "look_like_numbers",
    "numbers_suggested",
    "numeric_labels",
    "read_labels",
]
