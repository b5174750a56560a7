"""Samples unlike all others, and samples that are nearly the same: from the features alone.

Both come from the distances between unit rows of features, and both thresholds from the data; they
are fitted by quantiles inside the bulk, which the odd samples themselves can hardly move.

*Near-duplicates.* Where samples lie with a smooth density on a D-dimensional surface, the
probability that the nearest of n others is closer than r grows as n r^D (Levina and Bickel,
"Maximum likelihood estimation of intrinsic dimension", NIPS 2004), so the logarithm of that
distance has an exponential lower tail. Closer is what chance would bring `FALSE_ALARMS` times in a
data set of this size.

*Outliers.* The logarithm of the mean distance to the neighbours is compared with a normal
distribution that has its median and the spread of its upper half. Flagged are those that are left
when at most `FALSE_DISCOVERIES` of the flags shall be chance (:mod:`.chance`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cgaudit.numerics.chance import discoveries
from cgaudit.numerics.inverted import InvertedLists
from cgaudit.numerics.kernel import unit_rows
from cgaudit.numerics.topk import Largest, largest
from cgaudit.progress import Progress

#: Near-duplicates that a data set without a single one would be expected to show.
FALSE_ALARMS = 0.1
#: The part of the outliers that may be there by chance.
FALSE_DISCOVERIES = 0.05
#: Distances are averaged over so many neighbours, so that a pair of odd samples is odd too.
NEIGHBOURS = 10
#: Beyond, comparing all pairs takes hours: likely neighbours are looked for instead.
MOST_ROWS = 200_000
#: With fewer samples a tail cannot be told from the bulk.
FEWEST_ROWS = 30

#: Rows of a tile, and columns: 32 MB of float32.
_TILE_ROWS = 1024
_TILE_COLUMNS = 8192
#: Distances of equal rows, in units of float32's rounding.
_EQUAL = 1e-6


#: Of a batch of rows, the number of the first of them and k: products and which rows, (b, k) both.
Search = Callable[[Tensor, int, int], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Oddities:
    """What is odd about each of n samples.

    Attributes
    ----------
    outlier_score : ndarray of float32, shape (n,)
        The probability of a regular sample to lie as far from its neighbours, in [0, 1]; low is
        suspicious. NaN where the features are all zero.
    is_outlier_issue : ndarray of bool, shape (n,)
        Farther than chance explains, in a data set of this size.
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
    features: npt.NDArray[np.floating],
    labels: Sequence[object] | None = None,
    splits: Sequence[object] | None = None,
    *,
    device: str = "cpu",
    most_rows: int = MOST_ROWS,
    progress: Progress | None = None,
) -> Oddities:
    """Find outliers and near-duplicates by comparing all pairs of samples.

    Takes n² d multiply-adds and 32 MB beside the unit rows; beyond `most_rows` samples, about
    32 n √n d / 2 and a copy of the rows, and a few neighbours are missed (:mod:`.inverted`).

    Parameters
    ----------
    features : ndarray of float, shape (n, d)
        Finite; rows are scaled to unit length.
    labels, splits
        One each a sample, None where there is none; or None altogether.
    device
        Where torch compares.
    most_rows
        Up to so many samples all pairs are compared.
    progress
        Called with (rows done, n).

    Raises
    ------
    SolveError
        There are more samples, and faiss is not installed.
    """
    count = len(features)
    rows = unit_rows(torch.as_tensor(np.asarray(features, dtype=np.float32)).to(device))
    known = rows.any(dim=1)
    k = min(NEIGHBOURS, max(count - 1, 0))
    search = InvertedLists(rows, known).largest_products if count > most_rows else None
    near, distance = _nearest(rows, known, k, progress, search)
    score, is_outlier = _outliers(distance, known.cpu().numpy())
    sets = _sets(count, near, distance)
    in_set = sets >= 0
    return Oddities(
        outlier_score=score,
        is_outlier_issue=is_outlier,
        near_duplicate_set=sets,
        is_near_duplicate_issue=in_set,
        is_duplicate_conflict=in_set & _mixed(sets, labels),
        is_split_leak=in_set & _mixed(sets, splits),
    )


