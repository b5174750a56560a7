"""Standard columns and principal components, learned from a sample of rows and then frozen.

Projecting gives the same bits on every processor, in every batch and with any number of threads:
columns and directions are brought to whole numbers whose products and sums float64 holds exactly,
so that no order of adding them up is better than another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from cgaudit.featurize.base import State
from cgaudit.featurize.states import Shaped

#: Gram matrices up to this size are decomposed whole.
_WHOLE = 800
_OVERSAMPLING = 32
_ITERATIONS = 3
#: Singular values below this part of the largest are noise of float32.
_NEGLIGIBLE = 1e-4

_ARRAYS = ("centre", "scale", "projection")

#: A standardised column in units, and the largest that counts. With directions in units of a
#: direction's largest entry, their products add up to less than 2⁵³ for up to 2²⁰ columns: by
#: Cauchy and Schwarz at most 2²¹ · 2²¹ · √D.
_COLUMN_UNITS = 2.0**11
_LARGEST_COLUMN = 2.0**21
_DIRECTION_UNITS = 2.0**21


@dataclass(frozen=True)
class Components:
    """A frozen reduction of columns.

    Attributes
    ----------
    centre, scale : ndarray of float32, shape (D,)
        Each column's mean and 1 / standard deviation, 0 for a constant one.
    projection : ndarray of float32, shape (D, k)
        Columns are directions, each over the square root of its standard deviation; (0, 0) where
        all columns are kept.
    """

    centre: np.ndarray
    scale: np.ndarray
    projection: np.ndarray

    @classmethod
    def learned(cls, columns: np.ndarray, components: int, rng: np.random.Generator) -> Components:
        """Learn from a sample of rows, float32 (n, D), which is overwritten."""
        centre, spread = columns.mean(axis=0), columns.std(axis=0)
        scale = np.divide(1, spread, out=np.zeros_like(spread), where=spread > 1e-6)
        columns -= centre
        columns *= scale
        return cls(centre, scale, half_whitening(columns, components, rng))

    @classmethod
    def of_state(cls, state: State, prefix: str = "") -> Components:
        """Take the three arrays from a state."""
        return cls(*(state[prefix + name] for name in _ARRAYS))

    @staticmethod
    def shapes(columns: int | str, whole: bool, prefix: str = "") -> dict[str, Shaped]:
        """Return what a state must hold of a reduction of so many columns.

        `whole` says that all columns are kept.
        """
        projection = (0, 0) if whole else (columns, f"{prefix}components")
        shapes = ((columns,), (columns,), projection)
        return {
            prefix + name: Shaped("f4", shape) for name, shape in zip(_ARRAYS, shapes, strict=True)
        }

    def as_state(self, prefix: str = "") -> State:
        """Return the three arrays under their names."""
        return {prefix + name: getattr(self, name) for name in _ARRAYS}

    def scaled(self, factor: float) -> Components:
        """Return the reduction whose rows are so many times as long."""
        if not self.projection.size:
            return Components(
                self.centre, (factor * self.scale).astype(np.float32), self.projection
            )
        longer = (factor * self.projection).astype(np.float32)
        return Components(self.centre, self.scale, longer)

    def of(self, columns: torch.Tensor) -> torch.Tensor:
        """Return the reduced rows, float32 (b, k) from float32 (b, D)."""
        z = self._standardised(columns)
        if not self.projection.size:
            return z
        units = (z.double() * _COLUMN_UNITS).round_().clamp_(-_LARGEST_COLUMN, _LARGEST_COLUMN)
        directions, factors = self._in_units
        return ((units @ directions) * factors).float()

    def lost(self, columns: torch.Tensor) -> float:
        """Return |z − VVᵀz|² for one row's standardised columns z and the directions V."""
        if not self.projection.size:
            return 0.0
        [z] = self._standardised(columns[None]).double().numpy()
        # The projection's columns are those of V, each times a number.
        kept = (z @ self.projection) / np.linalg.norm(self.projection, axis=0)
        return float(z @ z - kept @ kept)

    @property
    def expected(self) -> int:
        """The mean of |z|² at the fit: how many columns are not constant."""
        return int(np.count_nonzero(self.scale))

    def _standardised(self, columns: torch.Tensor) -> torch.Tensor:
        centre, scale = torch.from_numpy(self.centre), torch.from_numpy(self.scale)
        return (columns - centre).mul_(scale)

    @cached_property
    def _in_units(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The directions as whole numbers, float64 (D, k), and what to multiply by, (k,)."""
        directions = torch.from_numpy(self.projection).double()
        largest = directions.abs().amax(dim=0)
        largest = largest.masked_fill(largest == 0, 1.0)
        whole = (directions / largest * _DIRECTION_UNITS).round_()
        return whole, largest / (_DIRECTION_UNITS * _COLUMN_UNITS)


def principal_components(
    columns: np.ndarray, components: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the first right singular vectors of a matrix and its singular values.

    From the smaller of the two Gram matrices, whole or by randomised subspace iteration (Halko,
    Martinsson and Tropp, SIAM Review 2011, algorithm 4.4), whose cost is that of a few products.

    Parameters
    ----------
    columns : (n, D) float32
    components
        How many at most; fewer where the matrix has fewer.

    Returns
    -------
    directions : (D, k) float32
        Orthonormal columns, each with its largest entry positive.
    singular : (k,) float32
        Descending.
    """
    rank = min(components, *columns.shape)
    X = torch.from_numpy(columns)
    wide = X.shape[0] < X.shape[1]
    gram = (X @ X.T if wide else X.T @ X).double()
    values, vectors = _top_eigenpairs(gram, rank, rng)
    singular = values.clamp(min=0).sqrt()
    kept = singular > _NEGLIGIBLE * singular[0]
    singular, vectors = singular[kept].float(), vectors[:, kept].float()
    directions = X.T @ (vectors / singular) if wide else vectors
    largest = directions.gather(0, directions.abs().argmax(dim=0, keepdim=True))
    directions = directions * largest.sign()
    return directions.contiguous().numpy(), singular.numpy()


def participation_ratio(columns: np.ndarray) -> float:
    """Return along how many directions rows vary: (Σ e)² / Σ e², e the variances along the axes.

    Parameters
    ----------
    columns : (n, D) float32, standardised

    Returns
    -------
    float
        From 1, where one direction has all, to the rank, where all have as much; 0 for rows of 0.
    """
    X = torch.from_numpy(columns)
    gram = (X @ X.T if len(X) < X.shape[1] else X.T @ X).double()
    square = float((gram * gram).sum())
    return float(gram.trace()) ** 2 / square if square else 0.0


def half_whitening(columns: np.ndarray, components: int, rng: np.random.Generator) -> np.ndarray:
    """Return principal directions, each over the square root of its standard deviation.

    Parameters
    ----------
    columns : (n, D) float32, standardised
    components
        How many to keep; 0 for none at all.

    Returns
    -------
    (D, k) float32
        (0, 0) where nothing is to be kept.
    """
    rank = min(components, len(columns) - 1)
    if rank < 1 or not columns.any():
        return np.zeros((0, 0), np.float32)
    directions, singular = principal_components(columns, rank, rng)
    spread = singular / np.sqrt(len(columns), dtype=np.float32)
    projection: np.ndarray = np.ascontiguousarray(directions / np.sqrt(spread))
    return projection


def _top_eigenpairs(
    gram: torch.Tensor, rank: int, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the largest eigenvalues of a symmetric matrix, descending, and their vectors."""
    size, width = len(gram), rank + _OVERSAMPLING
    if size <= max(_WHOLE, width):
        values, vectors = torch.linalg.eigh(gram)
    else:
        basis = gram @ torch.from_numpy(rng.standard_normal((size, width)))
        for _ in range(_ITERATIONS):
            basis = gram @ torch.linalg.qr(basis).Q
        basis = torch.linalg.qr(basis).Q
        values, vectors = torch.linalg.eigh(basis.T @ gram @ basis)
        vectors = basis @ vectors
    return values.flip(0)[:rank], vectors.flip(1)[:, :rank]
