"""The softmax likelihood: the optimum itself, and leaving out against really refitting."""

from __future__ import annotations

import naive
import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from sklearn.datasets import load_wine
from sklearn.metrics import roc_auc_score
from where import DEVICE

from cgaudit import score_labels
from cgaudit.errors import ParamsError, SolveError
from cgaudit.score.softmax import fit_softmax, leave_one_out_logits
from cgaudit.solve import Solving, make_solver

RIDGE = 0.2


@pytest.fixture(scope="module")
def wine():
    features, labels = load_wine(return_X_y=True)
    return ((features - features.mean(0)) / features.std(0))[::3], labels[::3]


def optimum(H, codes, rho):
    """Minimise the penalised likelihood by a general optimiser; returns F."""
    targets = np.eye(3)[codes]

    def objective(flat):
        A = flat.reshape(len(H), 3)
        F = H @ A
        log_sum = np.log(np.exp(F).sum(axis=1))
        value = (log_sum - (F * targets).sum(axis=1)).sum() + rho / 2 * (A * F).sum()
        P = np.exp(F - log_sum[:, None])
        return value, (H @ (P - targets + rho * A)).ravel()

    found = minimize(objective, np.zeros(H.shape[0] * 3), jac=True, method="L-BFGS-B",
                     options={"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-10})  # fmt: skip
    return found.x.reshape(len(H), 3)


def test_the_fit_is_the_optimum(wine, monkeypatch):
    features, labels = wine
    monkeypatch.setattr("cgaudit.score.softmax.TOLERANCE", 1e-9)
    monkeypatch.setattr("cgaudit.score.softmax.MAX_STEPS", 3000)
    solver = make_solver(features, Solving(ridge=RIDGE, precision="float64", device=DEVICE))
    fit = fit_softmax(solver, torch.from_numpy(labels).to(DEVICE), 3)
    H = naive.system(features, 0.0)
    A = optimum(H, labels, RIDGE / 2)
    np.testing.assert_allclose(fit.logits.cpu(), H @ A, atol=1e-4)
    np.testing.assert_allclose(fit.logits.cpu(), H @ fit.coefficients.cpu().numpy(), atol=1e-8)


def test_leaving_out_is_close_to_refitting_and_leaks_little(wine):
    features, labels = wine
    solver = make_solver(features, Solving(ridge=RIDGE, precision="float64", device=DEVICE))
    codes = torch.from_numpy(labels).to(DEVICE)
    fit = fit_softmax(solver, codes, 3)
    approximate = leave_one_out_logits(fit, solver, codes).cpu().numpy()
    H = naive.system(features, 0.0)
    own, whole = [], []
    for i in range(0, len(labels), 2):
        rest = np.arange(len(labels)) != i
        A = optimum(H[np.ix_(rest, rest)], labels[rest], RIDGE / 2)
        refitted = H[i, rest] @ A
        own.append(np.abs(softmax(approximate[i]) - softmax(refitted)).max())
        whole.append(np.abs(softmax(fit.logits.cpu().numpy()[i]) - softmax(refitted)).max())
    assert np.mean(own) < 0.35 * np.mean(whole)
    assert max(own) < 0.15


def softmax(values):
    return np.exp(values) / np.exp(values).sum()


@pytest.mark.parametrize("likelihood", ["softmax", "both"])
def test_scores_use_it(wine, likelihood):
    features, labels = wine
    labels = labels.copy()
    labels[::10] = (labels[::10] + 1) % 3
    plain = score_labels(
        features, labels, likelihood="gaussian", precision="float64", device=DEVICE
    )
    result = score_labels(
        features, labels, likelihood=likelihood, precision="float64", device=DEVICE
    )
    np.testing.assert_array_equal(result.cg_score, plain.cg_score)
    np.testing.assert_array_equal(result.margin, plain.margin)
    assert not np.allclose(result.label_score, plain.label_score, atol=0.01)
    np.testing.assert_allclose(result.top_scores.sum(axis=1), 1)
    wrong = np.arange(len(labels)) % 10 == 0
    assert roc_auc_score(wrong, -result.label_score) > 0.9


@pytest.mark.parametrize(("n_classes", "share"), [(4, 1 / 2), (30, 3 / 4)])
def test_both_is_the_weighted_mean_of_logarithms(n_classes, share):
    rng = np.random.default_rng(0)
    labels = np.arange(600) % n_classes
    features = rng.normal(size=(n_classes, 40))[labels] + rng.normal(size=(600, 40)) * 1.5
    options = {"ridge": 0.3, "precision": "float64", "device": DEVICE, "probabilities": True}
    logs = {
        likelihood: np.log(
            score_labels(features, labels, likelihood=likelihood, **options).probabilities
        ).astype(float)
        for likelihood in ("gaussian", "softmax", "both")
    }
    mean = share * logs["softmax"] + (1 - share) * logs["gaussian"]
    # One temperature for all, and each row's normaliser, are free.
    expected, found = (rows - rows.mean(axis=1, keepdims=True) for rows in (mean, logs["both"]))
    temperature = (expected * found).sum() / (expected**2).sum()
    assert 0.5 < temperature < 2
    np.testing.assert_allclose(found, temperature * expected, atol=2e-3)


def test_unlabelled_samples_get_a_suggestion(wine):
    features, labels = wine
    texts = [str(label) for label in labels]
    texts[4] = ""
    result = score_labels(features, texts, likelihood="softmax", device=DEVICE)
    assert result.predicted_label[4] == str(labels[4])
    assert np.isnan(result.label_score[4])


def test_what_it_cannot_do_is_said(wine):
    with pytest.raises(SolveError, match="ridge above 0"):
        score_labels(*wine, likelihood="softmax", ridge=0, precision="float64", device=DEVICE)
    with pytest.raises(ParamsError, match="Did you mean 'softmax'"):
        score_labels(*wine, likelihood="sofmax")
