"""The nearest others of each row among all: every pair is compared."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cgaudit.numerics.contents import Gathered
from cgaudit.numerics.kernel import unit_rows
from cgaudit.numerics.topk import Largest, largest
from cgaudit.oddities.law import Nearest
from cgaudit.progress import Progress

#: Rows of a tile, and columns: 32 MB of float32.
_TILE_ROWS = 1024
_TILE_COLUMNS = 8192


def units_and_lengths(
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


def nearest_of_all(rows: Tensor, known: Tensor, k: int, progress: Progress | None) -> Nearest:
    """Return each row's nearest others and their distances, float64.

    Parameters
    ----------
    rows : Tensor of float32, shape (n, d)
        Of unit length.
    known : Tensor of bool, shape (n,)
        The others are rows of zeros: nobody's neighbours.
    k
        How many; fewer than n.
    progress
        Called with (rows done, n).
    """
    count = len(rows)
    near = torch.zeros(count, k, dtype=torch.int64)
    distance = torch.full((count, k), torch.inf, dtype=torch.float64)
    for start in range(0, count, _TILE_ROWS) if k else ():
        mine = rows[start : start + _TILE_ROWS]
        products, samples = _largest_products(rows, known, mine, start, k)
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
    return Nearest(0, near.numpy(), distance.numpy())


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
