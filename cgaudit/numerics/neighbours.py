"""Evidence: for a sample, the nearest ones that carry a certain label.

Near is what the score means by it: a large kernel value H_ij. A leave-one-out prediction is a sum
of α_j H_ij over the other samples, but those of largest α_j are irregular themselves, often because
their own label is wrong: as evidence the nearest are worth more (docs/benchmarks.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cgaudit.numerics.classes import ANY, UNLABELLED
from cgaudit.numerics.kernel import kernel_tile, unit_rows
from cgaudit.numerics.topk import Largest, largest
from cgaudit.reading.stacked import StackedRows

#: Kernel values of one tile: 16 MB at float32.
_TILE_ELEMENTS = 1 << 22

#: Kernel values closer than this are equal but for rounding; the sample's number then decides.
_DECIMALS = 6

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Neighbours:
    """The nearest samples of q samples, for s wanted labels each, the nearest first.

    Attributes
    ----------
    samples : ndarray of int64, shape (q, s, k)
        Their numbers; −1 where fewer than k samples carry the label.
    kernel : ndarray of float32, shape (q, s, k)
        H_ij; 1/2 where the features are the same, 0 where there is no neighbour.
    """

    samples: Integers
    kernel: npt.NDArray[np.float32]


def nearest(
    features: npt.NDArray[np.floating] | StackedRows,
    where: Integers,
    labels: Integers,
    queries: Integers,
    wanted: Integers,
    k: int,
) -> Neighbours:
    """Return the samples nearest to each query among those with each wanted label.

    A query is never its own neighbour; another sample with the same content may be. The features
    are read once, a tile at a time: q n d multiply-adds, and 16 MB beside the queries' own rows.

    Parameters
    ----------
    features : ndarray of float, shape (m, d)
        May be memory-mapped.
    where : ndarray of int64, shape (n,)
        The row of `features` that each of the n samples has; samples of equal content share one.
    labels : ndarray of int64, shape (n,)
        A number ≥ 0 for each class, `UNLABELLED` where there is none.
    queries : ndarray of int64, shape (q,)
        The samples to find neighbours for.
    wanted : ndarray of int64, shape (q, s)
        The labels that the neighbours of each query shall have; `ANY` for any, `NOBODY` for none.
    k
        How many neighbours for each of them.
    """
    rows = _unit(features, where[queries])
    best = [Largest.none(len(queries), k, rows) for _ in range(wanted.shape[1])]
    step = max(1, _TILE_ELEMENTS // max(1, len(queries)))
    for start in range(0, len(where), step):
        stop = min(start + step, len(where))
        tile = kernel_tile(rows, _unit(features, where[start:stop]))
        _exclude_itself(tile, queries, start, stop)
        for slot, met in enumerate(best):
            allowed = _allowed(labels[start:stop], wanted[:, slot])
            best[slot] = largest(tile.masked_fill(~allowed, -torch.inf), k, start, met)
    return _sorted(best, len(queries), k)


def _unit(features: npt.NDArray[np.floating] | StackedRows, rows: Integers) -> Tensor:
    """Return some rows of the features at unit length, float32."""
    return unit_rows(torch.from_numpy(np.asarray(features[rows], dtype=np.float32)))


def _exclude_itself(tile: Tensor, queries: Integers, start: int, stop: int) -> None:
    inside = np.flatnonzero((queries >= start) & (queries < stop))
    tile[torch.from_numpy(inside), torch.from_numpy(queries[inside] - start)] = -torch.inf


def _allowed(labels: Integers, wanted: Integers) -> Tensor:
    """Return which samples of a tile may be neighbours of which query: (q, t) of bool."""
    same = labels[None, :] == wanted[:, None]
    return torch.from_numpy(same | ((wanted[:, None] == ANY) & (labels[None, :] != UNLABELLED)))


def _sorted(best: list[Largest], q: int, k: int) -> Neighbours:
    """Return what was found for each wanted label, equal values in the order of the samples."""
    kernel = np.empty((q, len(best), k), dtype=np.float32)
    samples = np.empty(kernel.shape, dtype=np.int64)
    for slot, met in enumerate(best):
        kernel[:, slot], samples[:, slot] = met.values.numpy(), met.columns.numpy()
    found = np.isfinite(kernel)
    samples = np.where(found, samples, -1)
    order = np.lexsort((samples, -np.round(kernel, _DECIMALS)), axis=2)
    return Neighbours(
        np.take_along_axis(samples, order, axis=2),
        np.take_along_axis(np.where(found, kernel, np.float32(0)), order, axis=2),
    )
