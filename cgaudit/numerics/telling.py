"""Which columns tell most about a row's label: it is unlike its own class there, and like another.

How unlike a value is to a class: for numbers, its distance from the class's median, in units of the
column's interquartile range; for categories, and for numbers that take two values only, 1 − its
share in the class. A column tells as much as the row is more unlike the given class than the rival.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cgaudit.numerics.classes import ABSENT

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.integer]

#: As a category: the cell is empty.
NONE = -1

#: A column whose values differ by less than this part of the largest one is constant.
_CONSTANT = 1e-12


class Asked(NamedTuple):
    """The rows in question.

    Attributes
    ----------
    rows
        Their numbers: (q,).
    given, rival
        The codes of the two classes to compare them with: (q,); `NOBODY` where there is none.
    """

    rows: npt.NDArray[np.int64]
    given: npt.NDArray[np.int64]
    rival: npt.NDArray[np.int64]


class Told(NamedTuple):
    """What one column tells about each row in question.

    Attributes
    ----------
    against
        How much more unlike the given class than the rival the row is: (q,); 0 is nothing.
    apart
        How unlike what is usual in all rows: (q,); 0 is not at all.
    values
        The row's own: (q,), numbers or codes.
    usual
        Of the given class, the rival, and all rows: (q, 3), medians or the most frequent codes.
    """

    against: Floats
    apart: Floats
    values: npt.NDArray[np.generic]
    usual: npt.NDArray[np.generic]


class Groups:
    """The rows of those classes that somebody asks about, and of all; found once for all columns.

    Parameters
    ----------
    classes
        The class of each row: (n,); `UNLABELLED` or `ABSENT` where it has none.
    asked
        The rows in question.
    """

    def __init__(self, classes: npt.NDArray[np.int64], asked: Asked) -> None:
        wanted = np.unique(np.concatenate([asked.given, asked.rival]))
        wanted = wanted[wanted >= 0]
        order = np.argsort(classes, kind="stable")
        ends = [np.searchsorted(classes, wanted, side, sorter=order) for side in ("left", "right")]
        self.rows = asked.rows
        self.members = [order[first:last] for first, last in zip(*ends, strict=True)]
        self.members.append(np.flatnonzero(classes != ABSENT))
        whole = np.full(len(asked.rows), len(wanted))
        #: Which of `members` each row is compared with: (q, 3), as in `Told.usual`.
        self.compared = np.stack(
            [
                np.where(codes < 0, len(wanted), np.searchsorted(wanted, codes))
                for codes in (asked.given, asked.rival)
            ]
            + [whole],
            axis=1,
        )


def tell_numbers(values: Floats, groups: Groups) -> Told:
    """Return what a column of numbers tells.

    Parameters
    ----------
    values
        Of all rows: (n,); NaN where one is missing.
    groups
        Whom to compare with.
    """
    pair = _only_two(values)
    if pair is not None:
        return _tell_pair(values, pair, groups)
    parts = [values[rows] for rows in groups.members]
    medians = np.array([_median(part) for part in parts])[groups.compared]
    gaps = np.array([np.isnan(part).mean() if len(part) else 0.0 for part in parts])
    gaps = gaps[groups.compared]
    own = values[groups.rows]
    unlike = np.abs(own[:, None] - medians) / _spread(parts[-1])
    # A missing value has no distance; how rare it is in the class says as much.
    missing = np.isnan(own)
    unlike[missing] = 1 - gaps[missing]
    apart = np.where(missing, np.maximum(1 - 2 * gaps[:, 2], 0), unlike[:, 2])
    return Told(_known(unlike[:, 0] - unlike[:, 1]), _known(apart), own, medians)


def tell_categories(codes: Codes, n_categories: int, groups: Groups) -> Told:
    """Return what a column of categories tells.

    Parameters
    ----------
    codes
        Of all rows: (n,), from 0; `NONE` where one is missing, which counts as one more category.
    n_categories
        How many there are.
    groups
        Whom to compare with.
    """
    # The last category is the missing one, whether as an index it is counted from 0 or is −1.
    counts = np.stack(
        [
            np.bincount(codes[rows] % (n_categories + 1), minlength=n_categories + 1)
            for rows in groups.members
        ]
    )
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    own = codes[groups.rows]
    of_own = shares[groups.compared, own[:, None]]
    modes = counts.argmax(axis=1)
    modes[modes == n_categories] = NONE
    return Told(
        of_own[:, 1] - of_own[:, 0],
        shares[-1].max() - of_own[:, 2],
        own,
        modes[groups.compared],
    )


def most_telling(
    told: Sequence[Told], rival: npt.NDArray[np.int64], k: int
) -> list[tuple[bool, list[int]]]:
    """Choose the columns to show of each row.

    Parameters
    ----------
    told
        Of each column.
    rival
        The rival of each row: (q,); `NOBODY` where there is none.
    k
        How many columns to choose at most.

    Returns
    -------
    list
        For each row, whether it is compared with two classes (otherwise with all rows), and its
        columns, the most telling first. One that tells nothing is not among them.
    """
    against = np.array([column.against for column in told]).reshape(len(told), len(rival))
    apart = np.array([column.apart for column in told]).reshape(len(told), len(rival))
    compares = (rival >= 0) & (against != 0).any(axis=0)
    scores = np.where(compares, against, apart)
    # What tells nothing comes after what speaks for the given label.
    order = np.argsort(-np.where(scores, scores, -np.inf), axis=0, kind="stable")[:k]
    return [
        (bool(compares[row]), [int(at) for at in order[:, row] if scores[at, row]])
        for row in range(len(rival))
    ]


def _only_two(values: Floats) -> tuple[float, float] | None:
    """Return the two values of a column that has no others: its medians would say little."""
    present = values[~np.isnan(values)]
    if not len(present):
        return None
    low, high = float(present.min()), float(present.max())
    return (low, high) if low < high and ((present == low) | (present == high)).all() else None


def _tell_pair(values: Floats, pair: tuple[float, float], groups: Groups) -> Told:
    codes = np.where(np.isnan(values), NONE, values == pair[1]).astype(np.int64)
    told = tell_categories(codes, 2, groups)
    # As an index, NONE is the last.
    numbers = np.array([*pair, np.nan])
    return told._replace(values=numbers[told.values], usual=numbers[told.usual])


def _median(values: Floats) -> float:
    present = values[~np.isnan(values)]
    return float(np.median(present)) if len(present) else np.nan


def _spread(values: Floats) -> float:
    """Return the interquartile range; where it is 0, as in a sparse column, the deviation.

    Infinite where all values are equal: then no distance counts.
    """
    present = values[~np.isnan(values)]
    if not len(present):
        return np.inf
    low, high = np.percentile(present, [25, 75])
    spread = float(high - low) or float(present.std())
    return spread if spread > _CONSTANT * float(np.abs(present).max()) else np.inf


def _known(scores: Floats) -> Floats:
    """Return scores with 0 where a class has no values to compare with."""
    return np.nan_to_num(scores, nan=0.0, posinf=0.0, neginf=0.0)
