"""The digits that are published."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cgaudit.numerics.rounding import number, significant, to_decimals


@given(st.floats(1e-30, 1e30), st.integers(1, 8))
def test_significant_digits(value, digits):
    rounded = significant(np.array([value, -value, 0.0, np.nan, np.inf]), digits)
    assert rounded[0] == pytest.approx(value, rel=0.5 * 10 ** (1 - digits) * (1 + 1e-9))
    assert float(f"{value:.{digits - 1}e}") == pytest.approx(rounded[0], rel=10.0 ** (1 - digits))
    assert rounded[1] == -rounded[0]
    assert rounded[2] == 0
    assert np.isnan(rounded[3])
    assert np.isinf(rounded[4])


def test_decimals_are_float32_without_a_negative_zero():
    rounded = to_decimals(np.array([[0.123456, -1e-9], [np.nan, 2.5]]), 3)
    assert rounded.dtype == np.float32
    assert not np.signbit(rounded[0, 1])
    np.testing.assert_array_equal(rounded, np.array([[0.123, 0], [np.nan, 2.5]], np.float32))


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.1234567, 0.12346), (np.float32(0.1), 0.1), (98765.4321, 98765.0), (0.0, 0.0)],
)
def test_a_number_is_cut_to_its_digits(value, written):
    assert number(value, 5) == written


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_what_is_no_number_is_nothing(value):
    assert number(value, 5) is None
