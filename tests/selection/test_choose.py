"""Which samples are chosen: shares, classes, flags, and what was kept before."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from choosing import candidates, joined

from cgaudit.selection import RULES, Selecting, choose


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("balance", ["share", "equal", "none"])
def test_as_many_as_the_share_says(rule: str, balance: str) -> None:
    among = candidates(150)
    order = choose(among, Selecting(rule, 0.2, balance), drop_flagged=False)
    assert len(order) == len(set(order.tolist())) == 30


def test_each_class_gives_its_share_at_every_beginning_of_the_order() -> None:
    among = candidates(300)
    order = choose(among, Selecting(share=0.4), drop_flagged=False)
    whole = np.bincount(among.codes) / 300
    for stop in (30, 60, 120):
        part = np.bincount(among.codes[order[:stop]], minlength=3) / stop
        assert np.abs(part - whole).max() < 0.05


def test_equal_classes_and_small_ones() -> None:
    big, small = candidates(200, 1, seed=1), candidates(12, 1, seed=2)
    among = joined(big, replace(small, codes=small.codes + 1))
    order = choose(among, Selecting(share=0.5, balance="equal"), drop_flagged=False)
    assert np.bincount(among.codes[order]).tolist() == [94, 12]
    few = choose(among, Selecting(share=0.02), drop_flagged=False)
    assert np.bincount(among.codes[few], minlength=2).min() >= 1


def test_flagged_samples_are_left_out_where_asked() -> None:
    among = candidates(200, flagged=0.3)
    assert among.flagged[choose(among, Selecting(share=0.4), drop_flagged=False)].any()
    order = choose(among, Selecting(share=0.4), drop_flagged=True)
    assert len(order) == 80
    assert not among.flagged[order].any()
    # There are not as many as wanted: all that may be.
    assert len(choose(among, Selecting(share=1.0), drop_flagged=True)) == (~among.flagged).sum()


@pytest.mark.parametrize("rule", RULES)
def test_what_was_kept_stays_when_samples_come(rule: str) -> None:
    before, new = candidates(150), candidates(40, seed=5)
    selecting = Selecting(rule, 0.3)
    kept = choose(before, selecting, drop_flagged=False)
    after = choose(joined(before, new), selecting, drop_flagged=False, kept=kept.tolist())
    assert set(kept.tolist()) <= set(after.tolist())
    assert len(after) == 57


def test_what_was_kept_leaves_when_its_class_has_no_places_or_its_label_looks_wrong() -> None:
    among = candidates(100, 1, flagged=0.1)
    kept = choose(among, Selecting(share=0.5), drop_flagged=False).tolist()
    fewer = choose(among, Selecting(share=0.2), drop_flagged=False, kept=kept)
    assert set(fewer.tolist()) == set(kept[:20])
    unflagged = choose(among, Selecting(share=0.5), drop_flagged=True, kept=kept)
    assert set(kept) - set(unflagged.tolist()) == {row for row in kept if among.flagged[row]}


def test_what_is_drawn_does_not_depend_on_what_else_there_is() -> None:
    before, new = candidates(400, 1), candidates(40, 1, seed=5)
    drawn = set(choose(before, Selecting("random", 0.25), drop_flagged=False).tolist())
    both = joined(before, new)
    again = set(choose(both, Selecting("random", 0.25), drop_flagged=False).tolist())
    # One class: what was at the edge may leave, for new samples that were drawn before it.
    assert len(drawn - again) <= 10
    other = set(choose(both, Selecting("random", 0.25, seed=1), drop_flagged=False).tolist())
    assert len(again & other) < 60


def test_the_order_of_the_rows_decides_nothing() -> None:
    among = candidates(120)
    mixed = np.random.default_rng(0).permutation(120)
    for rule in RULES:
        first = choose(among, Selecting(rule, 0.3), drop_flagged=False)
        second = mixed[choose(among.take(mixed), Selecting(rule, 0.3), drop_flagged=False)]
        assert first.tolist() == second.tolist(), rule


def test_large_classes_are_cut_by_content(monkeypatch: pytest.MonkeyPatch) -> None:
    among = candidates(300, 1)
    monkeypatch.setattr(sys.modules["cgaudit.selection.choose"], "BLOCK", 64)
    order = choose(among, Selecting(share=0.3), drop_flagged=False)
    assert len(set(order.tolist())) == 90
