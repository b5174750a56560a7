"""The low-rank solver: streaming, landmarks apart, closeness to the exact one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from solve_cases import (
    asking,
    identity,
    leave_one_out,
    no_rows,
    rank_correlation,
    scores_of,
    spread_rows,
)
from tolerances import SOLVE, relative_error

from cgaudit.numerics.contents import row_digests
from cgaudit.solve import ExactSolver, FactorisationError, LowRankSolver
from cgaudit.solve.prior import NOISE_FLOOR, RESIDUAL_FLOOR

RIDGE = 0.1
LANDMARKS = 700


class Slices:
    """Rows that can only be read in slices, and tell how large those were."""

    def __init__(self, rows: np.ndarray) -> None:
        self.rows = rows
        self.largest = 0

    @property
    def shape(self) -> tuple[int, ...]:
        return self.rows.shape

    def __getitem__(self, rows: slice) -> np.ndarray:
        part = self.rows[rows]
        self.largest = max(self.largest, len(part))
        return part


@pytest.fixture(scope="module")
def exact(digits):
    return ExactSolver(digits[0], asking(RIDGE, "float32"))


@pytest.fixture(scope="module")
def lowrank(digits):
    return LowRankSolver(digits[0], asking(RIDGE, "float32", landmarks=LANDMARKS))


@pytest.fixture(scope="module")
def is_landmark(lowrank):
    mask = no_rows(lowrank.n)
    mask[lowrank.landmark_rows] = True
    return mask


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_with_all_rows_as_landmarks_it_is_exact(precision):
    rows, targets = spread_rows(90), spread_rows(90, 3, seed=1)
    found = LowRankSolver(rows, asking(RIDGE, precision, landmarks=90))
    truth = ExactSolver(rows, asking(RIDGE, precision))
    limit = 10 * SOLVE[truth.inverse_diagonal().dtype] + 1e-5
    assert relative_error(found.solve(targets), truth.solve(targets)) < limit
    assert relative_error(found.inverse_diagonal(), truth.inverse_diagonal()) < limit


def test_rows_are_read_in_batches_only(monkeypatch):
    monkeypatch.setattr("cgaudit.solve.sums.BATCH_ELEMENTS", {"cpu": 40 * 512, "cuda": 40 * 512})
    rows = spread_rows(3000)
    source = Slices(rows.cpu().numpy())
    asked = asking(RIDGE, "float64", landmarks=40)
    streamed = LowRankSolver(source, asked, row_digests(source.rows))
    targets = spread_rows(3000, 2, seed=1)
    streamed.solve(targets)
    streamed.inverse_diagonal()
    assert source.largest == 512
    whole = LowRankSolver(rows, asked, keep_features=True)
    limit = SOLVE[torch.float64]
    assert relative_error(streamed.solve(targets), whole.solve(targets)) < limit
    assert relative_error(streamed.inverse_diagonal(), whole.inverse_diagonal()) < limit


def test_basis_is_a_quarter_directions_and_the_rest_landmarks():
    solver = LowRankSolver(spread_rows(500, 200), asking(RIDGE, "float64", landmarks=100))
    assert len(solver.landmark_rows) == 75
    assert solver.info.landmarks == 100
    few_columns = LowRankSolver(spread_rows(500, 6), asking(RIDGE, "float64", landmarks=100))
    assert len(few_columns.landmark_rows) == 94


def test_landmarks_follow_the_seed():
    def chosen(seed: int) -> list[int]:
        solver = LowRankSolver(spread_rows(200), asking(RIDGE, "float64", landmarks=20, seed=seed))
        return solver.landmark_rows.tolist()

    assert chosen(1) == chosen(1)
    assert chosen(1) != chosen(2)


def test_scores_rank_as_the_exact_ones_do(exact, lowrank, digits):
    _, codes = digits
    found, truth = scores_of(lowrank, codes), scores_of(exact, codes)
    assert rank_correlation(found, truth) > 0.97


@pytest.mark.parametrize("group", ["landmarks", "others"])
def test_suggested_labels_agree_with_the_exact_ones(group, exact, lowrank, digits, is_landmark):
    rows = is_landmark if group == "landmarks" else ~is_landmark
    found = leave_one_out(lowrank, digits[1]).argmax(1)
    truth = leave_one_out(exact, digits[1]).argmax(1)
    assert float((found == truth)[rows].float().mean()) >= 0.9


@pytest.mark.parametrize("group", ["landmarks", "others"])
def test_a_row_does_not_see_its_own_label(group, lowrank, digits, is_landmark):
    codes = digits[1]
    rows = (is_landmark if group == "landmarks" else ~is_landmark).nonzero()[::60, 0]
    before = leave_one_out(lowrank, codes)
    for row in rows.tolist():
        flipped = codes.clone()
        flipped[row] = (codes[row] + 1) % 10
        moved = leave_one_out(lowrank, flipped)[row] - before[row]
        assert float(moved.abs().max()) < 0.1


def test_diagonal_is_biased_alike_on_landmarks_and_others(exact, digits):
    found = LowRankSolver(digits[0], asking(RIDGE, "float32", landmarks=200))
    ratio = found.inverse_diagonal() / exact.inverse_diagonal()
    mask = no_rows(found.n)
    mask[found.landmark_rows] = True
    assert abs(float(ratio[mask].mean() - ratio[~mask].mean())) < 0.1


def test_residuals_have_a_floor():
    solver = LowRankSolver(spread_rows(400, 30), asking(RIDGE, "float64", landmarks=60))
    floor = RESIDUAL_FLOOR * solver.info.checks["mean_residual"]
    assert float(solver.noise.min()) == pytest.approx(RIDGE + floor)


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_a_floor_that_changes_the_numbers_is_told(precision):
    solver = LowRankSolver(spread_rows(50), asking(0.0, precision, landmarks=50))
    least = NOISE_FLOOR[solver.noise.dtype]
    assert solver.info.repairs == (f"noise of each row raised to at least {least:g}",)
    assert float(solver.noise.min()) == pytest.approx(least)


def test_blocks_are_explained_by_the_rows_outside_them():
    solver = LowRankSolver(
        spread_rows(60), asking(RIDGE, "float64", landmarks=20), keep_features=True
    )
    dense = solver.apply(identity(60))
    plain = ~no_rows(60)
    plain[solver.landmark_rows] = False
    index = plain.nonzero()[:12, 0].reshape(4, 3)
    found = solver.explainer().explained(index)
    for block, rows in zip(found, index, strict=True):
        rest = ~no_rows(60)
        rest[rows] = False
        cross = dense[rows][:, rest]
        expected = cross @ torch.linalg.solve(dense[rest][:, rest], cross.T)
        assert relative_error(block, expected) < SOLVE[torch.float64]


def test_a_landmark_is_explained_as_if_it_were_none():
    """Its φ loses what the other landmarks cannot express; the other rows keep theirs."""
    rows = spread_rows(60)
    solver = LowRankSolver(rows, asking(RIDGE, "float64", landmarks=20), keep_features=True)
    explainer = solver.explainer()
    landmarks = solver.landmark_rows
    row = landmarks[3]
    linear = identity(20)[: 20 - len(landmarks)]
    span = torch.cat([linear, explainer.features[landmarks[landmarks != row]]])
    own = torch.linalg.pinv(span) @ span @ explainer.features[row]
    rest = ~no_rows(60)
    rest[row] = False
    features = explainer.features[rest]
    system = features @ features.T + explainer.noise[rest].diag()
    cross = features @ own
    expected = cross @ torch.linalg.solve(system, cross)
    found = explainer.explained(row.reshape(1, 1))
    # The nugget on the landmarks' kernel is 1e-6.
    assert float(found) == pytest.approx(float(expected), rel=1e-5)


def test_landmarks_that_repeat_do_no_harm():
    rows = spread_rows(10).repeat(30, 1)
    solver = LowRankSolver(rows, asking(RIDGE, "float32", landmarks=150))
    targets = spread_rows(300, 2, seed=1)
    truth = ExactSolver(rows, asking(RIDGE, "float64"))
    assert relative_error(solver.solve(targets), truth.solve(targets)) < 1e-2
    assert relative_error(solver.inverse_diagonal(), truth.inverse_diagonal()) < 1e-2


def test_nan_that_gets_this_far_is_named():
    rows = spread_rows(100)
    rows[3, 3] = torch.nan
    with pytest.raises(FactorisationError, match="NaN or infinite"):
        LowRankSolver(rows, asking(RIDGE, "float32", landmarks=20))
