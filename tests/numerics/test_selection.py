"""The k-th smallest of values in parts."""

from __future__ import annotations

import numpy as np
import pytest

from cgaudit.numerics.selection import digit_counts, kth_smallest


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("k", [1, 2, 500, 999, 1000])
def test_it_is_the_one_that_sorting_finds(dtype, k):
    values = np.random.default_rng(k).random(1000).astype(dtype)
    values[::7] = values[0]
    values[[3, 4]] = 0, 1
    parts = np.array_split(values, 6)

    def counts(leading):
        return sum(digit_counts(part, leading) for part in parts)

    assert kth_smallest(counts, k, dtype) == np.sort(values)[k - 1]


def test_a_part_may_be_empty():
    assert digit_counts(np.empty(0, np.float32), (3,)).sum() == 0
