"""The exact solver: the whole of H + λI, factored in place.

One n×n buffer holds first the lower triangle of H + λI, then of its factor; everything else is
O(n · tile). Where a GPU does not hold the buffer, it lies in main memory and is streamed through.
"""

from __future__ import annotations

from torch import Tensor

from cgaudit.numerics.kernel import kernel_tile
from cgaudit.progress import Progress
from cgaudit.solve.base import (
    Meter,
    RowSource,
    SolveInfo,
    all_unit_rows,
    dtype_name,
    full_precision,
    resolve_device,
    resolve_dtype,
    spans,
    unit_batch,
)
from cgaudit.solve.cholesky import CholeskyFactor, factorise_
from cgaudit.solve.matrix import CoincidentRows, write_panel_
from cgaudit.solve.options import Solving
from cgaudit.solve.staging import Stage

#: Rows of a tile of the factor, and columns of a panel of its inverse, measured on CPUs.
TILE = 512
PANEL = 512


class ExactSolver:
    """(H + λI)⁻¹ by Cholesky factorisation.

    Memory: n² + n · (d + 2 tile + panel) numbers of the working precision. Work: n²d flop for
    the Gram matrix, n³/3 for the factor and n³/3 for the inverse diagonal.

    Parameters
    ----------
    rows
        (n, d), finite; scaled to unit length here.
    solving
        Ridge, precision (in ``"float32"`` diagonal tiles are factored in float64) and device.
    tile, panel
        Rows of a tile of the factor, columns of a panel of its inverse.
    streamed
        Keep the n×n buffer in main memory and copy parts of it to the device.
    progress
        Told of the flop done, over Gram matrix, factor and inverse diagonal together.
    factor, inverse_diagonal
        Of an earlier solver of the same rows, ridge and precision; nothing is factored then.

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
        solving: Solving,
        *,
        tile: int = TILE,
        panel: int = PANEL,
        streamed: bool = False,
        progress: Progress | None = None,
        factor: CholeskyFactor | None = None,
        inverse_diagonal: Tensor | None = None,
    ) -> None:
        self._device = resolve_device(solving.device)
        self._dtype = resolve_dtype(solving.precision)
        self._rows = all_unit_rows(rows, self._dtype, self._device)
        self.n, width = self._rows.shape
        self._ridge = solving.fixed_ridge
        self._panel = panel
        self._meter = Meter(self.n**2 * width + 2 * self.n**3 / 3, progress)
        self._inverse_diagonal = inverse_diagonal
        stage = Stage(self._device, copies=streamed)
        self.factor = factor or factorise_(
            self._written_kernel(tile, stage), tile, self._meter, stage
        )

    @property
    def info(self) -> SolveInfo:
        """How the system is solved."""
        return SolveInfo(
            method="exact",
            ridge=self._ridge,
            precision=dtype_name(self._dtype),
            device=self._device.type,
            checks={"smallest_pivot": self.factor.smallest_pivot},
        )

    def solve(self, targets: Tensor) -> Tensor:
        """Return (H + λI)⁻¹ targets, (n, k) from (n, k); 2 n² k flop."""
        return self.factor.solve(self._placed(targets))

    def apply(self, vectors: Tensor) -> Tensor:
        """Return (H + λI) vectors, (n, k) from (n, k); 2 n² k flop."""
        return self.factor.multiply(self._placed(vectors))

    def inverse_diagonal(self) -> Tensor:
        """Return diag((H + λI)⁻¹), (n,); n³/3 flop the first time."""
        if self._inverse_diagonal is None:
            self._inverse_diagonal = self.factor.inverse_diagonal(self._panel, self._meter)
        return self._inverse_diagonal

    def predict(self, rows: RowSource, alpha: Tensor) -> Tensor:
        """Return the kernel of other rows (r, d) with the solver's own, times alpha (n, k)."""
        return predict_from_rows(self._rows, rows, self._placed(alpha))

    def _placed(self, matrix: Tensor) -> Tensor:
        return matrix.to(device=self._device, dtype=self._dtype)

    def _written_kernel(self, tile: int, stage: Stage) -> Tensor:
        """Return a buffer whose lower triangle, diagonal tiles whole, is H + λI."""
        buffer = stage.empty(self.n, self._dtype)
        coincident = CoincidentRows(self._ridge, self._dtype)
        with full_precision():
            for start, stop in spans(self.n, tile):
                with stage.fill(buffer[start:stop, :stop]) as panel:
                    write_panel_(panel, self._rows, start, coincident.note)
                    panel[:, start:].diagonal().add_(self._ridge)
                self._meter.add((stop**2 - start**2) * self._rows.shape[1])
        coincident.raise_if_any()
        return buffer


def predict_from_rows(own: Tensor, rows: RowSource, alpha: Tensor) -> Tensor:
    """Return the kernel of other rows with unit rows, times alpha.

    Parameters
    ----------
    own
        (n, d), unit rows.
    rows
        (r, d), scaled to unit length here, a batch at a time.
    alpha
        (n, k), of the dtype and device of `own`.

    Returns
    -------
    Tensor
        (r, k).
    """
    out = alpha.new_empty((rows.shape[0], alpha.shape[1]))
    with full_precision():
        for start, stop in spans(rows.shape[0], TILE):
            batch = unit_batch(rows, start, stop, own.dtype, own.device)
            out[start:stop] = kernel_tile(batch, own) @ alpha
    return out
