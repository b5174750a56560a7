"""Samples unlike all others, and samples that are nearly the same: from the features alone.

Both come from the distances between unit rows of features and are measured against what is usual in
the data set, by quantiles inside the bulk that the odd samples themselves can hardly move.

*Near-duplicates* are closer than a share of the median distance to the nearest neighbour. Where the
data lie on a surface of few dimensions chance alone brings such pairs: where samples lie with a
smooth density on a D-dimensional surface, the probability that the nearest of n others is closer
than r grows as r^D, with half of them within the median. The dimension is Levina and Bickel's
estimate ("Maximum likelihood estimation of intrinsic dimension", NIPS 2004), and the distance at
most one that chance would bring for `CHANCE_SHARE` of the samples.

*Outliers* are far beyond the upper quartile of one of two figures, in interquartile ranges (Tukey,
"Exploratory data analysis", 1977):

- how little a sample is like the tenth of its nearest that is no near-duplicate of it:
  log(−log cos), which lets the tail of a similarity that ends at 0 run on as that of a distance;
- how unusual the length of its features is, to either side: of whitened features it is the distance
  from the mean, of a text the share of it that the vocabulary covers. Two tails and a heavier law:
  it counts half.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cgaudit.numerics.contents import parsed_digests

#: Interquartile ranges beyond the upper quartile: Tukey's fence.
OUTLIER_THRESHOLD = 1.5
#: Of the median distance to the nearest neighbour.
NEAR_DUPLICATE_THRESHOLD = 0.4

#: Of samples without a single duplicate at most this share is called one, by the law above.
CHANCE_SHARE = 0.002
#: So many neighbours are looked for, and the dimension taken from them.
NEIGHBOURS = 20
#: A sample is compared with this one of those that are no near-duplicates of it.
COMPARED = 10
#: With fewer samples a tail cannot be told from the bulk.
FEWEST_ROWS = 30

#: Distances of equal rows, in units of float32's rounding.
_EQUAL = 1e-6
#: Where three quarters are the same to this, what differs is measured against this.
_LEAST_RANGE = 1e-3
#: Cosines below are no likeness at all.
_LEAST_COSINE = 1e-3
#: What the length of the features counts beside the neighbours.
_LENGTH_COUNTS = 0.5

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Nearest:
    """The nearest others of b consecutive rows, the nearest first.

    Attributes
    ----------
    start
        The number of the first of the rows.
    near : ndarray of int, shape (b, k)
        The numbers of their neighbours.
    distance : ndarray of float, shape (b, k)
        Of unit rows; infinite where there are too few others, and for rows of zeros.
    """

    start: int
    near: npt.NDArray[np.signedinteger]
    distance: npt.NDArray[np.floating]


class Spread(NamedTuple):
    """What the neighbours of some rows say of the whole data.

    Attributes
    ----------
    nearest : ndarray of float64, shape (b,)
        Distance of the nearest.
    inverse_dimension : ndarray of float64, shape (b,)
        One over the dimension that the neighbours span; NaN where they are too few.
    """

    nearest: Floats
    inverse_dimension: Floats


class Seen(NamedTuple):
    """What the neighbours of some rows say of each row.

    Attributes
    ----------
    unlikeness : ndarray of float64, shape (b,)
        log(−log cos) with the neighbour that it is compared with; NaN where there are too few.
    pairs : ndarray of int64, shape (p, 2)
        Near-duplicates, by number.
    """

    unlikeness: Floats
    pairs: Integers


def spread_of(rows: Nearest) -> Spread:
    """Return what the neighbours of some rows say of the whole data.

    Levina and Bickel's, equation 9: of the distances T_1 … T_k to the neighbours of a sample,
    (k − 2) / Σ log(T_k / T_j). The first half, where the duplicates are, is left out, which for
    exponential spacings leaves the same estimate from fewer of them.
    """
    count, k = rows.distance.shape
    inverse = np.full(count, np.nan)
    if k == 0:
        return Spread(np.full(count, np.inf), inverse)
    nearest = rows.distance[:, 0].astype(np.float64)
    if k < 4:
        return Spread(nearest, inverse)
    usable = np.isfinite(rows.distance).all(axis=1)
    far = rows.distance[usable, k // 2 :].astype(np.float64)
    spacings = np.diff(np.log(np.maximum(far, _EQUAL))) * np.arange(k // 2 + 1, k)
    inverse[usable] = spacings.mean(axis=1)
    return Spread(nearest, inverse)


def closest_of(spread: Spread, threshold: float) -> float:
    """Return up to which distance samples are near-duplicates, of what all rows say."""
    nearest = spread.nearest
    apart = np.isfinite(nearest) & (nearest > _EQUAL)
    if apart.sum() < FEWEST_ROWS:
        return _EQUAL
    by_chance: float = (2 * CHANCE_SHARE) ** (1 / dimension_of(spread))
    return max(float(np.median(nearest[apart])) * min(threshold, by_chance), _EQUAL)


def dimension_of(spread: Spread) -> float:
    """Return the dimension of the surface that the samples lie on: the median of what all say."""
    known = spread.inverse_dimension[~np.isnan(spread.inverse_dimension)]
    if len(known) < FEWEST_ROWS:
        return 1.0
    return 1 / max(float(np.median(known)), 1e-3)


def seen_of(rows: Nearest, closest: float) -> Seen:
    """Return what the neighbours of some rows say of each, near-duplicates up to a distance."""
    count, k = rows.distance.shape
    unlikeness = np.full(count, np.nan)
    at, slot = np.nonzero(rows.distance <= closest)
    pairs = np.stack([at + rows.start, rows.near[at, slot]], axis=1).astype(np.int64)
    if k:
        usable = np.isfinite(rows.distance).all(axis=1)
        unlikeness[usable] = _unlikeness(rows.distance[usable].astype(np.float64), closest)
    return Seen(unlikeness, pairs)


def _unlikeness(distance: Floats, closest: float) -> Floats:
    """Return log(−log cos) of each sample and the neighbour that it is compared with: (n,)."""
    last = distance.shape[1] - 1
    copies = (distance <= closest).sum(axis=1)
    at = np.minimum(copies + COMPARED - 1, last)
    compared = np.take_along_axis(distance, at[:, None], axis=1)[:, 0]
    # Half the squared distance of unit rows is 1 − cos; not below what float32 tells apart.
    apart = np.clip(compared**2 / 2, _EQUAL**2, 1 - _LEAST_COSINE)
    unlike: Floats = np.log(-np.log1p(-apart))
    return unlike


def beyond_of(unlikeness: Floats, length: Floats) -> Floats:
    """Return how far each sample is beyond what is usual, in interquartile ranges: (n,).

    The larger of the two figures; where there are too few samples, −∞.

    Parameters
    ----------
    unlikeness : ndarray of float64, shape (n,)
        Of :class:`Seen`.
    length : ndarray of float64, shape (n,)
        Of the features.
    """
    usable = ~np.isnan(unlikeness)
    beyond = np.full(len(unlikeness), -np.inf)
    if usable.sum() < FEWEST_ROWS:
        return beyond
    unlike = _fenced(unlikeness[usable])
    logs = np.log(length[usable])
    unusual = np.maximum(_fenced(logs), _fenced(-logs))
    beyond[usable] = np.maximum(unlike, _LENGTH_COUNTS * unusual)
    return beyond


def _fenced(values: Floats) -> Floats:
    """Return the distance of each value from the upper quartile, in interquartile ranges."""
    lower, upper = np.quantile(values, [0.25, 0.75])
    fenced: Floats = (values - upper) / max(upper - lower, _LEAST_RANGE)
    return fenced


def sets_of(pairs: Integers, count: int) -> Integers:
    """Return the number of each sample's set of near-duplicates, −1 for none: (n,).

    Roots are hooked to the smaller ones that they are paired with and the ways to them shortened,
    all at once and over again (Shiloach and Vishkin, "An O(log n) parallel connectivity
    algorithm", J. Algorithms 1982): 10⁷ pairs are too many to be walked one by one.

    Parameters
    ----------
    pairs : ndarray of int64, shape (p, 2)
        Samples that belong together, by number.
    count
        n.
    """
    root = np.arange(count)
    one, other = pairs[:, 0], pairs[:, 1]
    while len(one):
        low, high = np.minimum(root[one], root[other]), np.maximum(root[one], root[other])
        apart = low < high
        one, other = one[apart], other[apart]
        np.minimum.at(root, high[apart], low[apart])
        while not np.array_equal(shorter := root[root], root):
            root = shorter
    _, numbers, sizes = np.unique(root, return_inverse=True, return_counts=True)
    several = sizes[numbers] > 1
    sets = np.full(count, -1, dtype=np.int64)
    sets[several] = np.unique(root[several], return_inverse=True)[1]
    return sets


def pairs_of_content(contents: Sequence[str | None] | None) -> Integers:
    """Return each sample with the first of the same content, where that is another: (p, 2)."""
    contents = contents or ()
    known = np.flatnonzero(np.fromiter((it is not None for it in contents), bool, len(contents)))
    digests = parsed_digests([it for it in contents if it is not None])
    # A stable sort: the first of each run of equals is the first of all samples.
    order = np.lexsort((digests[:, 1], digests[:, 0]))
    begins = np.ones(len(order), dtype=bool)
    begins[1:] = (digests[order[1:]] != digests[order[:-1]]).any(axis=1)
    first = order[begins][np.cumsum(begins) - 1] if len(order) else order
    return np.stack([known[first[~begins]], known[order[~begins]]], axis=1)


def mixed(sets: Integers, values: Sequence[object] | None) -> npt.NDArray[np.bool_]:
    """Return which samples are in a set with more than one value; None counts for none."""
    found = np.zeros(len(sets), dtype=bool)
    if values is None:
        return found
    members = np.flatnonzero(sets >= 0)
    seen: dict[int, set[object]] = {}
    for at, number in zip(members.tolist(), sets[members].tolist(), strict=True):
        if values[at] is not None:
            seen.setdefault(number, set()).add(values[at])
    found[members] = [len(seen.get(number, ())) > 1 for number in sets[members].tolist()]
    return found
