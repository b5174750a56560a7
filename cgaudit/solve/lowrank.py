"""The low-rank solver: H ≈ Φ Φᵀ + D, rows streamed.

FITC (Snelson and Ghahramani 2005, "Sparse Gaussian processes using pseudo-inputs"): the part of
the kernel that m basis functions explain (:mod:`.basis`), plus, on the diagonal, what they leave
unexplained of each row's own variance.

Landmark rows are explained fully. Left at that, their noise is λ alone while every other row has
its residual besides: the diagonal of the inverse is then biased upwards on landmarks, downwards
elsewhere, and at λ = 0 the model interpolates the landmarks' labels. Landmarks therefore get a
floor of a quarter of the other rows' mean residual, at which both biases are about the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from cgaudit.numerics.kernel import DIAGONAL
from cgaudit.progress import Progress
from cgaudit.solve.base import (
    Meter,
    RowSource,
    SolveInfo,
    dtype_name,
    full_precision,
    resolve_device,
    resolve_dtype,
    spans,
    unit_batch,
    unit_gather,
    wide_columns,
)
from cgaudit.solve.basis import Basis, principal_directions, times_lower_transposed
from cgaudit.solve.cholesky import inverse_of_lower, small_cholesky
from cgaudit.solve.options import Solving

#: The share of the basis that principal directions may take.
LINEAR_SHARE = 0.25

#: No row's residual is taken as less than this share of the mean over rows that are no landmarks.
RESIDUAL_FLOOR = 0.25

#: λ + residual is at least this: Woodbury's formula loses the digits below.
NOISE_FLOOR = {torch.float32: 1e-3, torch.float64: 1e-6}

#: Features in work at once, and rows that principal directions and residual are measured on.
BATCH_ELEMENTS = 1 << 23
SAMPLE_ROWS = 2048

_BLOCK = 512


@dataclass(frozen=True)
class Explainer:
    """What the low-rank operator makes of a block of rows from all rows outside it.

    Attributes
    ----------
    features, whitened
        (n, m): Φ, and Φ L⁻ᵀ with L the Cholesky factor of the capacitance.
    noise
        (n,), D + λ.
    landmark
        int64 (n,), which landmark a row is, −1 where it is none.
    directions, whitened_directions
        (l + 1, m): the direction of feature space that one landmark alone opens, and the same
        times L⁻ᵀ; the last row is 0.
    """

    features: Tensor
    whitened: Tensor
    noise: Tensor
    landmark: Tensor
    directions: Tensor
    whitened_directions: Tensor

    def explained(self, index: Tensor) -> Tensor:
        """Return A_SR A_RR⁻¹ A_RS for blocks S of rows, R all rows outside the block.

        By Woodbury's formula, with N the noise and W the whitened features of S, it is
        ``Φ Φᵀ − W Wᵀ − W Wᵀ (N − W Wᵀ)⁻¹ W Wᵀ``. Where the first row of a block is a landmark, its
        direction is taken out of the outer Φ and W: the block is explained as if the row were no
        landmark, which gives it the bias of all other rows.

        Parameters
        ----------
        index
            int64 (c, q), the rows of each block.

        Returns
        -------
        Tensor
            float64 (c, q, q).
        """
        features, whitened = self.features[index], self.whitened[index]
        landmark = self.landmark[index[:, 0]]
        along = features @ self.directions[landmark][:, :, None]
        outer = features - along * self.directions[landmark][:, None, :]
        outer_whitened = whitened - along * self.whitened_directions[landmark][:, None, :]
        seen = (outer @ outer.mT - outer_whitened @ outer_whitened.mT).double()
        cross = (outer_whitened @ whitened.mT).double()
        unseen = torch.diag_embed(self.noise[index]).double() - (whitened @ whitened.mT).double()
        block: Tensor = seen - cross @ torch.linalg.solve(unseen, cross.mT)
        return block


class LowRankSolver:
    """(Φ Φᵀ + D + λI)⁻¹ by Woodbury's formula.

    Memory: three m² matrices, one of them float64, a batch of rows, and n·m numbers more where
    the features are kept. Work: 2 n m d + n m² flop for the features, once or in every pass over
    the rows, n m² for the capacitance matrix and n m² for the inverse diagonal.

    Parameters
    ----------
    rows
        (n, d), finite; read in slices and scaled to unit length here.
    solving
        Ridge (low rank is a poor match at λ = 0, where nothing hides what the basis misses),
        landmarks (m, the size of the basis, n at most: with m = n it is the exact solver at more
        cost) and their seed, precision and device.
    keep_features
        Keep the n·m features instead of computing them again in each pass.
    progress
        Told of the flop done, over construction, inverse diagonal and one solve together.

    Raises
    ------
    FactorisationError
        The capacitance matrix is not positive definite: the features hold NaN.
    """

    def __init__(
        self,
        rows: RowSource,
        solving: Solving,
        *,
        keep_features: bool = False,
        progress: Progress | None = None,
    ) -> None:
        # A plan has settled it.
        assert solving.landmarks is not None
        self._device = resolve_device(solving.device)
        self._dtype = resolve_dtype(solving.precision)
        self._rows = rows
        self.n, width = rows.shape
        self._ridge = solving.fixed_ridge
        self._landmarks = solving.landmarks
        self._seed = solving.seed
        self._repairs: tuple[str, ...] = ()
        self._inverse_diagonal: Tensor | None = None
        with full_precision():
            self._choose_basis()
            m = self._basis.size
            self._batch = max(_BLOCK, BATCH_ELEMENTS // m)
            self._row_flop = 2.0 * m * width + m**2
            passes = 1 if keep_features else 4
            self._meter = Meter(self.n * (passes * self._row_flop + 2 * m**2), progress)
            self._first_pass(keep_features)

    @property
    def info(self) -> SolveInfo:
        """How the system is solved."""
        return SolveInfo(
            method="lowrank",
            ridge=self._ridge,
            precision=dtype_name(self._dtype),
            device=self._device.type,
            landmarks=self._landmarks,
            seed=self._seed,
            repairs=self._repairs,
            checks={"mean_residual": self._mean_residual},
        )

    def solve(self, targets: Tensor) -> Tensor:
        """Return the inverse times targets, (n, k) from (n, k); two passes, 4 n m k flop."""
        scaled = wide_columns(self._placed(targets)).div_(self.noise[:, None])
        with full_precision():
            weights = torch.cholesky_solve(self._project(scaled), self._capacitance)
            weights = weights.to(self._dtype)
            for start, stop, features in self._passes():
                scaled[start:stop] -= (features @ weights) / self.noise[start:stop, None]
        return scaled[:, : targets.shape[1]]

    def apply(self, vectors: Tensor) -> Tensor:
        """Return (Φ Φᵀ + D + λI) vectors, (n, k) from (n, k)."""
        vectors = self._placed(vectors)
        out = vectors * self.noise[:, None]
        with full_precision():
            weights = self._project(vectors).to(self._dtype)
            for start, stop, features in self._passes():
                out[start:stop] += features @ weights
        return out

    def inverse_diagonal(self) -> Tensor:
        """Return the diagonal of the inverse, (n,); one pass, n m² flop the first time."""
        if self._inverse_diagonal is None:
            self._inverse_diagonal = torch.empty_like(self.noise)
            with full_precision():
                for start, stop, features in self._passes():
                    whitened = times_lower_transposed(features, self._capacitance_inverse)
                    explained = torch.linalg.vector_norm(whitened, dim=1) ** 2
                    noise = self.noise[start:stop]
                    self._inverse_diagonal[start:stop] = (1 - explained / noise) / noise
                    self._meter.add((stop - start) * self._basis.size**2)
        return self._inverse_diagonal

    def predict(self, rows: RowSource, alpha: Tensor) -> Tensor:
        """Return Φ(rows) Φᵀ alpha, (r, k) from (r, d) and (n, k)."""
        alpha = self._placed(alpha)
        out = alpha.new_empty((rows.shape[0], alpha.shape[1]))
        with full_precision():
            weights = self._project(alpha).to(self._dtype)
            for start, stop in spans(rows.shape[0], self._batch):
                batch = unit_batch(rows, start, stop, self._dtype, self._device)
                out[start:stop] = self._basis.features(batch) @ weights
        return out

    def explainer(self) -> Explainer:
        """Return what explains small blocks of rows by all others; needs kept features."""
        inverse = self._capacitance_inverse
        whitened = torch.empty_like(self._features)
        with full_precision():
            for start, stop, features in self._passes():
                times_lower_transposed(features, inverse, whitened[start:stop])
            directions = self._basis.landmark_directions()
            whitened_directions = times_lower_transposed(directions, inverse)
        landmark = torch.full((self.n,), -1, device=self._device)
        landmark[self.landmark_rows] = torch.arange(len(self.landmark_rows), device=self._device)
        return Explainer(
            self._features,
            whitened,
            self.noise,
            landmark,
            directions,
            whitened_directions,
        )

    @cached_property
    def _capacitance_inverse(self) -> Tensor:
        """The inverse of the capacitance's Cholesky factor, lower, in the working precision."""
        return inverse_of_lower(self._capacitance).to(self._dtype)

    def _placed(self, matrix: Tensor) -> Tensor:
        return matrix.to(device=self._device, dtype=self._dtype)

    def _choose_basis(self) -> None:
        """Draw landmarks and directions, and measure what they leave of other rows."""
        generator = torch.Generator().manual_seed(self._seed)
        order = torch.randperm(self.n, generator=generator)
        size, width = min(self._landmarks, self.n), self._rows.shape[1]
        rank = 0 if size == self.n else min(width, int(LINEAR_SHARE * size))
        self.landmark_rows = order[: size - rank].sort().values.to(self._device)
        sample = self._gather(order[: max(size, SAMPLE_ROWS)].sort().values)
        directions = principal_directions(sample.double(), rank, generator)
        self._basis = Basis.of(directions, self._gather(self.landmark_rows))
        others = order[size - rank :][:SAMPLE_ROWS].sort().values
        residual = _residual(self._basis.features(self._gather(others)))
        self._mean_residual = float(residual.mean()) if len(others) else 0.0

    def _gather(self, index: Tensor) -> Tensor:
        return unit_gather(self._rows, index, self._dtype, self._device)

    def _first_pass(self, keep_features: bool) -> None:
        """Compute the noise D + λ of each row and the capacitance I + Φᵀ (D + λ)⁻¹ Φ."""
        m = self._basis.size
        self._features = torch.empty(
            (self.n if keep_features else 0, m), dtype=self._dtype, device=self._device
        )
        floor = self._residual_floor()
        self.noise = torch.empty(self.n, dtype=self._dtype, device=self._device)
        capacitance = torch.eye(m, dtype=torch.float64, device=self._device)
        for start, stop, features in self._computed_passes():
            if keep_features:
                self._features[start:stop] = features
            noise = _residual(features).clamp_(min=floor).add_(self._ridge)
            self.noise[start:stop] = noise
            scaled = features / noise.sqrt()[:, None]
            for left, right in spans(m, _BLOCK):
                capacitance[left:, left:right] += scaled[:, left:].T @ scaled[:, left:right]
            self._meter.add((stop - start) * m**2)
        self._capacitance = small_cholesky(capacitance, self._dtype)

    def _residual_floor(self) -> float:
        floor = RESIDUAL_FLOOR * self._mean_residual
        lowest = NOISE_FLOOR[self._dtype] - self._ridge
        if floor >= lowest:
            return floor
        self._repairs += (f"noise of each row raised to at least {NOISE_FLOOR[self._dtype]:g}",)
        return lowest

    def _passes(self) -> Iterator[tuple[int, int, Tensor]]:
        """Yield (start, stop, features) of all rows, batch by batch."""
        if not len(self._features):
            yield from self._computed_passes()
            return
        for start, stop in spans(self.n, self._batch):
            yield start, stop, self._features[start:stop]

    def _computed_passes(self) -> Iterator[tuple[int, int, Tensor]]:
        for start, stop in spans(self.n, self._batch):
            rows = unit_batch(self._rows, start, stop, self._dtype, self._device)
            yield start, stop, self._basis.features(rows)
            self._meter.add((stop - start) * self._row_flop)

    def _project(self, vectors: Tensor) -> Tensor:
        """Return Φᵀ vectors, float64 (m, k)."""
        out = torch.zeros(
            (self._basis.size, vectors.shape[1]), dtype=torch.float64, device=self._device
        )
        for start, stop, features in self._passes():
            out += features.T @ vectors[start:stop]
        return out


def _residual(features: Tensor) -> Tensor:
    """Return what the features leave of each row's variance 1/2, (b,)."""
    return (DIAGONAL - features.square().sum(1)).clamp_(min=0)
