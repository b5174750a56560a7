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

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cgaudit.numerics.contents import Gathered
from cgaudit.numerics.inverted import InvertedLists
from cgaudit.numerics.kernel import unit_rows
from cgaudit.numerics.topk import Largest, largest
from cgaudit.numerics.unusual import as_score
from cgaudit.progress import Progress

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
#: Beyond, comparing all pairs takes hours: likely neighbours are looked for instead.
MOST_ROWS = 200_000
#: With fewer samples a tail cannot be told from the bulk.
FEWEST_ROWS = 30

#: Rows of a tile, and columns: 32 MB of float32.
_TILE_ROWS = 1024
_TILE_COLUMNS = 8192
#: Distances of equal rows, in units of float32's rounding.
_EQUAL = 1e-6
#: Where three quarters are the same to this, what differs is measured against this.
_LEAST_RANGE = 1e-3
#: Cosines below are no likeness at all.
_LEAST_COSINE = 1e-3
#: What the length of the features counts beside the neighbours.
_LENGTH_COUNTS = 0.5


#: Of a batch of rows, the number of the first of them and k: products and which rows, (b, k) both.
Search = Callable[[Tensor, int, int], tuple[Tensor, Tensor]]


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
    contents: Sequence[object] | None = None,
    *,
    outlier_threshold: float = OUTLIER_THRESHOLD,
    near_duplicate_threshold: float = NEAR_DUPLICATE_THRESHOLD,
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
    SolveError
        There are more samples, and faiss is not installed.
    """
    count = len(features)
    rows, length = _units_and_lengths(features, torch.device(device))
    known = rows.any(dim=1)
    k = min(NEIGHBOURS, max(count - 1, 0))
    search = InvertedLists(rows, known).largest_products if count > most_rows else None
    near, distance = _nearest(rows, known, k, progress, search)
    closest = _closest(distance, near_duplicate_threshold)
    beyond = _beyond(distance, length, closest)
    beyond[~known.cpu().numpy()] = np.nan
    sets = _sets(near, distance, closest, contents)
    in_set = sets >= 0
    return Oddities(
        outlier_score=as_score(beyond),
        is_outlier_issue=beyond > outlier_threshold,
        near_duplicate_set=sets,
        is_near_duplicate_issue=in_set,
        is_duplicate_conflict=in_set & _mixed(sets, labels),
        is_split_leak=in_set & _mixed(sets, splits),
    )


def _units_and_lengths(
    features: npt.NDArray[np.floating] | Gathered, device: torch.device
) -> tuple[Tensor, npt.NDArray[np.float64]]:
    """Return the rows scaled to unit length, float32, and their lengths: what is held of them."""
    rows = torch.empty(features.shape, dtype=torch.float32, device=device)
    length = np.empty(len(features))
    for start in range(0, len(features), _TILE_ROWS):
        given = torch.tensor(np.asarray(features[start : start + _TILE_ROWS], dtype=np.float32))
        rows[start : start + _TILE_ROWS] = unit_rows(given.to(device))
        length[start : start + _TILE_ROWS] = torch.linalg.vector_norm(given.double(), dim=1)
    return rows, length


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
        wide = mine.double()
        exact = torch.stack(
            [(wide - rows[column]).square_().sum(dim=1).sqrt_() for column in samples.T], dim=1
        )
        exact[products.isinf()] = torch.inf
        ordered, order = exact.sort(dim=1, stable=True)
        distance[start : start + len(mine)] = ordered.cpu()
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


def _closest(distance: npt.NDArray[np.float64], threshold: float) -> float:
    """Return up to which distance samples are near-duplicates."""
    if distance.shape[1] == 0:
        return _EQUAL
    nearest = distance[:, 0]
    apart = np.isfinite(nearest) & (nearest > _EQUAL)
    if apart.sum() < FEWEST_ROWS:
        return _EQUAL
    by_chance: float = (2 * CHANCE_SHARE) ** (1 / _dimension(distance))
    return max(float(np.median(nearest[apart])) * min(threshold, by_chance), _EQUAL)


def _dimension(distance: npt.NDArray[np.float64]) -> float:
    """Return of how many dimensions the surface is that the samples lie on, by the median of all.

    Levina and Bickel's, equation 9: of the distances T_1 … T_k to the neighbours of a sample,
    (k − 2) / Σ log(T_k / T_j). The first half, where the duplicates are, is left out, which for
    exponential spacings leaves the same estimate from fewer of them.
    """
    usable = distance[np.isfinite(distance).all(axis=1)]
    k = usable.shape[1]
    if len(usable) < FEWEST_ROWS or k < 4:
        return 1.0
    logs = np.log(np.maximum(usable[:, k // 2 :], _EQUAL))
    spacings = np.diff(logs) * np.arange(k // 2 + 1, k)
    return 1 / max(float(np.median(spacings.mean(axis=1))), 1e-3)


def _beyond(
    distance: npt.NDArray[np.float64], length: npt.NDArray[np.float64], closest: float
) -> npt.NDArray[np.float64]:
    """Return how far each sample is beyond what is usual, in interquartile ranges: (n,).

    The larger of the two figures; where there are too few samples, −∞.
    """
    usable = np.isfinite(distance).all(axis=1)
    beyond = np.full(len(distance), -np.inf)
    if distance.shape[1] == 0 or usable.sum() < FEWEST_ROWS:
        return beyond
    unlike = _fenced(_unlikeness(distance[usable], closest))
    logs = np.log(length[usable])
    unusual = np.maximum(_fenced(logs), _fenced(-logs))
    beyond[usable] = np.maximum(unlike, _LENGTH_COUNTS * unusual)
    return beyond


def _unlikeness(distance: npt.NDArray[np.float64], closest: float) -> npt.NDArray[np.float64]:
    """Return log(−log cos) of each sample and the neighbour that it is compared with: (n,)."""
    last = distance.shape[1] - 1
    copies = (distance <= closest).sum(axis=1)
    at = np.minimum(copies + COMPARED - 1, last)
    compared = np.take_along_axis(distance, at[:, None], axis=1)[:, 0]
    # Half the squared distance of unit rows is 1 − cos; not below what float32 tells apart.
    apart = np.clip(compared**2 / 2, _EQUAL**2, 1 - _LEAST_COSINE)
    unlike: npt.NDArray[np.float64] = np.log(-np.log1p(-apart))
    return unlike


def _fenced(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the distance of each value from the upper quartile, in interquartile ranges."""
    lower, upper = np.quantile(values, [0.25, 0.75])
    fenced: npt.NDArray[np.float64] = (values - upper) / max(upper - lower, _LEAST_RANGE)
    return fenced


