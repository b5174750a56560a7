"""The iterative solver: exact α by conjugate gradients, a near-exact inverse diagonal.

α = (H + λI)⁻¹ y for all columns at once, each step one product with H, preconditioned by the
low-rank operator (as Rudi, Carratino, Rosasco 2017, "FALKON", precondition with Nyström's).

The inverse diagonal is the reciprocal of the variance that all other rows leave unexplained of a
row. It is found in three steps:

1. The low-rank operator explains a row and its nearest neighbours from all other rows; within this
   block the exact kernel stands, which near-duplicates need. A landmark's own basis function is
   left out for its own block. Without that its diagonal is biased otherwise than everybody else's,
   and a common correction lets its own label into its leave-one-out prediction.
2. For some rows the exact entry is found by conjugate gradients as eᵢᵀ(H + λI)⁻¹eᵢ, whose error is
   of the order of the residual's square (Hestenes and Stiefel 1952).
3. A regression of the exact entries on the estimate and on the sums of H's rows corrects all rows.

The error of the regression, each exact entry predicted from the others, is part of the result.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from cgaudit.errors import SolveError
from cgaudit.numerics.contents import Digests, keys_of, row_digests
from cgaudit.numerics.kernel import DIAGONAL, arccos_kernel_
from cgaudit.progress import Progress
from cgaudit.solve.base import (
    ConvergenceError,
    Meter,
    RowSource,
    SolveInfo,
    all_unit_rows,
    dtype_name,
    full_precision,
    resolve_device,
    resolve_dtype,
    spans,
)
from cgaudit.solve.exact import predict_from_rows
from cgaudit.solve.lowrank import LowRankSolver
from cgaudit.solve.matrix import KernelMatrix, RowStatistics
from cgaudit.solve.options import Solving

#: Rows whose entry of the inverse diagonal is computed by conjugate gradients.
EXACT_ENTRIES = 32

#: A quarter each of them are spread over all rows, over the landmarks, and over this share of the
#: rows with the nearest neighbour and with the largest kernel sums: estimates go wrong there first.
_EXTREMES = 0.05

#: Nearest neighbours whose kernel with a row is taken exactly.
NEIGHBOURS = 12

#: Relative residual of an exact entry, whose own relative error is below its square.
_ENTRY_TOLERANCE = 0.1

#: Steps that an exact entry and a column of α usually take, for plans and progress.
ENTRY_STEPS = 5
SOLVE_STEPS = 15

_MAX_STEPS = 500
_LEAST_TOLERANCE_UNITS = 16
_COLUMNS_AT_ONCE = 256
_BLOCK_ELEMENTS = 1 << 22
_SHRINKAGE = 1e-2


class IterativeSolver:
    """(H + λI)⁻¹ by preconditioned conjugate gradients.

    Memory: n²/2 numbers with a kept matrix, and n · (d + 2m + 5k) more for k columns. Work:
    2 n² flop a column and step, some tens of steps; n²d for the matrix, once or in each step.

    Parameters
    ----------
    rows
        (n, d), finite; scaled to unit length here.
    solving
        Ridge (steps grow with (λ + 1/2) / λ), landmarks (m, the size of the low-rank basis) and
        their seed, precision, device, and the tolerance at which a column is solved.
    contents
        (n, 2), the digests that landmarks are drawn by; those of the rows' bytes where None.
    keep_matrix
        Keep H in memory instead of computing it again in each step.
    exact_entries
        Number of rows whose entry of the inverse diagonal is computed.
    progress
        Told of the flop done, over construction, inverse diagonal and one solve together.

    Raises
    ------
    SingularKernelError
        Rows coincide and the ridge is too small to tell them apart.
    FactorisationError
        The features hold NaN.
    SolveError
        The tolerance is below what the precision can tell.
    """

    def __init__(
        self,
        rows: RowSource,
        solving: Solving,
        contents: Digests | None = None,
        *,
        keep_matrix: bool = True,
        exact_entries: int = EXACT_ENTRIES,
        progress: Progress | None = None,
    ) -> None:
        self._device = resolve_device(solving.device)
        self._dtype = resolve_dtype(solving.precision)
        self._ridge = solving.fixed_ridge
        self._tolerance = self._checked(solving.tolerance)
        self._exact_entries = exact_entries
        self._checks: dict[str, float] = {}
        self._inverse_diagonal: Tensor | None = None
        contents = row_digests(rows) if contents is None else contents
        self._keys = torch.from_numpy(keys_of(contents, solving.seed).view(np.int64))
        units = all_unit_rows(rows, self._dtype, self._device)
        self.n, width = units.shape
        self._meter = Meter(self.n**2 * (width + 2.0 * exact_entries * ENTRY_STEPS), progress)
        with full_precision():
            self._matrix = KernelMatrix(units, self._ridge, keep=keep_matrix)
            self._meter.add(self.n**2 * width)
        self._lowrank = LowRankSolver(units, solving, contents, keep_features=True)

    @property
    def info(self) -> SolveInfo:
        """How the system is solved; checks are filled in as results are taken."""
        base = self._lowrank.info
        return SolveInfo(
            method="iterative",
            ridge=self._ridge,
            precision=base.precision,
            device=base.device,
            landmarks=base.landmarks,
            seed=base.seed,
            repairs=base.repairs,
            checks=dict(self._checks),
        )

    @property
    def landmark_rows(self) -> Tensor:
        """int64 (l,), the rows that the low-rank basis was made from."""
        return self._lowrank.landmark_rows

    def solve(self, targets: Tensor) -> Tensor:
        """Return (H + λI)⁻¹ targets, (n, k) from (n, k).

        Raises
        ------
        ConvergenceError
            A column's residual stays above the tolerance.
        """
        out = torch.empty(targets.shape, dtype=self._dtype, device=self._device)
        flop = 2.0 * self.n**2 * targets.shape[1] * SOLVE_STEPS
        self._meter.expect(flop)
        with full_precision(), self._meter.phase(flop):
            for left, right in spans(targets.shape[1], _COLUMNS_AT_ONCE):
                columns = self._placed(targets[:, left:right])
                out[:, left:right], steps = self._conjugate_gradients(columns, self._tolerance)
                self._checks["steps"] = max(self._checks.get("steps", 0.0), float(steps))
        return out

    def apply(self, vectors: Tensor) -> Tensor:
        """Return (H + λI) vectors, (n, k) from (n, k)."""
        vectors = self._placed(vectors)
        with full_precision():
            return self._matrix.multiply(vectors).add(vectors, alpha=self._ridge)

    def inverse_diagonal(self) -> Tensor:
        """Return an estimate of diag((H + λI)⁻¹), (n,)."""
        if self._inverse_diagonal is None:
            flop = 2.0 * self.n**2 * self._exact_entries * ENTRY_STEPS
            with full_precision(), self._meter.phase(flop):
                self._inverse_diagonal = self._estimate_diagonal()
        return self._inverse_diagonal

    def predict(self, rows: RowSource, alpha: Tensor) -> Tensor:
        """Return the kernel of other rows (r, d) with the solver's own, times alpha (n, k)."""
        return predict_from_rows(self._matrix.rows, rows, self._placed(alpha))

    def _checked(self, tolerance: float) -> float:
        least = _LEAST_TOLERANCE_UNITS * torch.finfo(self._dtype).eps
        if tolerance < least:
            raise SolveError(
                f"tolerance: {tolerance:g} is below what {dtype_name(self._dtype)} can tell, "
                f"{least:.0e}. Set a larger tolerance, or precision: float64."
            )
        return tolerance

    def _placed(self, matrix: Tensor) -> Tensor:
        return matrix.to(device=self._device, dtype=self._dtype)

    def _conjugate_gradients(self, targets: Tensor, tolerance: float) -> tuple[Tensor, int]:
        """Return the solution, (n, k), and the number of steps it took."""
        solution = torch.zeros_like(targets)
        residual = targets.clone()
        goal = tolerance * torch.linalg.vector_norm(targets, dim=0)
        direction = self._lowrank.solve(residual)
        weight = (residual * direction).sum(0)
        for step in range(1, _MAX_STEPS + 1):
            image = self.apply(direction)
            self._meter.add(2.0 * self.n**2 * targets.shape[1])
            length = _ratio(weight, (direction * image).sum(0))
            solution.addcmul_(direction, length)
            residual.addcmul_(image, length, value=-1)
            size = torch.linalg.vector_norm(residual, dim=0)
            if bool((size <= goal).all()):
                return solution, step
            if not bool(torch.isfinite(size).all()):
                break
            preconditioned = self._lowrank.solve(residual)
            before, weight = weight, (residual * preconditioned).sum(0)
            direction = preconditioned.addcmul_(direction, _ratio(weight, before))
        raise self._no_convergence(float((size / goal).max()) * tolerance, step, tolerance)

    def _no_convergence(self, reached: float, steps: int, tolerance: float) -> ConvergenceError:
        return ConvergenceError(
            f"Conjugate gradients reached a relative residual of {reached:.1e} in {steps} steps, "
            f"not {tolerance:g}, at ridge {self._ridge:g} in {dtype_name(self._dtype)}. Set a "
            "larger ridge (default 0.1), more landmarks, or method: exact."
        )

    def _estimate_diagonal(self) -> Tensor:
        """Return the corrected diagonal, and note its leave-one-out error in the checks."""
        statistics = self._matrix.statistics(NEIGHBOURS)
        estimate = self._conditioned_on_neighbours(statistics.neighbours)
        known = self._rows_to_compute(estimate, statistics)
        exact = self._exact_diagonal(known).double()
        columns = _predictors(estimate, statistics, self.landmark_rows)
        fitted, error = _ridge_regression(columns, known, exact.log())
        self._checks["diagonal_error_rms"] = float(error.square().mean().sqrt())
        self._checks["diagonal_error_max"] = float(error.abs().max())
        diagonal = self._within_bounds(fitted.exp())
        diagonal[known] = exact
        return diagonal.to(self._dtype)

    def _conditioned_on_neighbours(self, neighbours: Tensor) -> Tensor:
        """Return the inverse diagonal by the low-rank operator outside each row's neighbourhood.

        Parameters
        ----------
        neighbours
            int64 (n, k).

        Returns
        -------
        Tensor
            float64 (n,).
        """
        index = torch.cat([torch.arange(self.n, device=self._device)[:, None], neighbours], 1)
        explainer = self._lowrank.explainer()
        out = torch.empty(self.n, dtype=torch.float64, device=self._device)
        step = max(1, _BLOCK_ELEMENTS // (index.shape[1] * explainer.features.shape[1]))
        for start, stop in spans(self.n, step):
            rows = self._matrix.rows[index[start:stop]].double()
            rows = torch.nn.functional.normalize(rows, dim=2)
            kernel = arccos_kernel_(rows @ rows.mT)
            kernel.diagonal(dim1=1, dim2=2).fill_(DIAGONAL + self._ridge)
            unexplained = kernel - explainer.explained(index[start:stop])
            out[start:stop] = torch.linalg.inv(unexplained)[:, 0, 0]
        return self._within_bounds(out)

    def _rows_to_compute(self, estimate: Tensor, statistics: RowStatistics) -> Tensor:
        """Return the rows, int64, whose entry is to be exact."""
        if self._exact_entries >= self.n:
            return torch.arange(self.n, device=self._device)
        quarter, landmarks, keys = self._exact_entries // 4, self.landmark_rows, self._keys
        of_landmarks = estimate[landmarks], keys[landmarks.cpu()]
        chosen = [
            _evenly_spread(estimate, keys, quarter, 1.0),
            landmarks[_evenly_spread(*of_landmarks, min(quarter, len(landmarks)), 1.0)],
            _evenly_spread(statistics.nearest, keys, quarter, _EXTREMES),
            _evenly_spread(statistics.squares, keys, quarter, _EXTREMES),
        ]
        rows: Tensor = torch.unique(torch.cat(chosen))
        return rows

    def _within_bounds(self, diagonal: Tensor) -> Tensor:
        """Clamp to what the eigenvalues allow: 1/(λ + 1/2) ≤ (H + λI)⁻¹_ii ≤ 1/λ."""
        highest = 1 / max(self._ridge, torch.finfo(self._dtype).eps)
        return diagonal.nan_to_num(nan=highest).clamp(1 / (DIAGONAL + self._ridge), highest)

    def _exact_diagonal(self, rows: Tensor) -> Tensor:
        """Return the entries of the inverse diagonal for the given rows, by conjugate gradients."""
        out = self._matrix.rows.new_empty(len(rows))
        for left, right in spans(len(rows), _COLUMNS_AT_ONCE):
            columns = torch.arange(right - left, device=self._device)
            units = self._matrix.rows.new_zeros((self.n, right - left))
            units[rows[left:right], columns] = 1
            solution, _ = self._conjugate_gradients(units, _ENTRY_TOLERANCE)
            out[left:right] = solution[rows[left:right], columns]
        return out


def _evenly_spread(values: Tensor, keys: Tensor, count: int, share: float) -> Tensor:
    """Return rows evenly spread over the order of the largest values, int64 (count,).

    Of each stretch of that order the row with the smallest key, which hardly ever changes when a
    row comes or goes.

    Parameters
    ----------
    values
        (n,).
    keys
        int64 (n,), on the CPU.
    count, share
        How many stretches the largest values are cut into, and which share of all these are.
    """
    n = len(values)
    # Mutual nearest neighbours tie; without order among them each device would draw other rows.
    order = values.cpu().argsort(stable=True)[n - max(count, round(share * n)) :]
    stretches = torch.tensor_split(order, count)
    rows = torch.stack([stretch[keys[stretch].argmin()] for stretch in stretches if len(stretch)])
    return rows.to(values.device)


def _predictors(estimate: Tensor, statistics: RowStatistics, landmarks: Tensor) -> Tensor:
    """Return what the log of the inverse diagonal is regressed on, float64 (n, c)."""
    squares, nearest = statistics.squares.double(), statistics.nearest.double()
    logarithm = estimate.log()
    is_landmark = torch.zeros_like(logarithm)
    is_landmark[landmarks] = 1
    columns = [logarithm, statistics.total.double(), squares, nearest, is_landmark]
    return torch.stack([*columns, logarithm**2, squares**2, nearest**2], 1)


def _ridge_regression(columns: Tensor, known: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """Regress known values on standardised columns.

    Parameters
    ----------
    columns
        float64 (g, c).
    known
        int64 (s,), rows whose value is known.
    values
        float64 (s,).

    Returns
    -------
    tuple of Tensor
        Fitted values (g,), and for each known one its error when it is left out (s,).
    """
    centre, spread = columns[known].mean(0), columns[known].std(0, correction=0)
    scaled = (columns - centre) / spread.masked_fill(spread < 1e-9, torch.inf)
    design = torch.cat([torch.ones_like(scaled[:, :1]), scaled], 1)
    sample = design[known]
    shrinkage = _SHRINKAGE * torch.eye(design.shape[1], dtype=design.dtype, device=design.device)
    shrinkage[0, 0] = 0
    normal = torch.linalg.inv(sample.T @ sample + shrinkage)
    fitted = design @ (normal @ (sample.T @ values))
    leverage = ((sample @ normal) * sample).sum(1)
    return fitted, (values - fitted[known]) / (1 - leverage).clamp(min=1e-6)


def _ratio(numerator: Tensor, denominator: Tensor) -> Tensor:
    """Return the quotient, 0 for columns that are solved to the last digit."""
    return torch.where(denominator > 0, numerator / denominator, 0)
