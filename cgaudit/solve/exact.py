"""The exact solver: a tiled Cholesky factor of H + λI, in place.

One n×n buffer holds first the lower triangle of H + λI, then of its factor L. Everything else is
O(n · tile). The inverses of the diagonal tiles of L are kept, computed in float64, so that all
remaining work is matrix products: n³/3 flop for the factor and n³/3 for diag((H + λI)⁻¹), whose
entries are the squared column norms of L⁻¹.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from cgaudit.kernel import (
    NearPairs,
    kernel_tile,
    unit_rows,
    write_kernel_,
    write_self_kernel_,
)
from cgaudit.solve.base import (
    FactorisationError,
    Meter,
    Progress,
    RowSource,
    SingularKernelError,
    SolveInfo,
    full_precision,
    resolve_device,
    resolve_dtype,
    spans,
    unit_batch,
)

#: Rows of a tile of the factor, and columns of a panel of its inverse, measured on CPUs.
TILE = 512
PANEL = 1024

#: A pivot below this many units in the last place is rounding, not information.
_PIVOT_UNITS = 16

_PAIRS_NAMED = 3


class ExactSolver:
    """(H + λI)⁻¹ by Cholesky factorisation.

    Memory: (n² + n · (d + tile + panel)) numbers of the working precision. Work: n²d flop for
    the Gram matrix, n³/3 for the factor and n³/3 for the inverse diagonal.

    Parameters
    ----------
    rows
        (n, d), finite; scaled to unit length here.
    ridge
        λ ≥ 0.
    precision
        ``"float32"`` (diagonal tiles are factored in float64) or ``"float64"``.
    device
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:1"``, …
    tile, panel
        Rows of a tile of L, columns of a panel of L⁻¹.
    progress
        Told of the flop done, over Gram matrix, factor and inverse diagonal together.

    Raises
    ------
    SingularKernelError
        Rows coincide and the ridge is too small to tell them apart.
    FactorisationError
        A pivot is not positive, or lost in rounding.
    """

    def __init__(
        self,
        rows: RowSource,
        ridge: float,
        precision: str = "float32",
        device: str = "auto",
        *,
        tile: int = TILE,
        panel: int = PANEL,
        progress: Progress | None = None,
    ) -> None:
        self._device = resolve_device(device)
        self._dtype = resolve_dtype(precision)
        self._rows = _all_unit_rows(rows, self._dtype, self._device)
        self.n = self._rows.shape[0]
        self._ridge = ridge
        self._tile = tile
        self._panel = panel
        self._checks: dict[str, float] = {}
        self._meter = Meter(self.n**2 * self._rows.shape[1] + 2 * self.n**3 / 3, progress)
        self._inverse_diagonal: Tensor | None = None
        with full_precision():
            self._factor = self._rows.new_empty((self.n, self.n))
            self._write_kernel()
            self._inverses = [
                self._rows.new_empty((stop - start, stop - start))
                for start, stop in spans(self.n, tile)
            ]
            self._factorise()

    @property
    def info(self) -> SolveInfo:
        """How the system is solved."""
        return SolveInfo(
            method="exact",
            ridge=self._ridge,
            precision=str(self._dtype).removeprefix("torch."),
            device=self._device.type,
            checks=dict(self._checks),
        )

    def solve(self, targets: Tensor) -> Tensor:
        """Return (H + λI)⁻¹ targets, (n, k) from (n, k); 2 n² k flop."""
        solution = targets.to(device=self._device, dtype=self._dtype, copy=True)
        with full_precision():
            for index, (start, stop) in enumerate(spans(self.n, self._tile)):
                solution[start:stop] -= self._factor[start:stop, :start] @ solution[:start]
                solution[start:stop] = self._inverses[index] @ solution[start:stop]
            for index, (start, stop) in reversed(list(enumerate(spans(self.n, self._tile)))):
                solution[start:stop] = self._inverses[index].T @ solution[start:stop]
                solution[:start] -= self._factor[start:stop, :start].T @ solution[start:stop]
        return solution

    def apply(self, vectors: Tensor) -> Tensor:
        """Return (H + λI) vectors, (n, k) from (n, k); 2 n² k flop."""
        vectors = vectors.to(device=self._device, dtype=self._dtype)
        half = torch.zeros_like(vectors)
        out = torch.empty_like(vectors)
        with full_precision():
            for start, stop in spans(self.n, self._tile):
                half[:stop] += self._factor[start:stop, :stop].T @ vectors[start:stop]
            for start, stop in spans(self.n, self._tile):
                out[start:stop] = self._factor[start:stop, :stop] @ half[:stop]
        return out

    def inverse_diagonal(self) -> Tensor:
        """Return diag((H + λI)⁻¹), (n,); n³/3 flop the first time."""
        if self._inverse_diagonal is None:
            with full_precision():
                self._inverse_diagonal = self._squared_column_norms()
        return self._inverse_diagonal

    def predict(self, rows: RowSource, alpha: Tensor) -> Tensor:
        """Return the kernel of other rows (r, d) with the solver's own, times alpha (n, k)."""
        alpha = alpha.to(device=self._device, dtype=self._dtype)
        out = alpha.new_empty((rows.shape[0], alpha.shape[1]))
        with full_precision():
            for start, stop in spans(rows.shape[0], self._tile):
                batch = unit_batch(rows, start, stop, self._dtype, self._device)
                out[start:stop] = kernel_tile(batch, self._rows) @ alpha
        return out

    def _write_kernel(self) -> None:
        """Write the lower triangle of H + λI into the buffer, tile by tile."""
        coincident = _Coincident(self._ridge, self._dtype)
        for start, stop in spans(self.n, self._tile):
            rows = self._rows[start:stop]
            for left, right in spans(start, 4 * self._tile):
                tile = self._factor[start:stop, left:right]
                coincident.add(write_kernel_(tile, rows, self._rows[left:right]), start, left)
            diagonal = self._factor[start:stop, start:stop]
            coincident.add(write_self_kernel_(diagonal, rows), start, start)
            diagonal.diagonal().add_(self._ridge)
            self._meter.add((stop**2 - start**2) * self._rows.shape[1])
        coincident.raise_if_any()

    def _factorise(self) -> None:
        """Overwrite the lower triangle with L, left-looking, one column of tiles at a time."""
        smallest = math.inf
        copy = self._rows.new_empty((self._tile, self._tile))
        for index, (start, stop) in enumerate(spans(self.n, self._tile)):
            done = self._factor[start:stop, :start]
            column = self._factor[start:, start:stop]
            column.addmm_(self._factor[start:, :start], done.T, alpha=-1)
            tile = self._factor_tile(column[: stop - start], start)
            smallest = min(smallest, float(tile.diagonal().min()) ** 2)
            inverse = torch.linalg.solve_triangular(
                tile, torch.eye(stop - start, dtype=tile.dtype, device=tile.device), upper=False
            )
            column[: stop - start] = tile
            self._inverses[index].copy_(inverse)
            below = column[stop - start :]
            for upper, lower in spans(below.shape[0], self._tile):
                rows = copy[: lower - upper, : stop - start].copy_(below[upper:lower])
                torch.mm(rows, self._inverses[index].T, out=below[upper:lower])
            self._meter.add((stop**3 - start**3) / 3)
        self._checks["smallest_pivot"] = smallest

    def _factor_tile(self, tile: Tensor, start: int) -> Tensor:
        """Return the float64 Cholesky factor of a diagonal tile, or say why there is none."""
        factor, failed_at = torch.linalg.cholesky_ex(tile.double())
        limit = _PIVOT_UNITS * torch.finfo(self._dtype).eps
        failed = int(failed_at)
        if failed == 0 and bool((factor.diagonal() ** 2 > limit).all()):
            return factor
        if not bool(torch.isfinite(tile).all()):
            raise FactorisationError(
                f"The kernel matrix holds NaN or infinite values from row {start} on, so the "
                "features do. Remove or mend those rows."
            )
        row = start + (failed - 1 if failed else int(factor.diagonal().argmin()))
        wider = " or use precision: float64" if self._dtype == torch.float32 else ""
        raise FactorisationError(
            f"H + λI is singular in {str(self._dtype).removeprefix('torch.')} at ridge "
            f"{self._ridge:g}: row {row} (counted from 0) is, to rounding, a combination of the "
            f"rows before it. Set a larger ridge (default 0.1){wider}."
        )

    def _squared_column_norms(self) -> Tensor:
        """Return the squared column norms of L⁻¹, a panel of columns at a time."""
        out = torch.zeros(self.n, dtype=torch.float64, device=self._device)
        width = self._panel - self._panel % self._tile or self._tile
        buffer = self._rows.new_empty((self.n, min(width, self.n)))
        for left, right in spans(self.n, width):
            panel = buffer[left:, : right - left]
            for start, stop in spans(self.n, self._tile, left):
                rows = panel[start - left : stop - left]
                if start < right:
                    rows.zero_()
                    rows[:, start - left : stop - left].fill_diagonal_(1.0)
                    product = torch.addmm(
                        rows,
                        self._factor[start:stop, left:start],
                        panel[: start - left],
                        alpha=-1,
                    )
                else:
                    product = torch.mm(
                        self._factor[start:stop, left:start], panel[: start - left]
                    ).neg_()
                torch.mm(self._inverses[start // self._tile], product, out=rows)
                out[left:right] += torch.linalg.vector_norm(rows, dim=0).double() ** 2
            remaining, after = self.n - left, self.n - right
            self._meter.add((remaining**3 - after**3) / 3)
        return out.to(self._dtype)


class _Coincident:
    """Pairs of rows that no precision at hand can tell apart at this ridge.

    Two rows at a small distance r give H + λI an eigenvalue of about λ + r/2π. Where that is
    below a few units in the last place the inverse is noise, whether or not Cholesky notices.
    """

    def __init__(self, ridge: float, dtype: torch.dtype) -> None:
        self._ridge = ridge
        self._dtype = dtype
        self._reach = 2 * math.pi * (_PIVOT_UNITS * torch.finfo(dtype).eps - ridge)
        self._pairs: list[tuple[int, int]] = []
        self._rows: set[int] = set()

    def add(self, near: NearPairs | None, start: int, left: int) -> None:
        """Note the pairs of one tile, whose first row and column are given."""
        if near is None or self._reach <= 0:
            return
        rows, columns = near.rows + start, near.columns + left
        coincide = (near.distance <= self._reach) & (columns < rows)
        later, where = torch.unique(rows[coincide], return_inverse=True)
        first = torch.full_like(later, torch.iinfo(torch.int64).max)
        first.scatter_reduce_(0, where, columns[coincide], "amin")
        for row, column in zip(later.tolist(), first.tolist(), strict=True):
            if row not in self._rows:
                self._rows.add(row)
                if len(self._pairs) < _PAIRS_NAMED:
                    self._pairs.append((column, row))

    def raise_if_any(self) -> None:
        """Raise SingularKernelError where pairs were noted."""
        if not self._rows:
            return
        pairs = ", ".join(f"{first} and {second}" for first, second in self._pairs)
        more = ", …" if len(self._rows) > len(self._pairs) else ""
        raise SingularKernelError(
            f"{len(self._rows)} rows repeat an earlier row (rows counted from 0: {pairs}{more}), "
            f"up to a positive factor and {str(self._dtype).removeprefix('torch.')} rounding, so "
            f"the kernel matrix is singular at ridge {self._ridge:g}. Set ridge > 0 (default 0.1) "
            "or drop the duplicates."
        )


def _all_unit_rows(rows: RowSource, dtype: torch.dtype, device: torch.device) -> Tensor:
    n, d = rows.shape
    if isinstance(rows, Tensor):
        return unit_rows(rows, dtype, device)
    out = torch.empty((n, d), dtype=dtype, device=device)
    for start, stop in spans(n, 4096):
        out[start:stop] = unit_batch(rows, start, stop, dtype, device)
    return out
