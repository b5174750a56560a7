"""The tiled factor against torch.linalg in float64."""

from __future__ import annotations

import pytest
import torch
from solve_cases import dense_system, identity, spread_rows
from tolerances import SOLVE, relative_error
from where import DEVICE

from cgaudit.solve.base import FactorisationError, Meter
from cgaudit.solve.cholesky import factorise_
from cgaudit.solve.staging import Stage

DTYPES = [torch.float32, torch.float64]
SIZES = [1, 2, 15, 16, 17, 33, 80]
TILE = 16

#: Copying parts "to" the CPU shows that each is loaded and written back, GPU or not.
STREAMED = Stage(torch.device(DEVICE), copies=True)


def factor_of(
    matrix: torch.Tensor,
    dtype: torch.dtype,
    meter: Meter | None = None,
    stage: Stage | None = None,
):
    home = "cpu" if stage and stage.copies else DEVICE
    return factorise_(matrix.to(home, dtype, copy=True), TILE, meter or Meter(1.0), stage)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", SIZES)
def test_a_streamed_factor_is_the_same(n, dtype):
    A, Y = dense_system(spread_rows(n), 0.1), spread_rows(n, 3, seed=1).to(dtype)
    whole, streamed = factor_of(A, dtype), factor_of(A, dtype, stage=STREAMED)
    assert relative_error(streamed.matrix.tril(), torch.linalg.cholesky(A)) < SOLVE[dtype]
    for found, expected in [
        (streamed.inverse_diagonal(TILE, Meter(1.0)), whole.inverse_diagonal(TILE, Meter(1.0))),
        (streamed.solve(Y), whole.solve(Y)),
        (streamed.multiply(Y), whole.multiply(Y)),
    ]:
        assert relative_error(found, expected.double()) < SOLVE[dtype]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", SIZES)
def test_factor_is_that_of_lapack(n, dtype):
    A = dense_system(spread_rows(n), 0.1)
    factor = factor_of(A, dtype)
    assert relative_error(factor.matrix.tril(), torch.linalg.cholesky(A)) < SOLVE[dtype]
    pivots = torch.linalg.cholesky(A).diagonal() ** 2
    assert factor.smallest_pivot == pytest.approx(float(pivots.min()), rel=1e-4)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("panel", [1, TILE, 3 * TILE, 1000])
def test_inverse_diagonal_is_that_of_the_inverse(n, panel, dtype):
    A = dense_system(spread_rows(n), 0.1)
    found = factor_of(A, dtype).inverse_diagonal(panel, Meter(1.0))
    assert found.dtype == dtype
    assert relative_error(found, torch.linalg.inv(A).diagonal()) < SOLVE[dtype]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", SIZES)
def test_solve_and_multiply_are_those_of_the_matrix(n, dtype):
    A, Y = dense_system(spread_rows(n), 0.1), spread_rows(n, 3, seed=1)
    factor, targets = factor_of(A, dtype), Y.to(dtype)
    assert relative_error(factor.solve(targets), torch.linalg.solve(A, Y)) < SOLVE[dtype]
    assert relative_error(factor.multiply(targets), A @ Y) < SOLVE[dtype]
    assert torch.equal(targets, Y.to(dtype))


def test_inverse_diagonal_leaves_the_factor_alone():
    factor = factor_of(dense_system(spread_rows(40), 0.1), torch.float64)
    before = factor.matrix.clone()
    factor.inverse_diagonal(32, Meter(1.0))
    assert torch.equal(factor.matrix, before)


def test_what_lies_above_the_diagonal_tiles_is_not_read():
    A = dense_system(spread_rows(40), 0.1)
    expected = torch.linalg.inv(A).diagonal()
    for start in range(0, 40, TILE):
        A[start : start + TILE, start + TILE :] = torch.nan
    found = factor_of(A, torch.float64).inverse_diagonal(TILE, Meter(1.0))
    assert relative_error(found, expected) < SOLVE[torch.float64]


def test_flop_are_metered_to_two_thirds_of_the_cube():
    meter = Meter(2 * 40**3 / 3)
    factor_of(dense_system(spread_rows(40), 0.1), torch.float64, meter).inverse_diagonal(16, meter)
    assert meter.done == pytest.approx(meter.total)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_negative_pivot_is_an_error_that_names_the_row(dtype):
    A = identity(40)
    A[21, 21] = -1
    with pytest.raises(FactorisationError, match=r"row 21 .*larger ridge") as caught:
        factor_of(A, dtype)
    assert caught.value.row == 21


def test_a_pivot_lost_in_rounding_is_an_error_though_cholesky_succeeds():
    A = identity(20)
    A[18, 18] = 1e-7
    with pytest.raises(FactorisationError, match=r"row 18 .*precision: float64"):
        factor_of(A, torch.float32)
    assert factor_of(A, torch.float64).smallest_pivot == pytest.approx(1e-7)


def test_nan_is_named_as_such():
    A = identity(20)
    A[3, 3] = torch.nan
    with pytest.raises(FactorisationError, match="NaN or infinite"):
        factor_of(A, torch.float64)
