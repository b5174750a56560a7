"""How far reviewers agree: against published values, a library and the definition."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from cgaudit.numerics.agreement import agreement, cohen, fleiss


def test_cohens_kappa_is_the_librarys():
    rng = np.random.default_rng(0)
    first = rng.integers(0, 4, 200)
    second = np.where(rng.random(200) < 0.7, first, rng.integers(0, 4, 200))
    kappa, observed = cohen(np.stack([first, second], axis=1), 4)
    assert kappa == pytest.approx(cohen_kappa_score(first, second))
    assert observed == pytest.approx(np.mean(first == second))


def test_fleiss_kappa_is_that_of_the_published_example():
    # Fleiss (1971) as worked out in the usual textbook table: 10 subjects, 14 raters, 5 classes.
    counts = [
        [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
    ]  # fmt: skip
    answers = np.array([np.repeat(np.arange(5), row) for row in counts])
    kappa, observed = fleiss(answers, 5)
    assert kappa == pytest.approx(0.210, abs=5e-4)
    assert observed == pytest.approx(0.378, abs=5e-4)


def test_the_interval_holds_the_value_and_is_the_same_again():
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 3, 120)
    answers = np.stack(
        [np.where(rng.random(120) < 0.8, truth, rng.integers(0, 3, 120)) for _ in range(3)], axis=1
    )
    found = agreement(answers, 3)
    assert found.low < found.kappa < found.high
    assert found == agreement(answers, 3)
    # Nobody has an order.
    assert agreement(answers[:, ::-1], 3).kappa == pytest.approx(found.kappa)
    few = agreement(answers[:40], 3)
    assert few.high - few.low > found.high - found.low


def test_the_interval_covers():
    """Of 60 repetitions, about 57 intervals hold what a very large one says."""
    rng = np.random.default_rng(2)

    def answers(n):
        truth = rng.integers(0, 2, n)
        flip = rng.random((n, 2)) < 0.15
        return np.where(flip, 1 - truth[:, None], truth[:, None])

    true, _ = cohen(answers(200_000), 2)
    held = sum(
        found.low <= true <= found.high for found in (agreement(answers(80), 2) for _ in range(60))
    )
    assert held >= 51


def test_what_cannot_be_told_is_no_number():
    same = np.zeros((10, 2), dtype=np.int64)
    assert np.isnan(agreement(same, 2).kappa)
    assert agreement(same, 2).observed == 1
    few = np.array([[0, 0], [1, 0]])
    assert np.isnan(agreement(few, 2).low)
    with pytest.raises(ValueError, match="two people"):
        agreement(same[:, :1], 2)
