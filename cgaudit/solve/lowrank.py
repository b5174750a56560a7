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

from cgaudit.numerics.contents import Digests, row_keys
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
    wide_columns,
)
from cgaudit.solve.basis import times_lower_transposed
from cgaudit.solve.cholesky import inverse_of_lower
from cgaudit.solve.options import Solving
from cgaudit.solve.prior import Prior
from cgaudit.solve.sums import add_capacitance_, batch_rows, factored, featured


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


@dataclass(frozen=True)
class Model:
    """What is known of the rows before a solver is made of them.

    Attributes
    ----------
    prior
        Of these rows.
    capacitance
        float64 (m, m), Φᵀ N⁻¹ Φ, lower triangle; None where nobody has summed it.
    explained
        (n,), ‖L⁻¹ φ‖² / N of each row; None where nobody has computed it.
    """

    prior: Prior
    capacitance: Tensor | None = None
    explained: Tensor | None = None


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
        cost) and the seed of their choice, precision and device.
    contents
        (n, 2), the digests that landmarks are drawn by; those of the rows' bytes where None.
    keep_features
        Keep the n·m features instead of computing them again in each pass.
    model
        What is known of the rows already, where it is.
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
        contents: Digests | None = None,
        *,
        keep_features: bool = False,
        model: Model | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._device = resolve_device(solving.device)
        self._dtype = resolve_dtype(solving.precision)
        self._rows = rows
        self.n, width = rows.shape
        self._solving = solving
        if model is None:
            keys = row_keys(rows, solving.seed, contents)
            model = Model(Prior.of(rows, keys, solving))
        self._prior, self._explained = model.prior, model.explained
        self.landmark_rows = self._prior.landmark_rows
        self._inverse_diagonal: Tensor | None = None
        m = self._prior.basis.size
        self._row_flop = 2.0 * m * width + m**2
        passes = 1 if keep_features else 4
        self._meter = Meter(self.n * (passes * self._row_flop + 2 * m**2), progress)
        with full_precision():
            self._first_pass(keep_features, model.capacitance)

    @property
    def info(self) -> SolveInfo:
        """How the system is solved."""
        return info_of(self._prior, self._solving)

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
        if self._inverse_diagonal is None and self._explained is not None:
            self._inverse_diagonal = (1 - self._explained) / self.noise
        if self._inverse_diagonal is None:
            self._inverse_diagonal = torch.empty_like(self.noise)
            with full_precision():
                for start, stop, features in self._passes():
                    whitened = times_lower_transposed(features, self._capacitance_inverse)
                    explained = torch.linalg.vector_norm(whitened, dim=1) ** 2
                    noise = self.noise[start:stop]
                    self._inverse_diagonal[start:stop] = (1 - explained / noise) / noise
                    self._meter.add((stop - start) * self._prior.basis.size**2)
        return self._inverse_diagonal

    def predict(self, rows: RowSource, alpha: Tensor) -> Tensor:
        """Return Φ(rows) Φᵀ alpha, (r, k) from (r, d) and (n, k)."""
        alpha = self._placed(alpha)
        out = alpha.new_empty((rows.shape[0], alpha.shape[1]))
        with full_precision():
            weights = self._project(alpha).to(self._dtype)
            for start, stop, features in featured(rows, self._prior):
                out[start:stop] = features @ weights
        return out

    def explainer(self) -> Explainer:
        """Return what explains small blocks of rows by all others; needs kept features."""
        inverse = self._capacitance_inverse
        whitened = torch.empty_like(self._features)
        with full_precision():
            for start, stop, features in self._passes():
                times_lower_transposed(features, inverse, whitened[start:stop])
            directions = self._prior.basis.landmark_directions()
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

    def _first_pass(self, keep_features: bool, known: Tensor | None) -> None:
        """Compute the noise D + λ of each row and, where it is not known, the capacitance."""
        m = self._prior.basis.size
        self._features = torch.empty(
            (self.n if keep_features else 0, m), dtype=self._dtype, device=self._device
        )
        self.noise = torch.empty(self.n, dtype=self._dtype, device=self._device)
        capacitance = known
        if capacitance is None:
            capacitance = torch.zeros((m, m), dtype=torch.float64, device=self._device)
        for start, stop, features in self._computed_passes():
            if keep_features:
                self._features[start:stop] = features
            noise = self._prior.noise(features)
            self.noise[start:stop] = noise
            if known is None:
                add_capacitance_(capacitance, features, noise)
            self._meter.add((stop - start) * m**2)
        self._capacitance = factored(capacitance, self._dtype)

    def _passes(self) -> Iterator[tuple[int, int, Tensor]]:
        """Yield (start, stop, features) of all rows, batch by batch."""
        if not len(self._features):
            yield from self._computed_passes()
            return
        for start, stop in spans(self.n, batch_rows(self._prior.basis.size, self._device.type)):
            yield start, stop, self._features[start:stop]

    def _computed_passes(self) -> Iterator[tuple[int, int, Tensor]]:
        for start, stop, features in featured(self._rows, self._prior):
            yield start, stop, features
            self._meter.add((stop - start) * self._row_flop)

    def _project(self, vectors: Tensor) -> Tensor:
        """Return Φᵀ vectors, float64 (m, k)."""
        out = torch.zeros(
            (self._prior.basis.size, vectors.shape[1]), dtype=torch.float64, device=self._device
        )
        for start, stop, features in self._passes():
            out += features.T @ vectors[start:stop]
        return out


def info_of(prior: Prior, solving: Solving) -> SolveInfo:
    """Return how a system with this prior is solved."""
    return SolveInfo(
        method="lowrank",
        ridge=solving.fixed_ridge,
        precision=dtype_name(prior.basis.landmarks.dtype),
        device=prior.device.type,
        landmarks=solving.landmarks,
        seed=solving.seed,
        repairs=prior.repairs,
        checks={"mean_residual": prior.mean_residual},
    )
