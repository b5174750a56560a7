"""Features that say nothing flag nothing, and say so first."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from where import DEVICE

from cgaudit import score_labels
from cgaudit.score.informed import Agreement, Informed


@pytest.fixture(scope="module")
def noisy():
    """Digits, a tenth of the labels replaced at random."""
    features, labels = load_digits(return_X_y=True)
    features, labels = features[:600], labels[:600].copy()
    rng = np.random.default_rng(0)
    wrong = rng.random(len(labels)) < 0.1
    labels[wrong] = rng.integers(0, 10, int(wrong.sum()))
    return features, labels


def silent(kind, features):
    rng = np.random.default_rng(1)
    if kind == "constant":
        return np.ones_like(features)
    if kind == "zero":
        return np.zeros_like(features)
    if kind == "noise":
        return rng.normal(size=features.shape)
    if kind == "shuffled":
        return features[rng.permutation(len(features))]
    # A network that collapsed: one point, and what rounding left around it.
    return 1 + 1e-7 * rng.normal(size=features.shape)


@pytest.mark.parametrize("likelihood", ["gaussian", "softmax", "both"])
@pytest.mark.parametrize("kind", ["constant", "zero", "noise", "shuffled", "collapsed"])
@pytest.mark.parametrize("rule", ["ranked", "confident_learning", "disagreement"])
def test_nothing_is_flagged(noisy, kind, likelihood, rule):
    features, labels = noisy
    found = score_labels(
        silent(kind, features), labels, likelihood=likelihood, issue_rule=rule, device=DEVICE
    )
    assert not found.is_label_issue.any()
    assert found.warnings[0].startswith("The features say nothing of the labels")


def test_very_unequal_classes_are_no_information(noisy):
    features, _ = noisy
    rng = np.random.default_rng(2)
    labels = np.where(rng.random(len(features)) < 0.9, "common", "rare")
    found = score_labels(rng.normal(size=features.shape), labels, device=DEVICE)
    assert not found.is_label_issue.any()
    assert "say nothing" in found.warnings[0]


def test_features_that_tell_something_are_not_warned_of(noisy):
    found = score_labels(*noisy, device=DEVICE)
    assert found.is_label_issue.any()
    assert found.warnings == ()


def test_little_is_warned_of_and_flagged(noisy):
    features, labels = noisy
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    noise = np.random.default_rng(3).normal(size=features.shape)
    found = score_labels(unit + 0.35 * noise, labels, device=DEVICE)
    assert found.is_label_issue.any()
    assert "say little" in found.warnings[0]


def test_a_temperature_at_the_edge_of_its_grid_is_told_of():
    codes = torch.arange(200) % 2
    sharp, cold = (
        Informed.of(Agreement.between(codes, codes, 2), temperature)
        for temperature in (256.0, 0.125)
    )
    assert not sharp.nothing
    assert "without exception" in sharp.warnings[0]
    assert cold.nothing
    always = Agreement.between(codes, codes, 2)
    assert Informed.of(always, 8.0).warnings == ()
