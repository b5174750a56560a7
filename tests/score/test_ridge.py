"""The ridge that the given labels speak for."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits
from where import DEVICE

from cgaudit import score_labels
from cgaudit.errors import ParamsError
from cgaudit.score import choose_ridge
from cgaudit.score.ridge import DEFAULT_RIDGE, RIDGES, ridge_note


@pytest.fixture(scope="module")
def noisy():
    """Digits, 30 % of the labels replaced at random."""
    features, labels = load_digits(return_X_y=True)
    rng = np.random.default_rng(0)
    wrong = rng.random(len(labels)) < 0.3
    return features, np.where(wrong, rng.integers(0, 10, len(labels)), labels)


def surprise(features, labels, ridge):
    score = score_labels(
        features, labels, ridge=ridge, likelihood="gaussian", device=DEVICE
    ).label_score
    return -np.log(score).mean()


def test_the_choice_makes_the_labels_most_likely(noisy):
    chosen = choose_ridge(*noisy, device=DEVICE)
    tried = {ridge: surprise(*noisy, ridge) for ridge in RIDGES}
    assert chosen == min(tried, key=tried.get)


def test_noise_asks_for_more_of_it():
    features, labels = load_digits(return_X_y=True)
    noise = np.random.default_rng(0).integers(0, 10, len(labels))
    assert choose_ridge(features, labels) < choose_ridge(features, noise) >= 3


def test_auto_scores_with_the_choice_and_says_it(noisy):
    found = score_labels(*noisy, ridge="auto", device=DEVICE)
    chosen = choose_ridge(*noisy, device=DEVICE)
    assert found.info.ridge == chosen
    assert np.array_equal(
        found.label_score, score_labels(*noisy, ridge=chosen, device=DEVICE).label_score
    )


def test_a_choice_at_the_upper_edge_of_what_is_tried_is_told_of():
    assert "largest" in ridge_note(RIDGES[-1])
    assert all(ridge_note(ridge) is None for ridge in RIDGES[:-1])
    features, labels = load_digits(return_X_y=True)
    labels[:900] = np.random.default_rng(0).integers(0, 10, 900)
    blurred = features / 60 + np.random.default_rng(1).normal(size=features.shape)
    found = score_labels(blurred, labels, ridge="auto", device=DEVICE)
    assert (found.info.ridge == RIDGES[-1]) == any("largest" in told for told in found.warnings)
    assert not score_labels(blurred, labels, ridge=RIDGES[-1], device=DEVICE).warnings[1:]


def test_unlabelled_samples_and_lonely_classes_do_not_disturb_it(noisy):
    features, labels = noisy
    mixed = labels.astype(object)
    mixed[:100] = ""
    mixed[100:110] = [f"only {i}" for i in range(10)]
    mixed[110:] = mixed[110:].astype(str)
    assert choose_ridge(features, mixed) in RIDGES
    assert choose_ridge(features[:5], np.arange(5)) == DEFAULT_RIDGE


def test_another_word_is_refused(noisy):
    with pytest.raises(ParamsError, match="Set a number"):
        score_labels(*noisy, ridge="most")
