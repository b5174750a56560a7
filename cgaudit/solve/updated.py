"""The exact system of rows of which most are those of an earlier factor.

Rows that went are taken out of the earlier inverse, rows that came border it: with r of the first
and a of the second, products of O(n² (r + a)) for a factorisation of O(n³). In float64 the answer
is that of a factorisation to some billionths, far below the digits that are published, so that the
scores are the same bytes; in float32 it is not, and nothing is updated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cgaudit.numerics.contents import Digests
from cgaudit.numerics.kernel import DIAGONAL, kernel_tile
from cgaudit.progress import Progress
from cgaudit.solve.base import (
    FactorisationError,
    Meter,
    RowSource,
    SolveInfo,
    all_unit_rows,
    full_precision,
)
from cgaudit.solve.cholesky import CholeskyFactor
from cgaudit.solve.exact import predict_from_rows
from cgaudit.solve.options import Solving

#: Of n rows, up to so many may come and go: the products then take a fifth of a factorisation.
MOST_CHANGED = 1 / 16

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Changes:
    """Which rows of two systems are the same.

    Attributes
    ----------
    before, now : ndarray of int64, shape (s,)
        The rows that stayed, by their numbers in either system.
    removed : ndarray of int64, shape (r,)
        The others of the earlier one.
    added : ndarray of int64, shape (a,)
        The others of this one.
    """

    before: Integers
    now: Integers
    removed: Integers
    added: Integers

    @classmethod
    def between(cls, before: Digests, now: Digests) -> Changes:
        """Match rows by what they hold; of several that hold the same, as many as there are."""
        named = _numbered(before), _numbered(now)
        kept = np.intersect1d(*named, assume_unique=True, return_indices=True)[1:]
        rest = [
            np.setdiff1d(np.arange(len(digests)), rows)
            for digests, rows in zip((before, now), kept, strict=True)
        ]
        return cls(*kept, *rest)

    @property
    def pays(self) -> bool:
        """Whether an update is much less than a factorisation."""
        n = len(self.now) + len(self.added)
        return len(self.now) > 0 and len(self.removed) + len(self.added) <= MOST_CHANGED * n


def _numbered(digests: Digests) -> np.ndarray:
    """Return a name of each row, (n,): its digest, and how many rows before it have the same."""
    order = np.lexsort((digests[:, 1], digests[:, 0]))
    ordered = digests[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    places = np.arange(len(order))
    names = np.empty(len(order), dtype=[("a", np.uint64), ("b", np.uint64), ("copy", np.int64)])
    names["a"], names["b"] = digests.T
    names["copy"][order] = places - np.maximum.accumulate(np.where(first, places, 0))
    return names


class UpdatedSolver:
    """(H + λI)⁻¹ of the rows now, by the factor of those before.

    Memory beside the factor: n (2 (r + a) + d) numbers. Work: 2 n² (r + a) flop here, then 2 n² k
    for k columns, as with a factor.

    With E the columns of the earlier inverse that belong to the rows that went, the inverse for
    those that stayed is K⁻¹ − E (E_R)⁻¹ Eᵀ, taken at their places. With C and D the kernel of the
    rows that came with those and with each other, W the former's solution for C, and
    S = D − Cᵀ W: the inverse has the blocks K⁻¹ + W S⁻¹ Wᵀ, −W S⁻¹ and S⁻¹ (the inverse of a
    partitioned matrix: Golub and Van Loan, "Matrix computations", section 2.1.4).

    Parameters
    ----------
    rows
        (n, d), those now; finite.
    solving
        Ridge and precision, which are those of the factor.
    factor, inverse_diagonal
        Of the rows before.
    changes
        Which rows stayed.
    progress
        Told of the flop done.

    Raises
    ------
    FactorisationError
        A row that came is, to rounding, a combination of the others.
    """

    def __init__(
        self,
        rows: RowSource,
        solving: Solving,
        factor: CholeskyFactor,
        inverse_diagonal: Tensor,
        changes: Changes,
        progress: Progress | None = None,
    ) -> None:
        self._factor, self._ridge = factor, solving.fixed_ridge
        self._rows = all_unit_rows(rows, factor.matrix.dtype, factor.inverses.device)
        self.n = self._rows.shape[0]
        self._before, self._now, self._removed, self._added = (
            torch.tensor(it) for it in (changes.before, changes.now, changes.removed, changes.added)
        )
        meter = Meter(2.0 * factor.n**2 * (len(self._removed) + len(self._added)), progress)
        with full_precision():
            self._gone = self._columns_of_inverse(self._removed)
            self._lost = _inverse_of(self._gone[self._removed], self._removed)
            meter.add(2.0 * factor.n**2 * len(self._removed))
            own, came = self._rows[self._now], self._rows[self._added]
            self._cross = kernel_tile(own, came)
            self._corner = kernel_tile(came, came)
            self._corner.diagonal().fill_(DIAGONAL + self._ridge)
            self._border = self._solve_stayed(self._cross)
            self._schur = _inverse_of(self._corner - self._cross.T @ self._border, self._added)
            meter.add(2.0 * factor.n**2 * len(self._added))
            self._diagonal = self._diagonal_from(inverse_diagonal)

    @property
    def info(self) -> SolveInfo:
        """How the system is solved."""
        return SolveInfo(
            method="exact",
            ridge=self._ridge,
            precision="float64",
            device=self._rows.device.type,
            checks={"smallest_pivot": self._factor.smallest_pivot},
        )

    def solve(self, targets: Tensor) -> Tensor:
        """Return (H + λI)⁻¹ targets, (n, k) from (n, k); 2 n² k flop."""
        given, out = self._placed(targets), self._rows.new_empty(targets.shape)
        with full_precision():
            own = given[self._now]
            corner = self._schur @ (given[self._added] - self._border.T @ own)
            out[self._added] = corner
            out[self._now] = self._solve_stayed(own) - self._border @ corner
        return out

    def apply(self, vectors: Tensor) -> Tensor:
        """Return (H + λI) vectors, (n, k) from (n, k); 2 n² k flop."""
        given, out = self._placed(vectors), self._rows.new_empty(vectors.shape)
        with full_precision():
            own, came = given[self._now], given[self._added]
            whole = self._factor.multiply(self._at_before(own))[self._before]
            out[self._now] = whole + self._cross @ came
            out[self._added] = self._cross.T @ own + self._corner @ came
        return out

    def inverse_diagonal(self) -> Tensor:
        """Return diag((H + λI)⁻¹), (n,)."""
        return self._diagonal

    def predict(self, rows: RowSource, alpha: Tensor) -> Tensor:
        """Return the kernel of other rows (r, d) with the solver's own, times alpha (n, k)."""
        return predict_from_rows(self._rows, rows, self._placed(alpha))

    def _columns_of_inverse(self, columns: Tensor) -> Tensor:
        """Return columns of the earlier inverse, (n_before, k)."""
        unit = self._rows.new_zeros((self._factor.n, len(columns)))
        unit[columns, torch.arange(len(columns))] = 1
        return self._factor.solve(unit)

    def _solve_stayed(self, targets: Tensor) -> Tensor:
        """Return the solution of the system of the rows that stayed, (s, k) from (s, k)."""
        whole = self._factor.solve(self._at_before(targets))
        whole -= self._gone @ (self._lost @ whole[self._removed])
        return whole[self._before]

    def _diagonal_from(self, before: Tensor) -> Tensor:
        out = self._rows.new_empty(self.n)
        went = ((self._gone @ self._lost) * self._gone).sum(1)
        came = ((self._border @ self._schur) * self._border).sum(1)
        out[self._now] = (before - went)[self._before] + came
        out[self._added] = self._schur.diagonal()
        return out

    def _at_before(self, own: Tensor) -> Tensor:
        """Return values of the rows that stayed at their earlier places; 0 for those that went."""
        out = own.new_zeros((self._factor.n, own.shape[1]))
        out[self._before] = own
        return out

    def _placed(self, matrix: Tensor) -> Tensor:
        return matrix.to(self._rows)


def _inverse_of(matrix: Tensor, names: Tensor) -> Tensor:
    """Return the inverse of a symmetric positive matrix, (k, k).

    Raises
    ------
    FactorisationError
        It is not positive, to rounding; `names` says which row that is.
    """
    factor, failed = torch.linalg.cholesky_ex(matrix)
    if int(failed):
        finite = bool(matrix.isfinite().all())
        raise FactorisationError(int(names[int(failed) - 1]), matrix.dtype, finite=finite)
    return torch.cholesky_inverse(factor)
