"""Labels that are numbers."""

from __future__ import annotations

import numpy as np
import pytest

from cgaudit.dataset import look_like_numbers, numeric_labels


def test_labels_are_read_in_one_notation() -> None:
    found = numeric_labels(["1,5", None, "2.300,0", "n/a", "12"])
    np.testing.assert_array_equal(found.values, [1.5, np.nan, 2300.0, np.nan, 12.0])
    assert found.unread == ["n/a"]
    assert found.notation.decimal_comma


def test_what_no_sum_of_squares_could_hold_is_no_number() -> None:
    found = numeric_labels(["1e200", "-1e99", "inf", "nan"])
    np.testing.assert_array_equal(found.values, [np.nan, -1e99, np.nan, np.nan])


@pytest.mark.parametrize(
    ("labels", "are"),
    [
        ([str(i / 7) for i in range(100)], True),
        ([str(i % 10) for i in range(1000)], False),  # ten classes called by digits
        ([str(i % 40) for i in range(10_000)], False),  # forty of them, each with many samples
        ([f"person {i}" for i in range(100)], False),
        ([*map(str, range(100)), *["broken"] * 101], False),
        ([], False),
    ],
)
def test_numbers_with_many_values_are_told_from_classes(labels: list[str], are: bool) -> None:
    assert look_like_numbers(labels) is are
