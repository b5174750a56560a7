"""Sets of what belongs together, against their slow twins."""

from __future__ import annotations

import numpy as np
import pytest

from cgaudit.oddities.law import mixed, pairs_of_content, sets_of


def slowly(pairs: np.ndarray, count: int) -> list[int]:
    """Return the sets by colouring each sample's whole neighbourhood, one at a time."""
    beside: dict[int, set[int]] = {at: set() for at in range(count)}
    for one, other in pairs.tolist():
        beside[one].add(other)
        beside[other].add(one)
    sets, number = [-1] * count, 0
    for first in range(count):
        if sets[first] >= 0 or not beside[first] - {first}:
            continue
        waiting = [first]
        while waiting:
            at = waiting.pop()
            if sets[at] < 0:
                sets[at] = number
                waiting += beside[at]
        number += 1
    return sets


@pytest.mark.parametrize("seed", range(20))
def test_sets_are_what_hangs_together(seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 200))
    pairs = rng.integers(count, size=(int(rng.integers(0, 200)), 2))
    assert sets_of(pairs, count).tolist() == slowly(pairs, count)


@pytest.mark.parametrize("order", ["up", "down", "mixed"])
def test_a_long_chain_is_one_set(order):
    n = 20_000
    at = {
        "up": np.arange(n),
        "down": np.arange(n)[::-1],
        "mixed": np.random.default_rng(0).permutation(n),
    }[order]
    assert set(sets_of(np.stack([at[:-1], at[1:]], axis=1), n).tolist()) == {0}


def test_equal_contents_are_paired_with_the_first():
    contents = ["b", None, "a", "b", "", None, "a", "b", "\udc80", ""]
    pairs = pairs_of_content(contents).tolist()
    assert sorted(map(tuple, pairs)) == [(0, 3), (0, 7), (2, 6), (4, 9)]
    for nothing in (None, [], [None, None], ["x"]):
        assert pairs_of_content(nothing).shape == (0, 2)


def test_a_set_of_several_values_is_mixed():
    sets = np.array([0, 0, 1, 1, -1, 2, 2])
    values = ["a", "b", "a", "a", "c", None, "a"]
    assert mixed(sets, values).tolist() == [True, True, *[False] * 5]
    assert not mixed(sets, None).any()
