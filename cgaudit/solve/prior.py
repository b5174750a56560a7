"""What the low-rank solver settles before it has seen all rows: its basis and its least noise.

Landmarks, the sample that principal directions are taken from, and the one that the residual is
measured on are the rows with the smallest keyed hashes of their content: no order of the rows
moves them, and a row more or less seldom does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cgaudit.numerics.contents import Keys, smallest
from cgaudit.numerics.kernel import DIAGONAL
from cgaudit.solve.base import (
    RowSource,
    full_precision,
    resolve_device,
    resolve_dtype,
    unit_gather,
)
from cgaudit.solve.basis import Basis, principal_directions
from cgaudit.solve.options import Solving

#: The share of the basis that principal directions may take.
LINEAR_SHARE = 0.25

#: No row's residual is taken as less than this share of the mean over rows that are no landmarks.
RESIDUAL_FLOOR = 0.25

#: λ + residual is at least this: Woodbury's formula loses the digits below.
NOISE_FLOOR = {torch.float32: 1e-3, torch.float64: 1e-6}

#: Rows that principal directions and residual are measured on.
SAMPLE_ROWS = 2048


@dataclass(frozen=True)
class Prior:
    """The low-rank model of the kernel, H ≈ Φ Φᵀ + D, before any label.

    Attributes
    ----------
    basis
        What turns unit rows into φ.
    floor
        Least residual that a row is taken to have.
    ridge
        λ.
    mean_residual
        Of rows that are no landmarks.
    landmark_rows
        int64 (l,), in the order of their keys.
    """

    basis: Basis
    floor: float
    ridge: float
    mean_residual: float
    landmark_rows: Tensor

    @classmethod
    def of(cls, rows: RowSource, keys: Keys, solving: Solving) -> Prior:
        """Draw landmarks and directions, and measure what they leave of other rows.

        Parameters
        ----------
        rows
            (n, d), finite; at most landmarks + :data:`SAMPLE_ROWS` of them are read.
        keys
            (n,), the keyed hashes of their content.
        solving
            Ridge, size of the basis (a plan has settled it), seed, precision and device.
        """
        assert solving.landmarks is not None
        device, dtype = resolve_device(solving.device), resolve_dtype(solving.precision)
        drawn = _Drawn.of(keys, solving.landmarks, rows.shape[1])
        generator = torch.Generator().manual_seed(solving.seed)

        def gather(index: np.ndarray) -> Tensor:
            return unit_gather(rows, torch.from_numpy(index), dtype, device)

        with full_precision():
            sample = gather(drawn.sample).double()
            directions = principal_directions(sample, drawn.rank, generator)
            basis = Basis.of(directions, gather(drawn.landmarks))
            left = residual(basis.features(gather(drawn.others)))
            mean = float(left.double().mean()) if len(left) else 0.0
        least = NOISE_FLOOR[dtype] - solving.fixed_ridge
        landmarks = torch.from_numpy(drawn.landmarks).to(device)
        return cls(basis, max(RESIDUAL_FLOOR * mean, least), solving.fixed_ridge, mean, landmarks)

    @property
    def device(self) -> torch.device:
        """Where its rows are."""
        return self.basis.landmarks.device

    @property
    def repairs(self) -> tuple[str, ...]:
        """What the floor changed in the numbers beyond its usual share, one sentence each."""
        if self.floor <= RESIDUAL_FLOOR * self.mean_residual:
            return ()
        least = NOISE_FLOOR[self.basis.landmarks.dtype]
        return (f"noise of each row raised to at least {least:g}",)

    def noise(self, features: Tensor) -> Tensor:
        """Return D + λ of the rows that have these features, (b,) from (b, m)."""
        return residual(features).clamp_(min=self.floor).add_(self.ridge)


@dataclass(frozen=True)
class _Drawn:
    """Which rows serve what, int64 each, in the order of their keys."""

    rank: int
    landmarks: np.ndarray
    sample: np.ndarray
    others: np.ndarray

    @classmethod
    def of(cls, keys: Keys, landmarks: int, width: int) -> _Drawn:
        order = smallest(keys, landmarks + SAMPLE_ROWS)
        size = min(landmarks, len(order))
        rank = 0 if size == len(order) else min(width, int(LINEAR_SHARE * size))
        sample = order[: max(size, SAMPLE_ROWS)]
        return cls(rank, order[: size - rank], sample, order[size - rank :][:SAMPLE_ROWS])


def residual(features: Tensor) -> Tensor:
    """Return what features (b, m) leave of each row's variance 1/2, (b,)."""
    return (DIAGONAL - features.square().sum(1)).clamp_(min=0)
