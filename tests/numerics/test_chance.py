"""Discoveries: the procedure's definition as a slow twin, and cases with a known answer."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from cgaudit.numerics.chance import discoveries


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rate", [0.05, 0.3])
def test_they_are_those_of_scipy(seed, rate):
    rng = np.random.default_rng(seed)
    probability = np.concatenate([rng.random(300), rng.random(40) * 1e-3])
    np.testing.assert_array_equal(
        discoveries(probability, rate), false_discovery_control(probability) <= rate
    )


def test_a_large_one_is_taken_along_by_those_above_it():
    # 0.04 is over 0.05 / 3 and over 2 · 0.05 / 3, but all three are at most 3 · 0.05 / 3.
    assert discoveries(np.array([0.04, 0.05, 0.03]), 0.05).tolist() == [True, True, True]
    assert discoveries(np.array([0.04, 0.051, 0.04]), 0.05).tolist() == [False, False, False]


@pytest.mark.parametrize("rate", [0.0, 0.05])
def test_nothing_to_discover(rate):
    assert not discoveries(np.ones(10), rate).any()
    assert discoveries(np.empty(0), rate).shape == (0,)
