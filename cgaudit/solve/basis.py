"""The basis of the low-rank solver: what turns unit rows into features φ.

It has two parts because the kernel has: H = G/4 + higher even powers of G. The leading principal
directions V of the rows reproduce the linear part; the rest, ``k(x, z) − (Vᵀx)·(Vᵀz)/4``, is
reproduced by Nyström's method on landmark rows drawn uniformly. At equal m this follows the exact
scores better than landmarks alone (benchmarks/engine.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from cgaudit.numerics.kernel import kernel_tile, self_kernel_tile, unit_rows
from cgaudit.solve.base import spans
from cgaudit.solve.cholesky import inverse_of_lower, small_cholesky

#: Added to the diagonal of the landmarks' kernel, so that repeated landmarks do no harm.
NUGGET = 1e-6

_BLOCK = 512
_POWER_STEPS = 3


@dataclass(frozen=True)
class Basis:
    """What turns unit rows into features φ.

    Attributes
    ----------
    directions
        (d, r), orthonormal columns.
    landmarks
        (l, d), unit rows.
    projections
        (l, r), the linear features of the landmarks.
    whitening
        (l, l), lower triangle: the inverse Cholesky factor of what is left of the landmarks'
        kernel.
    """

    directions: Tensor
    landmarks: Tensor
    projections: Tensor
    whitening: Tensor

    @classmethod
    def of(cls, directions: Tensor, landmarks: Tensor) -> Basis:
        """Return the basis of the given directions (float64) and landmarks."""
        exact = unit_rows(landmarks, torch.float64)
        projections = (exact @ directions).mul_(0.5)
        left = self_kernel_tile(exact).addmm_(projections, projections.T, alpha=-1)
        left.diagonal().add_(NUGGET)
        dtype = landmarks.dtype
        whitening = inverse_of_lower(small_cholesky(left, dtype))
        return cls(directions.to(dtype), landmarks, projections.to(dtype), whitening.to(dtype))

    @property
    def size(self) -> int:
        """Number of basis functions, m = r + l."""
        return self.directions.shape[1] + self.landmarks.shape[0]

    def landmark_directions(self) -> Tensor:
        """Return unit vectors, (l + 1, m), each orthogonal to the φ of all landmarks but one.

        They are the columns of the whitening, since the rows of its inverse are the landmarks' φ.
        The last row is 0, so that −1 stands for no landmark.
        """
        out = self.whitening.new_zeros((self.landmarks.shape[0] + 1, self.size))
        out[:-1, self.directions.shape[1] :] = torch.nn.functional.normalize(self.whitening.T)
        return out

    def features(self, rows: Tensor) -> Tensor:
        """Return φ of unit rows, (b, m) from (b, d); 2 b m d + b l² flop."""
        rank = self.directions.shape[1]
        out = rows.new_empty((rows.shape[0], self.size))
        out[:, :rank] = (rows @ self.directions).mul_(0.5)
        left = kernel_tile(rows, self.landmarks).addmm_(out[:, :rank], self.projections.T, alpha=-1)
        times_lower_transposed(left, self.whitening, out[:, rank:])
        return out


def principal_directions(sample: Tensor, rank: int, generator: torch.Generator) -> Tensor:
    """Return orthonormal leading right singular directions, (d, rank), by subspace iteration."""
    width = sample.shape[1]
    if rank == width:
        return torch.eye(width, dtype=sample.dtype, device=sample.device)
    start = torch.randn((width, rank), generator=generator, dtype=sample.dtype)
    directions = start.to(sample.device)
    for _ in range(_POWER_STEPS):
        directions = torch.linalg.qr(sample.T @ (sample @ directions)).Q
    return directions


def times_lower_transposed(rows: Tensor, lower: Tensor, out: Tensor | None = None) -> Tensor:
    """Return rows @ lowerᵀ, (b, l), skipping the blocks of zeros."""
    if out is None:
        out = torch.empty_like(rows)
    for start, stop in spans(lower.shape[0], _BLOCK):
        torch.mm(rows[:, :stop], lower[start:stop, :stop].T, out=out[:, start:stop])
    return out
