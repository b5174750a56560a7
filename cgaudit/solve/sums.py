"""The low-rank solver as sums over parts of the rows, and functions of a part.

With Φ, N = D + λ and the prior of :mod:`.prior`, all that rows and labels Y = ±1 say of the model
is in C = Φᵀ N⁻¹ Φ and M = Φᵀ N⁻¹ [y = c]: sums over rows, which are taken a block at a time, in any
place, and merged in float64. From them follow the weights W = (I + C)⁻¹ Φᵀ N⁻¹ Y, where column c of
Φᵀ N⁻¹ Y is 2 M_c − Σ_k M_k, and by Woodbury's formula, for each row on its own,

    f = φᵀ W,    α = (y − f) / N,    D = (1 − ‖L⁻¹ φ‖² / N) / N,    ŷ = y − α / D,

L the Cholesky factor of I + C. A row that is not in the system has the prediction f. So the rows
are read twice: once for the sums, once for the figures of each.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cgaudit.numerics.classes import UNLABELLED
from cgaudit.numerics.contents import Gathered, gathered
from cgaudit.solve.base import (
    RowSource,
    full_precision,
    spans,
    unit_batch,
    wide_columns,
)
from cgaudit.solve.basis import times_lower_transposed
from cgaudit.solve.cholesky import inverse_of_lower, small_cholesky
from cgaudit.solve.prior import Prior

#: Features in work at once, by device.
BATCH_ELEMENTS = {"cpu": 1 << 22, "cuda": 1 << 23}

_BLOCK = 512
#: Rows whose parts are made whole numbers at once.
_ROWS_AT_ONCE = 256
#: No entry of a row's φ is larger: ‖φ‖² is at most 1/2, up to rounding.
_LARGEST_FEATURE = 0.75


@dataclass(frozen=True)
class LabelledRows:
    """Some rows and their labels.

    Attributes
    ----------
    index : ndarray of int64, shape (b,)
        Which rows of the matrix these are.
    codes : ndarray of int64, shape (b,)
        Class numbers, `UNLABELLED` where there is none.
    """

    index: np.ndarray
    codes: np.ndarray

    def of(self, matrix: np.ndarray) -> Gathered:
        """Return the rows, read when they are asked for."""
        return gathered(matrix, self.index)


@dataclass(frozen=True)
class Sums:
    """What some labelled rows add to the model.

    Attributes
    ----------
    capacitance
        float64 (m, m), Φᵀ N⁻¹ Φ, its lower triangle.
    moments
        int64 (K, m), (Φᵀ N⁻¹ [y = c])ᵀ in units of 2^−grain.
    precision
        float64 (), Σ N⁻¹ of the rows.
    grain
        See :func:`grain_of`.
    """

    capacitance: Tensor
    moments: Tensor
    precision: Tensor
    grain: int

    @classmethod
    def none(cls, m: int, n_classes: int, grain: int, device: torch.device) -> Sums:
        """Return what no rows add."""
        return cls(
            torch.zeros((m, m), dtype=torch.float64, device=device),
            torch.zeros((n_classes, m), dtype=torch.int64, device=device),
            torch.zeros((), dtype=torch.float64, device=device),
            grain,
        )

    @property
    def targets(self) -> Tensor:
        """Φᵀ N⁻¹ Y, float64 (m, K)."""
        moments = self.moments.T.double().mul_(2.0**-self.grain)
        return 2 * moments - moments.sum(dim=1, keepdim=True)

    def added(self, other: Sums) -> Sums:
        """Return what both add; written into this one."""
        self.capacitance.add_(other.capacitance)
        self.moments.add_(other.moments)
        self.precision.add_(other.precision)
        return self


@dataclass(frozen=True)
class Fit:
    """The model that the sums of all rows make.

    Attributes
    ----------
    weights
        (m, K), W in the working precision.
    whitening
        (m, m), L⁻¹, lower, in the working precision.
    class_complexity
        float64 (K,), y_cᵀ (Φ Φᵀ + N)⁻¹ y_c.
    """

    weights: Tensor
    whitening: Tensor
    class_complexity: Tensor

    @classmethod
    def of(cls, sums: Sums, dtype: torch.dtype) -> Fit:
        """Factor and solve.

        Raises
        ------
        FactorisationError
            The features hold NaN.
        """
        factor = factored(sums.capacitance, dtype)
        targets = sums.targets
        weights = torch.cholesky_solve(targets, factor)
        complexity = sums.precision - (targets * weights).sum(dim=0)
        return cls(weights.to(dtype), inverse_of_lower(factor).to(dtype), complexity)


@dataclass(frozen=True)
class Figures:
    """What the model says of some rows, each left out of it.

    Attributes
    ----------
    values
        (b, K), ŷ; f where a row has no label.
    given, cg_score
        (b_l,), of the labelled rows: ŷ and CG = α² / D of the given class.
    explained
        (b,), ‖L⁻¹ φ‖² / N, which no label moves.
    """

    values: Tensor
    given: Tensor
    cg_score: Tensor
    explained: Tensor

    @property
    def n_classes(self) -> int:
        """Number of classes K."""
        return int(self.values.shape[1])

    def chunks(self) -> Iterator[tuple[slice, Tensor]]:
        """Yield the values of all classes at once, as (classes, values)."""
        yield slice(0, self.n_classes), self.values


def grain_of(prior: Prior, n: int) -> int:
    """Return the binary digits after the point to which a row's part φ / N is summed.

    As many as 64-bit numbers leave room for where n rows add up: 44 for 20,000 rows and λ = 0.1.
    """
    largest = _LARGEST_FEATURE / (prior.floor + prior.ridge)
    return 62 - math.ceil(math.log2(max(1, n) * max(1.0, largest)))


def sums_of(
    part: LabelledRows, matrix: np.ndarray, prior: Prior, n_classes: int, grain: int
) -> Sums:
    """Return what the labelled rows of a part add to the model; 2 b m d + 2 b m² flop."""
    labelled = part.codes != UNLABELLED
    codes = torch.from_numpy(part.codes[labelled]).to(prior.device)
    rows = gathered(matrix, part.index[labelled])
    sums = Sums.none(prior.basis.size, n_classes, grain, prior.device)
    with full_precision():
        for start, stop, features in featured(rows, prior):
            noise = prior.noise(features)
            add_capacitance_(sums.capacitance, features, noise)
            for first, last in spans(len(features), _ROWS_AT_ONCE):
                whole = row_moments(features[first:last], noise[first:last], grain)
                sums.moments.index_add_(0, codes[start:stop][first:last], whole)
            sums.precision.add_(noise.double().reciprocal_().sum())
    return sums


def row_moments(features: Tensor, noise: Tensor, grain: int) -> Tensor:
    """Return φ / N of rows in units of 2^−grain, int64 (b, m) from (b, m) and (b,)."""
    return (features / noise[:, None]).double().mul_(2.0**grain).round_().long()


def figures_of(
    part: LabelledRows, known: np.ndarray | None, matrix: np.ndarray, prior: Prior, fit: Fit
) -> Figures:
    """Return what the model says of the rows of a part; 2 b m d + 2 b m² flop.

    Parameters
    ----------
    known
        (b,), what is explained of each, if that is known: b m² flop less.
    """
    rows, codes = part.of(matrix), torch.tensor(part.codes).to(prior.device)
    weights, n_classes = wide_columns(fit.weights), fit.weights.shape[1]
    predictions = weights.new_empty((len(codes), n_classes))
    given, cg_score, explained = (weights.new_empty(len(codes)) for _ in range(3))
    if known is not None:
        explained.copy_(torch.tensor(known))
    with full_precision():
        for start, stop, features in featured(rows, prior):
            noise, own = prior.noise(features), codes[start:stop]
            if known is None:
                whitened = times_lower_transposed(features, fit.whitening)
                length = torch.linalg.vector_norm(whitened, dim=1)
                explained[start:stop] = length**2 / noise
            block = (features @ weights)[:, :n_classes]
            # ŷ = y − (y − f) / (N D), CG = ((y − f) / N)² / D.
            scale = 1 / (1 - explained[start:stop])
            left_out = _signs(own, n_classes, block)
            left_out -= (left_out - block) * scale[:, None]
            of_own = own.clamp(min=0)[:, None]
            given[start:stop] = left_out.gather(1, of_own)[:, 0]
            error = 1 - block.gather(1, of_own)[:, 0]
            cg_score[start:stop] = error**2 * scale / noise
            predictions[start:stop] = torch.where((own >= 0)[:, None], left_out, block)
    labelled = codes >= 0
    return Figures(predictions, given[labelled], cg_score[labelled], explained)


def featured(rows: RowSource, prior: Prior) -> Iterator[tuple[int, int, Tensor]]:
    """Yield (start, stop, φ) of all rows, block by block: a function of their number and m."""
    place, dtype = prior.device, prior.basis.landmarks.dtype
    for start, stop in spans(rows.shape[0], batch_rows(prior.basis.size, place.type)):
        yield start, stop, prior.basis.features(unit_batch(rows, start, stop, dtype, place))


def batch_rows(m: int, device: str) -> int:
    """Return how many rows are in work at once with a basis of size m."""
    return max(_BLOCK, BATCH_ELEMENTS[device] // m)


def add_capacitance_(capacitance: Tensor, features: Tensor, noise: Tensor) -> None:
    """Add Φᵀ N⁻¹ Φ of a block of rows, (m, m) float64 from (b, m) and (b,); lower triangle."""
    scaled = features / noise.sqrt()[:, None]
    for left, right in spans(features.shape[1], _BLOCK):
        capacitance[left:, left:right] += scaled[:, left:].T @ scaled[:, left:right]


def factored(capacitance: Tensor, dtype: torch.dtype) -> Tensor:
    """Return the Cholesky factor of I + C, float64.

    Raises
    ------
    FactorisationError
        The features hold NaN.
    """
    whole = capacitance.clone()
    whole.diagonal().add_(1)
    return small_cholesky(whole, dtype)


def _signs(codes: Tensor, n_classes: int, like: Tensor) -> Tensor:
    """Return ±1 for each class against the rest, (b, K)."""
    numbers = torch.arange(n_classes, device=codes.device)
    return (codes[:, None] == numbers).to(like) * 2 - 1
