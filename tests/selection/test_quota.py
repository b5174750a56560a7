"""How many samples each class gives."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cgaudit.selection.quota import filled_evenly, in_proportion

SIZES = st.lists(st.integers(0, 60), min_size=1, max_size=12)


@given(SIZES, st.floats(0, 1))
def test_quotas_fit_and_sum(sizes: list[int], share: float) -> None:
    held = np.array(sizes, dtype=np.int64)
    total = round(share * held.sum())
    for rule in (in_proportion, filled_evenly):
        quota = rule(held, total)
        assert quota.sum() == total
        assert ((quota >= 0) & (quota <= held)).all()


@given(SIZES, st.floats(0, 1))
def test_a_share_is_a_share(sizes: list[int], share: float) -> None:
    held = np.array(sizes, dtype=np.int64)
    total = round(share * held.sum())
    quota = in_proportion(held, total)
    if total >= np.count_nonzero(held):
        assert (quota[held > 0] >= 1).all()
    assert np.abs(quota - held * total / max(1, held.sum())).max() <= max(1, len(sizes))


def test_small_groups_give_all_they_have() -> None:
    assert filled_evenly(np.array([2, 100, 50]), 42).tolist() == [2, 20, 20]
