"""The iterative solver: convergence, and a diagonal that is right on landmarks and elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from solve_cases import (
    asking,
    leave_one_out,
    no_rows,
    one_vs_rest,
    rank_correlation,
    scores_of,
    spread_rows,
)
from tolerances import SOLVE, relative_error

from cgaudit.errors import SolveError
from cgaudit.solve import (
    ConvergenceError,
    ExactSolver,
    FactorisationError,
    IterativeSolver,
    SingularKernelError,
)
from cgaudit.solve.iterative import EXACT_ENTRIES

RIDGE = 0.1


@pytest.fixture(scope="module")
def exact(digits):
    return ExactSolver(digits[0], asking(RIDGE, "float32"))


@pytest.fixture(scope="module")
def solver(digits):
    return IterativeSolver(digits[0], asking(RIDGE, "float32", landmarks=200), exact_entries=96)


@pytest.fixture(scope="module")
def is_landmark(solver):
    mask = no_rows(solver.n)
    mask[solver.landmark_rows] = True
    return mask


def test_residual_stays_below_the_tolerance(digits):
    targets = one_vs_rest(digits[1])
    for tolerance in (1e-2, 1e-4):
        solver = IterativeSolver(
            digits[0], asking(RIDGE, "float32", landmarks=200, tolerance=tolerance)
        )
        residual = solver.apply(solver.solve(targets)) - targets
        assert float((residual.norm(dim=0) / targets.norm(dim=0)).max()) < 1.1 * tolerance


def test_scores_rank_as_the_exact_ones_do(solver, exact, digits):
    assert rank_correlation(scores_of(solver, digits[1]), scores_of(exact, digits[1])) > 0.995


@pytest.mark.parametrize("group", ["landmarks", "others"])
def test_suggested_labels_agree_with_the_exact_ones(group, solver, exact, digits, is_landmark):
    rows = is_landmark if group == "landmarks" else ~is_landmark
    found = leave_one_out(solver, digits[1]).argmax(1)
    truth = leave_one_out(exact, digits[1]).argmax(1)
    assert float((found == truth)[rows].float().mean()) >= 0.97


@pytest.mark.parametrize("group", ["landmarks", "others"])
def test_a_row_hardly_sees_its_own_label(group, solver, digits, is_landmark):
    codes = digits[1]
    rows = (is_landmark if group == "landmarks" else ~is_landmark).nonzero()[::40, 0]
    before = leave_one_out(solver, codes)
    for row in rows.tolist():
        flipped = codes.clone()
        flipped[row] = (codes[row] + 1) % 10
        moved = leave_one_out(solver, flipped)[row] - before[row]
        assert float(moved.abs().max()) < 0.1


@pytest.mark.parametrize("group", ["landmarks", "others"])
def test_diagonal_is_right_to_a_few_percent(group, solver, exact, is_landmark):
    rows = is_landmark if group == "landmarks" else ~is_landmark
    error = (solver.inverse_diagonal() / exact.inverse_diagonal() - 1)[rows]
    assert abs(float(error.mean())) < 0.01
    assert float(error.square().mean().sqrt()) < 0.03


def test_the_error_it_reports_is_the_error_it_has(solver, exact):
    error = solver.inverse_diagonal() / exact.inverse_diagonal() - 1
    reported = solver.info.checks["diagonal_error_rms"]
    assert reported / 2 < float(error.square().mean().sqrt()) < 2 * reported


@pytest.mark.parametrize("ridge", [0.0, 0.1])
def test_near_duplicates_have_the_right_diagonal(digits, ridge):
    rows = digits[0].clone()
    rows[600:640] = rows[:40] * 1.001
    rows[600:640] += spread_rows(40, 64) * 0.5
    found = IterativeSolver(rows, asking(ridge, "float32", landmarks=200)).inverse_diagonal()
    truth = ExactSolver(rows, asking(ridge, "float32")).inverse_diagonal()
    pairs = torch.cat([torch.arange(40), torch.arange(600, 640)])
    assert float((found / truth - 1)[pairs].abs().max()) < 0.15


def test_a_matrix_that_is_not_kept_gives_the_same(digits, solver):
    anew = IterativeSolver(
        digits[0], asking(RIDGE, "float32", landmarks=200), exact_entries=96, keep_matrix=False
    )
    targets = one_vs_rest(digits[1])
    assert torch.equal(anew.solve(targets), solver.solve(targets))
    assert torch.equal(anew.inverse_diagonal(), solver.inverse_diagonal())


def test_each_device_draws_the_same_rows():
    """Mutual nearest neighbours tie, and on a card ties once came in another order."""
    rows = spread_rows(600)
    asked = asking(RIDGE, "float64", landmarks=100)
    found, truth = (
        IterativeSolver(rows, solving).inverse_diagonal()
        for solving in (asked, replace(asked, device="cpu"))
    )
    assert relative_error(found, truth) < SOLVE[torch.float64]


def test_few_rows_get_exact_entries_all():
    rows = spread_rows(EXACT_ENTRIES)
    found = IterativeSolver(rows, asking(RIDGE, "float64", landmarks=20)).inverse_diagonal()
    truth = ExactSolver(rows, asking(RIDGE, "float64")).inverse_diagonal()
    assert relative_error(found, truth) < 1e-2


def test_a_system_without_a_solution_is_a_named_error():
    """Mirrored rows, more pairs than columns: singular at ridge 0 though no rows repeat."""
    rows = spread_rows(40, 4)
    solver = IterativeSolver(
        torch.cat([rows, -rows]), asking(0.0, "float32", landmarks=20, tolerance=1e-5)
    )
    with pytest.raises(ConvergenceError, match=r"not 1e-05, at ridge 0 .*larger ridge.*exact"):
        solver.solve(spread_rows(80, 2, seed=1))


def test_a_tolerance_out_of_reach_is_refused():
    with pytest.raises(SolveError, match=r"1e-09 is below what float32 can tell.*float64"):
        IterativeSolver(spread_rows(20), asking(RIDGE, "float32", landmarks=10, tolerance=1e-9))


@pytest.mark.parametrize("keep_matrix", [True, False])
def test_duplicates_without_a_ridge_are_named(keep_matrix):
    rows = spread_rows(60)
    rows[31] = rows[4]
    with pytest.raises(SingularKernelError, match="4 and 31"):
        IterativeSolver(rows, asking(0.0, "float32", landmarks=20), keep_matrix=keep_matrix)


def test_nan_that_gets_this_far_is_named():
    rows = spread_rows(100)
    rows[3, 3] = torch.nan
    with pytest.raises(FactorisationError, match="NaN or infinite"):
        IterativeSolver(rows, asking(RIDGE, "float32", landmarks=20))
