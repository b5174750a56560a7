"""Kernel tiles against the formula, and near-duplicates against their distance."""

from __future__ import annotations

import math

import pytest
import torch
from solve_cases import dense_system, spread_rows
from tolerances import KERNEL, relative_error

from cgaudit.numerics.kernel import (
    NEAR,
    arccos_kernel_,
    kernel_tile,
    self_kernel_tile,
    unit_rows,
    write_self_kernel_,
)

DTYPES = [torch.float32, torch.float64]
SCALES = [1, 1e-200, 1e200, 3, 1e-30, 1e30]


def test_unit_rows_have_length_one_whatever_their_scale():
    rows = spread_rows(6) * torch.tensor(SCALES, dtype=torch.float64)[:, None]
    unit = unit_rows(rows)
    assert torch.allclose(unit.norm(dim=1), torch.ones(6, dtype=torch.float64), atol=1e-15)


def test_float32_rows_of_tiny_numbers_do_not_underflow():
    unit = unit_rows(torch.full((1, 4), 1e-30))
    assert torch.allclose(unit, torch.full((1, 4), 0.5))


def test_zero_rows_stay_zero_and_are_isolated():
    rows = unit_rows(torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]))
    H = self_kernel_tile(rows)
    assert torch.equal(H, torch.full((3,), 0.5).diag())


def test_scaling_leaves_the_features_alone():
    rows = spread_rows(3)
    before = rows.clone()
    unit_rows(rows)
    assert torch.equal(rows, before)


@pytest.mark.parametrize("dtype", DTYPES)
def test_kernel_follows_the_formula(dtype):
    rows = spread_rows(40)
    expected = dense_system(rows, 0)
    unit = unit_rows(rows, dtype)
    assert relative_error(self_kernel_tile(unit), expected) < KERNEL[dtype]
    assert relative_error(kernel_tile(unit[:7], unit[7:]), expected[:7, 7:]) < KERNEL[dtype]


def test_diagonal_is_exactly_one_half():
    H = self_kernel_tile(unit_rows(spread_rows(50), torch.float32))
    assert bool((H.diagonal() == 0.5).all())


def test_cosines_outside_the_unit_interval_are_clamped():
    H = arccos_kernel_(torch.tensor([1.0 + 1e-6, -1.0 - 1e-6]))
    assert H.tolist() == [0.5, 0.0]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("angle", [1e-6, 1e-4, 1e-2, 0.04, 0.05, 0.3, math.pi / 2, 3.0])
def test_pairs_at_any_angle_keep_their_kernel_value(dtype, angle):
    rows = torch.tensor([[1.0, 0.0], [math.cos(angle), math.sin(angle)]], dtype=torch.float64)
    unit = rows.to(dtype)
    exact = unit.double()
    r = float((exact[0] / exact[0].norm() - exact[1] / exact[1].norm()).norm())
    angle = 2 * math.asin(r / 2)
    expected = math.cos(angle) * (math.pi - angle) / (2 * math.pi)
    assert float(kernel_tile(unit[:1], unit[1:])) == pytest.approx(
        expected, abs=4 * KERNEL[dtype] * 0.5
    )


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_left_of_one_half_between_near_duplicates_is_right(dtype):
    """1/2 − H is what the inverse lives on; from the cosine alone it has no right digit."""
    distance = 3e-4 if dtype == torch.float32 else 1e-9
    direction = spread_rows(2, 30)
    base = direction[0] / direction[0].norm()
    across = direction[1] - (direction[1] @ base) * base
    pair = unit_rows(torch.stack([base, base + distance * across / across.norm()]), dtype)
    exact = torch.nn.functional.normalize(pair.double(), dim=1)
    r = float((exact[0] - exact[1]).norm())
    left = 0.5 - float(kernel_tile(pair[:1], pair[1:]))
    assert left == pytest.approx(r / (2 * math.pi), rel=1e-2)


def test_identical_rows_have_the_kernel_of_a_row_with_itself():
    row = unit_rows(spread_rows(1, 700), torch.float32)
    assert float(kernel_tile(row, row)) == 0.5


def test_near_pairs_are_reported_with_their_distance():
    rows = spread_rows(20, 30)
    rows[13] = rows[4] * 7
    rows[2] = rows[9] + 1e-4 * rows[9].norm() * torch.nn.functional.normalize(rows[3], dim=0)
    unit = unit_rows(rows, torch.float32)
    near = write_self_kernel_(torch.empty(20, 20), unit)
    assert near is not None
    found = dict(
        zip(zip(near.rows.tolist(), near.columns.tolist(), strict=True), near.distance, strict=True)
    )
    assert set(found) == {(4, 13), (13, 4), (2, 9), (9, 2)}
    assert float(found[4, 13]) < 1e-6
    assert float(found[2, 9]) == pytest.approx(1e-4, rel=0.1)


def test_a_tile_without_near_pairs_reports_none():
    assert write_self_kernel_(torch.empty(9, 9), unit_rows(spread_rows(9), torch.float32)) is None


def test_kernel_is_written_through_a_strided_view():
    rows = unit_rows(spread_rows(9))
    buffer = torch.full((9, 20), -1.0, dtype=torch.float64)
    kernel_tile(rows, rows[:5], out=buffer[:, 3:8])
    assert torch.equal(buffer[:, 3:8], kernel_tile(rows, rows[:5]))
    assert bool((buffer[:, :3] == -1).all())
    assert bool((buffer[:, 8:] == -1).all())


def test_near_threshold_is_known_for_every_precision():
    assert set(NEAR) == set(DTYPES)
