"""score_labels by every method, on the same data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.datasets import load_digits
from where import DEVICE

from cgaudit import score_labels
from cgaudit.errors import SolveError
from cgaudit.score import Scorer, Solving


@pytest.fixture(scope="module")
def digits():
    features, labels = load_digits(return_X_y=True)
    labels = labels[:900].copy()
    labels[::25] = (labels[::25] + 4) % 10
    return features[:900], labels


@pytest.fixture(scope="module")
def exact(digits):
    return score_labels(*digits, device=DEVICE)


@pytest.mark.parametrize(("method", "least"), [("iterative", 0.97), ("lowrank", 0.9)])
def test_near_exact_methods_agree_with_exact(method, least, digits, exact):
    result = score_labels(*digits, method=method, landmarks=300, device=DEVICE)
    assert result.info.method == method
    assert result.info.landmarks == 300
    assert spearmanr(result.cg_score, exact.cg_score).statistic > least
    assert (result.predicted_label == exact.predicted_label).mean() > 0.97


def test_auto_says_what_it_picked(digits):
    assert score_labels(*digits, method="auto", device=DEVICE).info.method == "exact"


def test_sampled_agrees_with_the_authors_program(shared_data):
    reference = np.load(shared_data / "reference" / "digits-300.npz")
    result = score_labels(
        reference["features"], reference["labels"], method="sampled", ridge=0,
        precision="float64", device=DEVICE, draws=20,
    )  # fmt: skip
    error = (result.cg_score - reference["cg_sampled_mean"]) / (
        np.sqrt(2 / 20) * reference["cg_sampled_std"] + 1e-9
    )
    assert np.abs(np.median(error)) < 0.3
    assert np.mean(np.abs(error) < 3) > 0.97
    assert np.isnan(result.complexity)


def test_sampled_has_no_softmax(digits):
    with pytest.raises(SolveError, match="sampled solves many"):
        score_labels(*digits, method="sampled", likelihood="softmax", draws=1, device=DEVICE)


def test_a_scorer_judges_other_labels_without_another_factorisation(digits, monkeypatch):
    features, labels = digits
    scorer = Scorer(features, Solving(device=DEVICE))
    scorer.score(labels)
    monkeypatch.setattr("cgaudit.score.scorer.make_solver", None)
    other = np.roll(labels, 1)
    again = scorer.score(other)
    monkeypatch.undo()
    np.testing.assert_array_equal(
        again.cg_score, score_labels(features, other, device=DEVICE).cg_score
    )


def test_a_kept_factor_gives_the_same_scores(digits, exact, tmp_path):
    features, labels = digits
    folder = tmp_path / "factor"
    score_labels(features, np.roll(labels, 1), keep_factor=folder, device=DEVICE)
    before = sorted((p.name, p.stat().st_mtime_ns) for p in folder.iterdir())
    result = score_labels(features, labels, keep_factor=folder, device=DEVICE)
    assert before == sorted((p.name, p.stat().st_mtime_ns) for p in folder.iterdir())
    np.testing.assert_array_equal(result.label_score, exact.label_score)
