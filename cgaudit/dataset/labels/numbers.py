"""Labels that are numbers, for ``score.task: regression``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cgaudit.dataset.tables import Notation
from cgaudit.wording.text import shown, visible

#: A column has many values where it has more than so many different ones,
MANY = 20
#: and where a value is shared by fewer labels than this, on average.
SHARED = 20
#: A label beyond this is none: sums of its square have no place in a float.
LARGEST = 1e100
#: Labels that a sentence names.
_NAMED = 3


class NumericLabels(NamedTuple):
    """Labels read as numbers.

    Attributes
    ----------
    values : ndarray of float64, shape (n,)
        NaN where there is no label, or one that is no number.
    notation
        How they are written.
    unread
        The labels that are no numbers, in their order.
    """

    values: npt.NDArray[np.float64]
    notation: Notation
    unread: Sequence[str]


def numeric_labels(labels: Sequence[str | None]) -> NumericLabels:
    """Read labels as numbers, as the columns of a table are read: all in one notation.

    Parameters
    ----------
    labels : sequence, length n
        As `Table.labels` gives them; None where there is none.
    """
    notation = Notation.of(labels)
    read = [None if label is None else _within(notation.read(label)) for label in labels]
    values = np.array([np.nan if value is None else value for value in read], dtype=np.float64)
    unread = [
        label
        for label, value in zip(labels, read, strict=True)
        if value is None and label is not None
    ]
    return NumericLabels(values, notation, unread)


def _within(value: float | None) -> float | None:
    return value if value is not None and abs(value) <= LARGEST else None


def look_like_numbers(labels: Iterable[str | None]) -> bool:
    """Tell whether labels are numbers with many values, which classes seldom are."""
    counts = Counter(label for label in labels if label is not None)
    if not _are_many(len(counts), counts.total()):
        return False
    found = numeric_labels(list(counts))
    known = ~np.isnan(found.values)
    n_known = int(np.fromiter(counts.values(), dtype=np.int64, count=len(counts))[known].sum())
    distinct = len(np.unique(found.values[known]))
    return 2 * n_known > counts.total() and _are_many(distinct, n_known)


def _are_many(distinct: int, total: int) -> bool:
    return distinct > MANY and distinct * SHARED > total


def numbers_suggested(labels: Sequence[str], how: str) -> str:
    """Return the sentence that suggests to score labels as numbers.

    Parameters
    ----------
    labels
        Those that are there.
    how
        What sets it so.
    """
    distinct = list(dict.fromkeys(labels))
    return (
        f"the labels are numbers with {len(distinct):,} different values, such as "
        f"{shown(map(visible, distinct), _NAMED)}: each counts as a class of its own. Where they "
        f"measure something, set {how}"
    )