def _sets(
    near: npt.NDArray[np.int64],
    distance: npt.NDArray[np.float64],
    closest: float,
    contents: Sequence[object] | None,
) -> npt.NDArray[np.int64]:
    """Return the number of each sample's set of near-duplicates, −1 for none: (n,)."""
    count = len(distance)
    sets = np.full(count, -1, dtype=np.int64)
    first, slot = np.nonzero(distance <= closest)
    pairs = [*zip(first.tolist(), near[first, slot].tolist(), strict=True), *_equal(contents)]
    root = np.arange(count)
    for a, b in pairs:
        one, other = _root(root, a), _root(root, b)
        root[max(one, other)] = min(one, other)
    roots = np.array([_root(root, sample) for sample in range(count)], dtype=np.int64)
    _, numbers, sizes = np.unique(roots, return_inverse=True, return_counts=True)
    several = sizes[numbers] > 1
    sets[several] = np.unique(roots[several], return_inverse=True)[1]
    return sets


def _equal(contents: Sequence[object] | None) -> Iterator[tuple[int, int]]:
    """Yield each sample with the first of the same content, where that is another."""
    first: dict[object, int] = {}
    for at, content in enumerate(contents or ()):
        if content is not None and first.setdefault(content, at) != at:
            yield first[content], at


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
