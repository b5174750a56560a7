"""Classes, pairs of classes and growth, from a part of the kernel matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cgaudit.analysis.relative import inverse_of, mean_of, one_against_others, relative_complexity
from cgaudit.numerics.contents import Gathered
from cgaudit.numerics.drawn import drawn
from cgaudit.numerics.kernel import kernel_tile, unit_rows

Integers = npt.NDArray[np.int64]

#: At most so many rows are looked at, drawn by their content: a second of work.
ROWS = 2000
#: Sub-samples are halves of halves, down to so many rows.
LEAST_ROWS = 60
#: Of each class so many rows stand against as many of another, at least and at most.
LEAST_OF_CLASS, MOST_OF_CLASS = 5, 60
#: So many pairs are compared: the nearest by the means of their classes.
PAIRS = 500
#: λ where the scores have none: rows may repeat.
LEAST_RIDGE = 0.1


@dataclass(frozen=True)
class PairFound:
    """Two classes, and how hard they are to tell apart: see `relative_complexity`."""

    first: int
    second: int
    relative_complexity: float


@dataclass(frozen=True)
class Description:
    """What the kernel says of a data set as a whole.

    Attributes
    ----------
    classes
        By class number, the relative complexity of the class against all others; of those with
        enough samples among the rows that were looked at.
    pairs
        The pairs of classes that were compared, the hardest to tell apart first.
    growth
        By number of rows, ascending, the mean relative complexity of the classes.
    """

    classes: dict[int, float]
    pairs: list[PairFound]
    growth: dict[int, float]


def describe(
    features: npt.NDArray[np.floating] | Gathered,
    codes: Integers,
    contents: Sequence[str],
    ridge: float,
    seed: int = 0,
) -> Description:
    """Return the complexity of classes and of pairs of classes, and how it grows.

    Parameters
    ----------
    features : ndarray of float, shape (n, d)
    codes : ndarray of int64, shape (n,)
        Class numbers of labelled samples.
    contents : sequence of str, length n
        What tells a sample from another, by which a part of many is drawn.
    ridge
        λ of the scores.
    seed
        Of the draw.
    """
    draw = np.array([drawn(content, seed) for content in contents])
    rows = np.argsort(draw, kind="stable")[:ROWS]
    units = unit_rows(torch.from_numpy(np.asarray(features[rows])), torch.float64)
    part = torch.from_numpy(codes[rows])
    kernel = kernel_tile(units, units)
    ridge = ridge or LEAST_RIDGE
    growth: dict[int, float] = {}
    classes: dict[int, float] = {}
    for size in _sizes(len(rows)):
        classes = _classes(kernel[:size, :size], part[:size], ridge)
        if classes:
            growth[size] = mean_of(np.array(list(classes.values())))
    return Description(classes, _pairs(kernel, part, ridge), growth)


def _sizes(n: int) -> list[int]:
    """Return n, its half, its half's half, …, ascending."""
    sizes = [n]
    while sizes[-1] // 2 >= LEAST_ROWS:
        sizes.append(sizes[-1] // 2)
    return sizes[::-1]


def _classes(kernel: Tensor, codes: Tensor, ridge: float) -> dict[int, float]:
    """Return the relative complexity of each class that has enough rows and is not all of them."""
    found, counts = torch.unique(codes, return_counts=True)
    found = found[(counts >= LEAST_OF_CLASS) & (counts < len(codes))]
    if not len(found):
        return {}
    values = relative_complexity(inverse_of(kernel, ridge), one_against_others(codes, found))
    return dict(zip(found.tolist(), values.tolist(), strict=True))


def _pairs(kernel: Tensor, codes: Tensor, ridge: float) -> list[PairFound]:
    """Compare the nearest classes, as many rows of one as of the other, in the order of the draw.

    Each stands for the paper's own case of two classes.
    """
    of_class = {
        code: rows[:MOST_OF_CLASS]
        for code in torch.unique(codes).tolist()
        if len(rows := torch.nonzero(codes == code)[:, 0]) >= LEAST_OF_CLASS
    }
    found = []
    for first, second in _nearest(kernel, of_class):
        m = min(len(of_class[first]), len(of_class[second]))
        rows = torch.cat([of_class[first][:m], of_class[second][:m]])
        inverse = inverse_of(kernel[rows][:, rows], ridge)
        target = one_against_others(codes[rows], torch.tensor([first]))
        value = float(relative_complexity(inverse, target)[0])
        found.append(PairFound(first, second, value))
    return sorted(found, key=lambda it: (-it.relative_complexity, it.first, it.second))


def _nearest(kernel: Tensor, of_class: dict[int, Tensor]) -> list[tuple[int, int]]:
    """Return pairs of classes, of many those whose means are nearest in the kernel's space."""
    pairs = list(combinations(of_class, 2))
    if len(pairs) <= PAIRS:
        return pairs
    order = list(of_class)
    weights = kernel.new_zeros(len(kernel), len(order))
    for column, code in enumerate(order):
        weights[of_class[code], column] = 1 / len(of_class[code])
    means = weights.T @ kernel @ weights
    own = means.diagonal()
    apart = own[:, None] + own[None, :] - 2 * means
    place = {code: at for at, code in enumerate(order)}
    nearness = [float(apart[place[first], place[second]]) for first, second in pairs]
    return [pairs[at] for at in np.argsort(nearness, kind="stable")[:PAIRS]]
