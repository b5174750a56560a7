"""Cholesky factorisation of a symmetric matrix in place, tile by tile.

Left-looking over columns of tiles. The diagonal tiles are factored, and their factors inverted,
in float64 whatever the precision of the matrix; with those inverses kept, everything else is
matrix products: n³/3 flop for the factor and n³/3 for the diagonal of the inverse, whose entries
are the squared column norms of L⁻¹. A matrix that the device does not hold is streamed through it
(:mod:`.staging`), a column or row of tiles at a time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from cgaudit.solve.base import FactorisationError, Meter, full_precision, spans, wide_columns
from cgaudit.solve.staging import Stage

#: A pivot below this many units in the last place is rounding, not information.
PIVOT_UNITS = 16


@dataclass(frozen=True)
class CholeskyFactor:
    """A = L Lᵀ.

    Attributes
    ----------
    matrix
        (n, n); the lower triangle holds L, what is above the diagonal tiles is arbitrary.
    inverses
        (n, tile), on the device; rows start to stop hold the inverse of the diagonal tile of L
        there.
    smallest_pivot
        The least squared diagonal entry of L.
    stage
        Where `matrix` lies and where it is worked on.
    """

    matrix: Tensor
    inverses: Tensor
    smallest_pivot: float
    stage: Stage

    @property
    def n(self) -> int:
        """Number of rows."""
        return self.matrix.shape[0]

    def solve(self, targets: Tensor) -> Tensor:
        """Return A⁻¹ targets, (n, k) from (n, k) of the factor's dtype and device; 2 n² k flop."""
        solution = wide_columns(targets)
        with full_precision():
            for start, stop in self._tiles():
                solution[start:stop] -= self._rows(start, stop, 0, start) @ solution[:start]
                solution[start:stop] = self._inverse(start, stop) @ solution[start:stop]
            for start, stop in reversed(self._tiles()):
                solution[start:stop] = self._inverse(start, stop).T @ solution[start:stop]
                solution[:start] -= self._rows(start, stop, 0, start).T @ solution[start:stop]
        return solution[:, : targets.shape[1]]

    def multiply(self, vectors: Tensor) -> Tensor:
        """Return A vectors, (n, k) from (n, k) of the factor's dtype and device; 2 n² k flop."""
        wide = wide_columns(vectors)
        half, out = torch.zeros_like(wide), torch.empty_like(wide)
        with full_precision():
            for start, stop in self._tiles():
                half[:stop] += self._rows(start, stop, 0, stop).T @ wide[start:stop]
            for start, stop in self._tiles():
                out[start:stop] = self._rows(start, stop, 0, stop) @ half[:stop]
        return out[:, : vectors.shape[1]]

    def inverse_diagonal(self, panel: int, meter: Meter) -> Tensor:
        """Return diag(A⁻¹), (n,), from L⁻¹ a panel of columns at a time.

        Parameters
        ----------
        panel
            Columns of L⁻¹ at a time, rounded down to whole tiles. Takes n · panel numbers.
        meter
            Told of n³/3 flop.
        """
        tile = self.inverses.shape[1]
        width = max(tile, panel - panel % tile)
        buffer = self.inverses.new_empty((self.n, min(width, self.n)))
        out = torch.zeros(self.n, dtype=torch.float64, device=self.stage.device)
        with full_precision():
            for left, right in spans(self.n, width):
                self._write_inverse_columns(buffer[left:, : right - left], left, right, out)
                meter.add(((self.n - left) ** 3 - (self.n - right) ** 3) / 3)
        return out.to(self.matrix.dtype)

    def _write_inverse_columns(self, columns: Tensor, left: int, right: int, out: Tensor) -> None:
        """Write L⁻¹[left:, left:right] and add its squared column norms to `out`."""
        for start, stop in self._tiles(left):
            above = columns[: start - left]
            rows = columns[start - left : stop - left]
            product = self._rows(start, stop, left, start) @ above
            product.neg_()
            if start < right:
                product[:, start - left : stop - left].fill_diagonal_(1.0)
            torch.mm(self._inverse(start, stop), product, out=rows)
            out[left:right] += rows.square().sum(0)

    def _tiles(self, start: int = 0) -> list[tuple[int, int]]:
        return spans(self.n, self.inverses.shape[1], start)

    def _rows(self, start: int, stop: int, left: int, right: int) -> Tensor:
        return self.stage.load(self.matrix[start:stop, left:right])

    def _inverse(self, start: int, stop: int) -> Tensor:
        return self.inverses[start:stop, : stop - start]


