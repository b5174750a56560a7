"""Outliers and near-duplicates of a data set: who is near whom, and what that says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cgaudit.numerics.contents import Gathered
from cgaudit.numerics.unusual import as_score
from cgaudit.oddities.law import (
    NEAR_DUPLICATE_THRESHOLD,
    NEIGHBOURS,
    OUTLIER_THRESHOLD,
    Spread,
    beyond_of,
    closest_of,
    mixed,
    pairs_of_content,
    seen_of,
    sets_of,
    spread_of,
)
from cgaudit.oddities.search import Found, among_all, among_lists
from cgaudit.progress import Progress

#: Beyond, comparing all pairs takes hours: likely neighbours are looked for instead.
MOST_ROWS = 200_000


@dataclass(frozen=True)
class Oddities:
    """What is odd about each of n samples.

    Attributes
    ----------
    outlier_score : ndarray of float32, shape (n,)
        In (0, 1); low is suspicious: 1/2 at the upper quartile (:mod:`.unusual`). NaN where the
        features are all zero.
    is_outlier_issue : ndarray of bool, shape (n,)
        Beyond the threshold.
    near_duplicate_set : ndarray of int64, shape (n,)
        Number of the set of nearly equal samples that it belongs to, −1 for none; sets are numbered
        in the order of their first sample.
    is_near_duplicate_issue : ndarray of bool, shape (n,)
        Belongs to a set.
    is_duplicate_conflict : ndarray of bool, shape (n,)
        Belongs to a set with more than one label.
    is_split_leak : ndarray of bool, shape (n,)
        Belongs to a set that lies in more than one split.
    """

    outlier_score: npt.NDArray[np.float32]
    is_outlier_issue: npt.NDArray[np.bool_]
    near_duplicate_set: npt.NDArray[np.int64]
    is_near_duplicate_issue: npt.NDArray[np.bool_]
    is_duplicate_conflict: npt.NDArray[np.bool_]
    is_split_leak: npt.NDArray[np.bool_]


def find_oddities(
    features: npt.NDArray[np.floating] | Gathered,
    labels: Sequence[object] | None = None,
    splits: Sequence[object] | None = None,
    contents: Sequence[str | None] | None = None,
    *,
    outlier_threshold: float = OUTLIER_THRESHOLD,
    near_duplicate_threshold: float = NEAR_DUPLICATE_THRESHOLD,
    device: str = "cpu",
    most_rows: int = MOST_ROWS,
    progress: Progress | None = None,
) -> Oddities:
    """Find outliers and near-duplicates by the neighbours of each sample.

    All pairs are compared (:func:`.search.among_all`). Beyond `most_rows` samples likely neighbours
    are looked for, wherever work runs (:func:`.search.among_lists`): a few are missed.

    Parameters
    ----------
    features : ndarray of float, shape (n, d)
        Finite; for the neighbours, rows are scaled to unit length.
    labels, splits, contents
        One each a sample, None where there is none; or None altogether. Samples of the same content
        are duplicates whatever their features.
    outlier_threshold
        Beyond so many interquartile ranges above the upper quartile a sample is an outlier.
    near_duplicate_threshold
        Samples closer than so much of the median distance to the nearest neighbour are
        near-duplicates; 0 leaves those that are equal.
    device
        Where torch compares.
    most_rows
        Up to so many samples all pairs are compared.
    progress
        Called with (rows done, n).

    Raises
    ------
    ClusterError
        There are more samples, and no cluster to run on, or it does not see the features.
    """
    count = len(features)
    k = min(NEIGHBOURS, max(count - 1, 0))
    if count > most_rows:
        found = among_lists(features, contents, k, device, progress)
    else:
        found = among_all(features, k, device, progress)
    unlikeness, pairs = _seen(found, near_duplicate_threshold)
    beyond = beyond_of(unlikeness, found.length)
    beyond[found.length == 0] = np.nan
    sets = sets_of(np.concatenate([pairs, pairs_of_content(contents)]), count)
    in_set = sets >= 0
    return Oddities(
        outlier_score=as_score(beyond),
        is_outlier_issue=beyond > outlier_threshold,
        near_duplicate_set=sets,
        is_near_duplicate_issue=in_set,
        is_duplicate_conflict=in_set & mixed(sets, labels),
        is_split_leak=in_set & mixed(sets, splits),
    )


def _seen(found: Found, threshold: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return how unlike its neighbours each row is, (n,), and near-duplicates by row, (p, 2).

    What is known of the neighbours stays where they were found.
    """
    told = found.executor.map(spread_of, found.parts)
    unlikeness = np.full(len(found.length), np.nan)
    if not told:
        return unlikeness, np.empty((0, 2), dtype=np.int64)
    closest = closest_of(Spread(*map(np.concatenate, zip(*told, strict=True))), threshold)
    seen = found.executor.map(seen_of, found.parts, shared=(closest,))
    unlikeness[found.rows] = np.concatenate([part.unlikeness for part in seen])
    return unlikeness, found.rows[np.concatenate([part.pairs for part in seen])]
