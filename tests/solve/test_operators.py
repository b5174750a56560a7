"""The contract that every operator passes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from solve_cases import asking, dense_system, identity, spread_rows
from tolerances import SOLVE, relative_error
from where import DEVICE

from cgaudit.numerics.contents import row_digests
from cgaudit.solve import ExactSolver, IterativeSolver, KernelSolver, LowRankSolver, SolveInfo

N = 70
RIDGE = 0.1

#: name: (constructor, options, whether it is H + λI itself or an approximation of it)
OPERATORS: dict[str, tuple[Callable[..., KernelSolver], dict[str, object], bool]] = {
    "exact": (partial(ExactSolver, tile=16, panel=32), {}, True),
    "exact float32": (partial(ExactSolver, tile=16, panel=32), {"precision": "float32"}, True),
    "iterative": (IterativeSolver, {"landmarks": 20, "tolerance": 1e-10}, True),
    "iterative, matrix not kept": (
        partial(IterativeSolver, keep_matrix=False),
        {"landmarks": 20, "tolerance": 1e-10},
        True,
    ),
    "iterative float32": (
        IterativeSolver,
        {"landmarks": 20, "tolerance": 1e-5, "precision": "float32"},
        True,
    ),
    "lowrank": (LowRankSolver, {"landmarks": 30}, False),
    "lowrank, features kept": (
        partial(LowRankSolver, keep_features=True),
        {"landmarks": 30},
        False,
    ),
    "lowrank float32": (LowRankSolver, {"landmarks": 30, "precision": "float32"}, False),
    "lowrank, all rows": (LowRankSolver, {"landmarks": N + 5}, False),
}


@pytest.fixture(params=OPERATORS)
def case(request):
    make, options, exact = OPERATORS[request.param]
    return partial(make, solving=asking(RIDGE, **{"precision": "float64", **options})), exact


@pytest.fixture
def solver(case) -> KernelSolver:
    return case[0](spread_rows(N))


@pytest.fixture
def tolerance(solver) -> float:
    return 10 * SOLVE[solver.inverse_diagonal().dtype]


def dense(solver: KernelSolver) -> torch.Tensor:
    return solver.apply(identity(solver.n)).double()


def test_it_passes_the_protocol(solver):
    assert isinstance(solver, KernelSolver)
    assert solver.n == N


def test_info_says_how_the_system_is_solved(solver):
    solver.inverse_diagonal()
    info = solver.info
    assert isinstance(info, SolveInfo)
    assert info.method in ("exact", "iterative", "lowrank")
    assert (info.ridge, info.device, info.seed) == (RIDGE, DEVICE, 0)
    assert info.precision == str(solver.inverse_diagonal().dtype).removeprefix("torch.")
    assert all(np.isfinite(value) for value in info.checks.values())
    assert info.repairs == ()


def test_results_have_the_working_precision(solver):
    targets = spread_rows(N, 2, seed=1)
    dtype = solver.inverse_diagonal().dtype
    for result in (
        solver.solve(targets),
        solver.apply(targets),
        solver.predict(spread_rows(3), targets),
    ):
        assert result.dtype == dtype


def test_the_operator_is_symmetric_and_positive(solver, tolerance):
    A = dense(solver)
    assert relative_error(A.T, A) < tolerance
    assert float(torch.linalg.eigvalsh((A + A.T) / 2).min()) > RIDGE / 2


def test_solve_undoes_apply(solver, tolerance):
    targets = spread_rows(N, 4, seed=1)
    assert relative_error(solver.apply(solver.solve(targets)), targets) < tolerance


def test_solve_takes_many_columns_and_one(solver, tolerance):
    targets = spread_rows(N, 300, seed=1)
    whole = solver.solve(targets)
    assert relative_error(solver.solve(targets[:, 7:8]), whole[:, 7:8]) < tolerance


def test_inverse_diagonal_is_that_of_the_operator(solver, tolerance):
    expected = torch.linalg.inv(dense(solver)).diagonal()
    approximate = solver.info.method == "iterative"
    assert relative_error(solver.inverse_diagonal(), expected) < (
        0.05 if approximate else tolerance
    )


def test_an_exact_operator_is_the_formula(case, solver, tolerance):
    expected = dense_system(spread_rows(N), RIDGE)
    if case[1]:
        assert relative_error(dense(solver), expected) < tolerance
    assert relative_error(dense(solver).diagonal(), expected.diagonal()) < 0.2


def test_predict_is_the_kernel_with_the_rows(case, solver, tolerance):
    rows, alpha = spread_rows(9, seed=5), spread_rows(N, 2, seed=1)
    together = torch.cat([spread_rows(N), rows])
    expected = dense_system(together, 0)[N:, :N] @ alpha
    found = solver.predict(rows, alpha)
    assert found.shape == (9, 2)
    if case[1] or "all rows" in str(case):
        assert relative_error(found, expected) < tolerance
    correlation = torch.corrcoef(torch.stack([found.double().ravel(), expected.ravel()]))[0, 1]
    assert float(correlation) > 0.8


def test_predict_takes_no_rows_and_rows_of_zeros(solver):
    alpha = spread_rows(N, 2)
    assert solver.predict(torch.empty(0, 12), alpha).shape == (0, 2)
    assert float(solver.predict(torch.zeros(1, 12), alpha).abs().max()) == 0


def test_positive_factors_of_rows_do_not_matter(case, solver, tolerance):
    factors = torch.linspace(0.1, 9, N, dtype=torch.float64, device=DEVICE)[:, None]
    # Other factors are other bytes, by which other landmarks would be drawn.
    same = {} if solver.info.method == "exact" else {"contents": row_digests(spread_rows(N))}
    scaled = case[0](spread_rows(N) * factors, **same)
    assert relative_error(scaled.inverse_diagonal(), solver.inverse_diagonal()) < tolerance


def test_the_same_input_gives_the_same_bytes(case, solver):
    again = case[0](spread_rows(N))
    targets = spread_rows(N, 2)
    assert torch.equal(again.solve(targets), solver.solve(targets))
    assert torch.equal(again.inverse_diagonal(), solver.inverse_diagonal())


@pytest.mark.filterwarnings("error")
def test_read_only_memory_maps_are_read(case, solver, tmp_path: Path):
    np.save(tmp_path / "rows.npy", spread_rows(N).cpu().numpy())
    mapped = case[0](np.load(tmp_path / "rows.npy", mmap_mode="r"))
    targets = spread_rows(N, 2)
    assert torch.equal(mapped.solve(targets), solver.solve(targets))
    assert mapped.predict(np.load(tmp_path / "rows.npy", mmap_mode="r"), targets).shape == (N, 2)


def test_inputs_are_left_alone(case):
    rows, targets = spread_rows(N), spread_rows(N, 2)
    before = rows.clone(), targets.clone()
    solver = case[0](rows)
    solver.inverse_diagonal()
    solver.predict(rows, solver.apply(solver.solve(targets)))
    assert torch.equal(rows, before[0])
    assert torch.equal(targets, before[1])


def test_progress_only_grows_and_ends_at_the_total(case):
    seen: list[tuple[float, float]] = []
    solver = case[0](spread_rows(N), progress=lambda done, total: seen.append((done, total)))
    solver.inverse_diagonal()
    solver.solve(spread_rows(N, 2))
    done = [one for one, _ in seen]
    assert done == sorted(done)
    assert seen[-1][0] == pytest.approx(seen[-1][1])


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_handful_of_rows_is_enough(case, n):
    solver = case[0](spread_rows(n))
    expected = torch.linalg.inv(dense_system(spread_rows(n), RIDGE)).diagonal()
    assert relative_error(solver.inverse_diagonal(), expected) < 1e-3


def test_duplicates_conflicts_and_zero_rows_are_no_trouble_with_a_ridge(case):
    rows = spread_rows(N)
    rows[10:20] = rows[:10]
    rows[30:33] = 0
    rows[40:60] = rows[40] * (1 + 1e-9 * spread_rows(20, 1))
    solver = case[0](rows)
    expected = torch.linalg.inv(dense_duplicates(rows)).diagonal()
    found = solver.inverse_diagonal().double()
    if case[1]:
        assert float((found / expected - 1).abs().max()) < 0.1
    assert bool(torch.isfinite(found).all())
    assert bool(torch.isfinite(solver.solve(spread_rows(N, 2))).all())


def dense_duplicates(rows: torch.Tensor) -> torch.Tensor:
    """The system of rows among which there are zero rows: isolated, H_ii = 1/2."""
    zero = rows.norm(dim=1) == 0
    A = dense_system(torch.where(zero[:, None], torch.ones_like(rows), rows), RIDGE)
    A[zero] = 0
    A[:, zero] = 0
    A.diagonal()[zero] = 0.5 + RIDGE
    return A


@pytest.mark.parametrize("through", ["legacy switch", "backend switch"])
def test_reduced_precision_is_neither_used_nor_switched_off_for_others(case, solver, through):
    backend = torch.backends.cuda.matmul
    before, found = backend.fp32_precision, []

    def spy(done: float, total: float) -> None:
        found.append((backend.fp32_precision, torch.backends.mkldnn.matmul.fp32_precision))

    try:
        if through == "legacy switch":
            torch.set_float32_matmul_precision("medium")
        else:
            backend.fp32_precision = "tf32"
        again = case[0](spread_rows(N), progress=spy)
        assert torch.equal(again.inverse_diagonal(), solver.inverse_diagonal())
        assert backend.fp32_precision == "tf32"
    finally:
        torch.set_float32_matmul_precision("highest")
        backend.fp32_precision = before
    assert set(found) == {("ieee", "ieee")}
