"""How often two lists agree by chance."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from cgaudit.numerics.chance import chance_agreement


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([0, 0, 1, 1, 2, 2], [0, 1, 1, 1, 2, 0]),
        ([0, 0, 0, 0, 1, 2], [1, 1, 0, 0, 0, 0]),
        ([0, 1, 0, 1], [0, 0, 0, 0]),
    ],
)
def test_mean_and_deviation_are_those_of_all_orders(given, said):
    agreements = [np.mean(np.equal(given, order)) for order in itertools.permutations(said)]
    mean, deviation = chance_agreement(*(np.bincount(one, minlength=3) for one in (given, said)))
    assert mean / len(given) == pytest.approx(np.mean(agreements))
    assert deviation / len(given) == pytest.approx(np.std(agreements))


def test_too_few_to_tell():
    assert chance_agreement(np.array([1, 0]), np.array([1, 0])) == (0, 0)
    assert chance_agreement(np.array([0, 0]), np.array([0, 0])) == (0, 0)