def _nearest(
    rows: Tensor, known: Tensor, k: int, progress: Progress | None, search: Search | None = None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return each row's nearest others and their distances: (n, k) both, the nearest first.

    Rows of zeros are nobody's neighbours; where there are too few others the distance is infinite.
    """
    search = search or partial(_largest_products, rows, known)
    count = len(rows)
    near = torch.zeros(count, k, dtype=torch.int64)
    distance = torch.full((count, k), torch.inf, dtype=torch.float64)
    for start in range(0, count, _TILE_ROWS) if k else ():
        mine = rows[start : start + _TILE_ROWS]
        products, samples = search(mine, start, k)
        # From the differences: 2 − 2 cos would leave equal rows 3e-4 apart in float32.
        exact = torch.stack([(mine - rows[column]).norm(dim=1) for column in samples.T], dim=1)
        exact[products.isinf()] = torch.inf
        ordered, order = exact.sort(dim=1, stable=True)
        distance[start : start + len(mine)] = ordered.double().cpu()
        near[start : start + len(mine)] = samples.gather(1, order).cpu()
        if progress:
            progress(start + len(mine), count)
    distance[~known.cpu()] = torch.inf
    return near.numpy(), distance.numpy()


def _largest_products(
    rows: Tensor, known: Tensor, mine: Tensor, start: int, k: int
) -> tuple[Tensor, Tensor]:
    """Return the k largest products with other rows, and which rows: (b, k) both."""
    met = Largest.none(len(mine), k, rows)
    for left in range(0, len(rows), _TILE_COLUMNS):
        tile = mine @ rows[left : left + _TILE_COLUMNS].T
        tile[:, ~known[left : left + _TILE_COLUMNS]] = -torch.inf
        own = torch.arange(len(mine), device=rows.device) + start - left
        inside = (own >= 0) & (own < tile.shape[1])
        tile[inside, own[inside]] = -torch.inf
        met = largest(tile, k, left, met)
    return met


def _outliers(
    distance: npt.NDArray[np.float64], known: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Return how probable a mean distance like each sample's is, and which are too large."""
    count = len(distance)
    score = np.where(known, 1.0, np.nan)
    flagged = np.zeros(count, dtype=bool)
    usable = known & np.isfinite(distance).all(axis=1)
    if distance.shape[1] and usable.sum() >= FEWEST_ROWS:
        far = np.log(np.maximum(distance[usable].mean(axis=1), _EQUAL))
        score[usable] = probability = _as_far(far)
        flagged[usable] = discoveries(probability, FALSE_DISCOVERIES)
    return score.astype(np.float32), flagged


def _as_far(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the probability of at least each value, by the median and the upper half's spread."""
    median, high = np.quantile(values, [0.5, 0.8413])
    deviations = (values - median) / max(high - median, 1e-9)
    probability: npt.NDArray[np.float64] = torch.special.ndtr(-torch.from_numpy(deviations)).numpy()
    return probability


def _closest_by_chance(distance: npt.NDArray[np.float64]) -> float:
    """Return the distance below which chance would bring `FALSE_ALARMS` nearest neighbours.

    The lower tail of its logarithm is exponential, with the scale that the median and the quartile
    give: a quarter of all samples may be duplicates before they move it.
    """
    apart = distance[np.isfinite(distance) & (distance > _EQUAL)]
    if len(apart) < FEWEST_ROWS:
        return _EQUAL
    quartile, median = np.quantile(np.log(apart), [0.25, 0.5])
    scale = (median - quartile) / np.log(2)
    return max(float(np.exp(median - scale * np.log(0.5 * len(apart) / FALSE_ALARMS))), _EQUAL)


def _sets(
    count: int, near: npt.NDArray[np.int64], distance: npt.NDArray[np.float64]
) -> npt.NDArray[np.int64]:
    """Return the number of each sample's set of near-duplicates, −1 for none: (n,)."""
    sets = np.full(count, -1, dtype=np.int64)
    if distance.shape[1] == 0:
        return sets
    first, slot = np.nonzero(distance <= _closest_by_chance(distance[:, 0]))
    root = np.arange(count)
    for a, b in zip(first.tolist(), near[first, slot].tolist(), strict=True):
        one, other = _root(root, a), _root(root, b)
        root[max(one, other)] = min(one, other)
    roots = np.array([_root(root, sample) for sample in range(count)], dtype=np.int64)
    _, numbers, sizes = np.unique(roots, return_inverse=True, return_counts=True)
    several = sizes[numbers] > 1
    sets[several] = np.unique(roots[several], return_inverse=True)[1]
    return sets


def _root(root: npt.NDArray[np.int64], sample: int) -> int:
    """Return the first sample of a set, shortening the way there."""
    while root[sample] != sample:
        root[sample] = root[root[sample]]
        sample = int(root[sample])
    return sample


def _mixed(sets: npt.NDArray[np.int64], values: Sequence[object] | None) -> npt.NDArray[np.bool_]:
    """Return which samples are in a set with more than one value; None counts for none."""
    if values is None:
        return np.zeros(len(sets), dtype=bool)
    seen: dict[int, set[object]] = {}
    for number, value in zip(sets.tolist(), values, strict=True):
        if number >= 0 and value is not None:
            seen.setdefault(number, set()).add(value)
    return np.array([len(seen.get(number, ())) > 1 for number in sets.tolist()], dtype=bool)
