"""How data are cut and results merged: by their number alone."""

from __future__ import annotations

import itertools

import pytest

from cgaudit.executor.base import GROUP, MOST_PARTS, folded, in_groups, parts_of


@pytest.mark.parametrize("n", [1, 4096, 4097, 20_000, 500_000, 10**7, 10**8, 10**9])
def test_parts_cover_all_rows_once(n):
    parts = parts_of(n)
    assert parts[0][0] == 0
    assert parts[-1][1] == n
    assert all(left[1] == right[0] for left, right in itertools.pairwise(parts))
    assert len(parts) <= MOST_PARTS
    sizes = {stop - start for start, stop in parts[:-1]}
    assert len(sizes) <= 1
    assert n < 10**6 or len(parts) > 10


def joined(left: str, right: str) -> str:
    return f"({left}{right})"


def group(results) -> str:
    whole, *rest = results
    for one in rest:
        whole = joined(whole, one)
    return whole


@pytest.mark.parametrize("n", [1, 2, 15, 16, 17, 31, 32, 33, 256, 257, 272, 273, 1000, 5000])
def test_a_stream_is_merged_as_groups_are(n):
    names = [f"{number}," for number in range(n)]
    assert folded(iter(names), joined) == in_groups(names, group)
    assert folded(names, joined).replace("(", "").replace(")", "") == "".join(names)


def test_few_outcomes_are_held_at_once():
    alive = 0
    most = 0

    class Result:
        def __init__(self):
            nonlocal alive, most
            alive += 1
            most = max(most, alive)

        def __del__(self):
            nonlocal alive
            alive -= 1

    folded((Result() for _ in range(GROUP**2 * 3)), lambda left, right: left)
    assert most < 8


def test_nothing_cannot_be_merged():
    with pytest.raises(ValueError, match="no results"):
        folded([], joined)
