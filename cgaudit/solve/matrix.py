"""The kernel matrix as something to multiply with: kept in memory, or written anew each time.

Only rows of the lower triangle are written, in panels: ``H[start:stop, :stop]``. Kept, they take
n²/2 numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from cgaudit.numerics.kernel import NearPairs, write_kernel_, write_self_kernel_
from cgaudit.numerics.topk import Largest, largest
from cgaudit.solve.base import SingularKernelError, spans, wide_columns
from cgaudit.solve.cholesky import PIVOT_UNITS

_PAIRS_NAMED = 3

#: Rows of a panel.
PANEL_ROWS = 512

#: Columns that are worked on while they are in cache.
CHUNK_COLUMNS = 2048


#: Called with the near pairs of a tile and the tile's first row and column.
Note = Callable[[NearPairs, int, int], None]


@dataclass(frozen=True)
class RowStatistics:
    """What one pass over H tells of each row, diagonal left out.

    Attributes
    ----------
    total
        (n,), sum of the row.
    squares
        (n,), sum of squares of the row.
    neighbours
        int64 (n, k), the k largest entries' columns, largest first.
    nearest
        (n,), the largest entry.
    """

    total: Tensor
    squares: Tensor
    neighbours: Tensor
    nearest: Tensor


class KernelMatrix:
    """H of unit rows.

    Parameters
    ----------
    rows
        (n, d), unit or zero rows.
    ridge
        λ that will be added to the diagonal, for the check that rows do not coincide.
    keep
        Keep the panels, n²/2 numbers; otherwise each pass costs n²d flop.

    Raises
    ------
    SingularKernelError
        Rows coincide and the ridge is too small to tell them apart.
    """

    def __init__(self, rows: Tensor, ridge: float, *, keep: bool) -> None:
        self.rows = rows
        self.n = rows.shape[0]
        self._kept: list[Tensor] | None = None
        coincident = CoincidentRows(ridge, rows.dtype)
        if keep:
            self._kept = [panel for _, _, panel in self._written_panels(coincident.note, own=True)]
        elif coincident.possible:
            for _ in self._written_panels(coincident.note):
                pass
        coincident.raise_if_any()

    def panels(self) -> Iterator[tuple[int, int, Tensor]]:
        """Yield (start, stop, H[start:stop, :stop]), diagonal block whole."""
        if self._kept is None:
            yield from self._written_panels()
            return
        for (start, stop), panel in zip(spans(self.n, PANEL_ROWS), self._kept, strict=True):
            yield start, stop, panel

    def multiply(self, vectors: Tensor) -> Tensor:
        """Return H vectors, (n, k) from (n, k); 2 n² k flop."""
        wide = wide_columns(vectors)
        out = torch.zeros_like(wide)
        for start, stop, panel in self.panels():
            out[start:stop] += panel[:, start:] @ wide[start:stop]
            # Both products of a chunk are taken while it is in cache.
            for left, right in spans(start, CHUNK_COLUMNS):
                chunk = panel[:, left:right]
                out[start:stop] += chunk @ wide[left:right]
                out[left:right] += chunk.T @ wide[start:stop]
        return out[:, : vectors.shape[1]]

    def statistics(self, neighbours: int) -> RowStatistics:
        """Return sums and nearest neighbours of all rows, in one pass."""
        total, squares = self.rows.new_zeros(self.n), self.rows.new_zeros(self.n)
        best = Largest.none(self.n, min(neighbours, self.n - 1), self.rows)
        for start, stop, panel in self.panels():
            below = panel[:, :start]
            block = panel[:, start:].clone().fill_diagonal_(0)
            square = below.square()
            total[start:stop] += below.sum(1) + block.sum(1)
            squares[start:stop] += square.sum(1) + block.square().sum(1)
            total[:start] += below.sum(0)
            squares[:start] += square.sum(0)
            block.fill_diagonal_(-torch.inf)
            _offer(best, start, stop, torch.cat([below, block], 1), 0)
            if start:
                _offer(best, 0, start, below.T, start)
        nearest = best.values.amax(1) if self.n > 1 else torch.zeros_like(total)
        return RowStatistics(total, squares, best.columns, nearest)

    def _written_panels(
        self, note: Note | None = None, *, own: bool = False
    ) -> Iterator[tuple[int, int, Tensor]]:
        """Yield panels as they are written, each in memory of its own or all in one buffer."""
        buffer = self.rows.new_empty(0 if own else min(PANEL_ROWS, self.n) * self.n)
        for start, stop in spans(self.n, PANEL_ROWS):
            size = (stop - start) * stop
            panel = (self.rows.new_empty(size) if own else buffer[:size]).view(-1, stop)
            write_panel_(panel, self.rows, start, note)
            yield start, stop, panel


def write_panel_(
    panel: Tensor,
    rows: Tensor,
    start: int,
    note: Note | None = None,
) -> None:
    """Write H[start:stop, :stop] into `panel`.

    Parameters
    ----------
    panel
        (stop − start, stop), inner stride 1. Overwritten.
    rows
        (n, d), unit or zero rows.
    start
        First row of the panel.
    note
        Called for each tile that has near pairs.
    """
    own = rows[start : start + panel.shape[0]]
    for left, right in spans(start, CHUNK_COLUMNS):
        near = write_kernel_(panel[:, left:right], own, rows[left:right])
        if near is not None and note is not None:
            note(near, start, left)
    near = write_self_kernel_(panel[:, start:], own)
    if near is not None and note is not None:
        note(near, start, start)


class CoincidentRows:
    """Pairs of rows that no precision at hand can tell apart at this ridge.

    Two rows at a small distance r give H + λI an eigenvalue of about λ + r/2π. Where that is
    below a few units in the last place the inverse is noise, whether or not Cholesky notices.
    """

    def __init__(self, ridge: float, dtype: torch.dtype) -> None:
        self._ridge = ridge
        self._dtype = dtype
        self._reach = 2 * math.pi * (PIVOT_UNITS * torch.finfo(dtype).eps - ridge)
        self._pairs: list[tuple[int, int]] = []
        self._rows: set[int] = set()

    @property
    def possible(self) -> bool:
        """Whether any two rows could be too close at this ridge."""
        return self._reach > 0

    def note(self, near: NearPairs, start: int, left: int) -> None:
        """Take note of the pairs of one tile, whose first row and column are given."""
        if not self.possible:
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
        if self._rows:
            raise SingularKernelError(self._pairs, len(self._rows), self._ridge, self._dtype)


def _offer(best: Largest, start: int, stop: int, tile: Tensor, first_column: int) -> None:
    """Take in a tile whose rows are start to stop of those that `best` is about."""
    met = Largest(best.values[start:stop], best.columns[start:stop])
    values, columns = largest(tile, best.values.shape[1], first_column, met)
    best.values[start:stop], best.columns[start:stop] = values, columns