def factorise_(
    matrix: Tensor, tile: int, meter: Meter, stage: Stage | None = None
) -> CholeskyFactor:
    """Overwrite the lower triangle of a symmetric matrix with its Cholesky factor.

    Memory beside the matrix: 2 n · tile numbers; 4 n · tile where the matrix is streamed.

    Parameters
    ----------
    matrix
        (n, n), row-major; only the lower triangle and the diagonal tiles are read.
    tile
        Rows of a tile.
    meter
        Told of n³/3 flop.
    stage
        Where the matrix lies and where it is worked on; None for one place.

    Raises
    ------
    FactorisationError
        A pivot is not positive, or lost in rounding; `row` says where.
    """
    n = matrix.shape[0]
    stage = stage or Stage(matrix.device)
    tile = min(tile, n)
    inverses = torch.empty((n, tile), dtype=matrix.dtype, device=stage.device)
    smallest = math.inf
    with full_precision():
        for start, stop in spans(n, tile):
            with stage.edit(matrix[start:, start:stop]) as column:
                _subtract_earlier_(column, matrix[start:, :start], tile, stage)
                inverse = inverses[start:stop, : stop - start]
                smallest = min(smallest, _factor_column_(column, inverse, start))
            meter.add(((n - start) ** 3 - (n - stop) ** 3) / 3)
    return CholeskyFactor(matrix, inverses, smallest, stage)


def _subtract_earlier_(column: Tensor, earlier: Tensor, tile: int, stage: Stage) -> None:
    """Subtract from a column of tiles what the columns before it account for."""
    # One product where nothing is copied; a column of tiles at a time where the device is small.
    step = tile if stage.copies else max(1, earlier.shape[1])
    for left, right in spans(earlier.shape[1], step):
        part = stage.load(earlier[:, left:right])
        column.addmm_(part, part[: column.shape[1]].T, alpha=-1)


def _factor_column_(column: Tensor, inverse: Tensor, start: int) -> float:
    """Factor the tile on top, multiply what is below by its inverse; return the least pivot."""
    width = column.shape[1]
    own, below = column[:width], column[width:]
    factor = _factor_of_tile(own, start)
    inverse.copy_(inverse_of_lower(factor))
    own.copy_(factor)
    copy = torch.empty_like(own)
    for upper, lower in spans(below.shape[0], width):
        rows = copy[: lower - upper].copy_(below[upper:lower])
        torch.mm(rows, inverse.T, out=below[upper:lower])
    return float(factor.diagonal().min()) ** 2


def small_cholesky(matrix: Tensor, dtype: torch.dtype) -> Tensor:
    """Return the Cholesky factor of a float64 matrix that is not indexed by the rows of the data.

    Parameters
    ----------
    matrix
        (m, m), float64.
    dtype
        The working precision, for the message.

    Raises
    ------
    FactorisationError
        The matrix is not positive definite.
    """
    factor: Tensor
    factor, failed_at = torch.linalg.cholesky_ex(matrix)
    if int(failed_at):
        raise FactorisationError(None, dtype, finite=bool(torch.isfinite(matrix).all()))
    return factor


def inverse_of_lower(factor: Tensor) -> Tensor:
    """Return the inverse of a lower triangular matrix, (m, m)."""
    identity = torch.eye(factor.shape[0], dtype=factor.dtype, device=factor.device)
    inverse: Tensor = torch.linalg.solve_triangular(factor, identity, upper=False)
    return inverse


def _factor_of_tile(tile: Tensor, start: int) -> Tensor:
    """Return the float64 Cholesky factor of a diagonal tile, or say why there is none."""
    factor: Tensor
    factor, failed_at = torch.linalg.cholesky_ex(tile.double())
    failed = int(failed_at)
    pivots = factor.diagonal()[: failed - 1 if failed else None] ** 2
    lost = pivots <= PIVOT_UNITS * torch.finfo(tile.dtype).eps
    if not failed and not bool(lost.any()):
        return factor
    row = int(lost.nonzero()[0]) if bool(lost.any()) else failed - 1
    raise FactorisationError(start + row, tile.dtype, finite=bool(torch.isfinite(tile).all()))
