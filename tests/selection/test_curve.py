"""The curve of what parts of the data reach."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from choosing import candidates

from cgaudit.score import Judging
from cgaudit.selection import Arm, Candidates, Curve, Selecting, curve


def mislabelled(share: float) -> tuple[Candidates, np.ndarray]:
    """Return candidates of which some carry the next class's label, and which."""
    among = candidates(300)
    wrong = np.random.default_rng(3).random(300) < share
    return replace(among, codes=np.where(wrong, (among.codes + 1) % 3, among.codes)), wrong


@pytest.fixture(scope="module")
def noisy() -> Curve:
    found = curve(mislabelled(0.25)[0], Selecting(share=0.3), Judging(), 0.3)
    assert found is not None
    return found


def test_all_ways_are_one_where_all_is_taken(noisy: Curve) -> None:
    assert noisy.shares[-1] == 1
    assert noisy.whole.accuracy[-1] == pytest.approx(noisy.random.accuracy[-1])
    assert 0.3 in noisy.shares
    assert 0.33 not in noisy.shares


def test_flags_that_are_wrong_labels_are_worth_dropping(noisy: Curve) -> None:
    assert noisy.dropping_pays(0.3)
    # A quarter of the labels to judge by is wrong too: nobody can reach them all.
    assert 0.5 < noisy.unflagged.mean[-1] < 0.85


def test_a_flag_on_the_whole_data_gives_nothing_away(noisy: Curve) -> None:
    """What is flagged is computed inside a fold: what the table says has no say."""
    among, wrong = mislabelled(0.25)
    cheating = curve(replace(among, flagged=wrong), Selecting(share=0.3), Judging(), 0.3)
    assert cheating is not None
    assert cheating.unflagged.accuracy == pytest.approx(noisy.unflagged.accuracy)


def test_dropping_pays_unless_it_is_clearly_worse() -> None:
    rng = np.random.default_rng(0)
    base = rng.normal(0.8, 0.02, (1, 5))

    def made(gain: float) -> Curve:
        arm = Arm(base + gain + rng.normal(0, 0.001, (1, 5)))
        return Curve(np.array([0.5]), Arm(base), arm, Arm(base), 100)

    assert made(0.0005).dropping_pays(0.5)
    assert not made(-0.01).dropping_pays(0.5)


def test_a_label_that_a_person_let_stand_is_not_dropped() -> None:
    among, _ = mislabelled(0.25)
    settled = replace(among, settled=np.ones(300, dtype=bool))
    found = curve(settled, Selecting(share=0.3), Judging(), 0.3)
    assert found is not None
    assert found.unflagged.accuracy == pytest.approx(found.whole.accuracy)


def test_too_few_labels_have_no_curve() -> None:
    assert curve(candidates(40), Selecting(), Judging(), 0.1) is None


def test_rows_that_repeat_are_no_trouble_at_no_ridge() -> None:
    among = candidates(80)
    twice = replace(among, features=np.repeat(among.features[:40], 2, axis=0))
    scored = curve(twice, Selecting(rule="random"), Judging(likelihood="gaussian"), 0.1)
    assert scored is not None
