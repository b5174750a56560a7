"""How many labels are expected to be wrong."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from sklearn.datasets import load_digits
from where import DEVICE

from cgaudit import score_labels
from cgaudit.executor import Inline
from cgaudit.numerics.classes import UNLABELLED
from cgaudit.score.expected_errors import TEMPERATURE_SPREAD, expect_errors
from cgaudit.score.labelling import PartLabels
from cgaudit.score.predictions import WholeLogits

SURE = 12.0


def softmax(values):
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def drawn(noise, *, n=3000, n_classes=10, temperature=4.0, sharpness=1.5, seed=0):
    """Logits, given labels drawn from the model, and which of these are wrong."""
    rng = np.random.default_rng(seed)
    logits = sharpness * rng.normal(size=(n, n_classes))
    q = softmax(temperature * logits)
    true = (q.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
    wrong = rng.random(n) < noise
    given = np.where(wrong, (true + rng.integers(1, n_classes, n)) % n_classes, true)
    return logits, given, wrong


def expected(logits, given, labelled=None, kind=WholeLogits):
    values = torch.from_numpy(logits).float()
    everyone = torch.ones(len(values), dtype=torch.bool) if labelled is None else labelled
    own = values[everyone].gather(1, torch.from_numpy(given)[:, None])[:, 0]
    codes = np.full(len(values), UNLABELLED)
    codes[everyone.numpy()] = given
    part = PartLabels(codes, np.ones(len(codes), dtype=bool))
    return expect_errors(Inline(), [kind(values, own)], [part], keys(len(codes)), values.shape[1])


def keys(n):
    return np.random.default_rng(0).integers(1 << 63, size=n, dtype=np.uint64)


@pytest.mark.parametrize("noise", [0.03, 0.1, 0.3, 0.6])
def test_what_was_put_in_is_found(noise):
    logits, given, wrong = drawn(noise)
    found = expected(logits, given)
    assert found.low <= wrong.sum() <= found.high
    assert abs(found.n_expected_errors - wrong.sum()) < 0.2 * wrong.sum()


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_invented(seed):
    found = expected(*drawn(0.0, seed=seed)[:2])
    assert found.n_expected_errors == 0
    assert not found.error_probability.any()
    assert found.is_lower_bound
    assert found.flag_precision(np.ones(3000, dtype=bool)) is None


def test_the_interval_holds_what_it_says():
    inside = 0
    for seed in range(40):
        logits, given, wrong = drawn(0.15, n=1000, seed=seed)
        found = expected(logits, given)
        inside += found.low <= wrong.sum() <= found.high
    assert inside >= 34


def test_a_probability_is_what_it_says():
    many = [drawn(0.2, n=10_000, seed=seed) for seed in range(6)]
    w = np.concatenate([expected(*one[:2]).error_probability for one in many])
    wrong = np.concatenate([one[2] for one in many])
    for low in np.arange(0, 1, 0.2):
        these = (w >= low) & (w < low + 0.2)
        assert abs(w[these].mean() - wrong[these].mean()) < 0.05


def test_slow_twin():
    """The same optimum by another road: SciPy, all parameters, formula written out."""
    logits, given, _ = drawn(0.2, n=500, n_classes=4)
    logits = logits.astype(np.float32).astype(np.float64)
    rows = np.arange(len(given))

    def parts(free):
        log_temperature, noise_logit, *bias = free
        epsilon = 0.75 / (1 + np.exp(-noise_logit))
        q = softmax(np.exp(log_temperature) * logits + np.array(bias))[rows, given]
        return (1 - epsilon) * q, epsilon * (1 - q) / 3

    def loss(free):
        far = np.exp(free[0]) / TEMPERATURE_SPREAD
        return -np.log(sum(parts(free))).sum() + (np.array(free[2:]) ** 2).sum() / 2 + far**2 / 2

    best = minimize(loss, np.r_[1.0, -2.0, np.zeros(4)], method="BFGS")
    right, wrong = parts(best.x)
    twin = wrong / (right + wrong)
    found = expected(logits, given).error_probability
    assert np.abs(found - twin).max() < 1e-3


def test_errors_between_two_like_classes_make_it_a_lower_bound():
    """A confusion of two classes does not spread over the others."""
    logits, true, _ = drawn(0.0, sharpness=SURE)
    rng = np.random.default_rng(1)
    wrong = rng.random(len(true)) < 0.1
    even = np.where(wrong, (true + rng.integers(1, 10, len(true))) % 10, true)
    alike = np.where(wrong, true ^ 1, true)
    assert not expected(logits, even).is_lower_bound
    assert expected(logits, alike).is_lower_bound
    assert expected(logits, alike).n_expected_errors <= 1.02 * wrong.sum()


def test_two_classes_cannot_show_how_errors_spread():
    logits, given, wrong = drawn(0.2, n_classes=2, sharpness=SURE)
    found = expected(logits, given)
    assert found.is_lower_bound
    assert found.low <= wrong.sum() <= found.high


def test_features_that_say_nothing_show_nothing():
    rng = np.random.default_rng(0)
    found = expected(rng.normal(size=(2000, 5)), rng.integers(0, 5, 2000))
    assert found.n_expected_errors == 0
    assert found.is_lower_bound


def test_unlabelled_samples_have_none_and_a_lonely_label_the_mean():
    logits, given, _ = drawn(0.2)
    given[given == 9] = 8
    given[5] = 9
    labelled = torch.ones(len(given), dtype=torch.bool)
    labelled[:3] = False
    found = expected(logits, given[3:], labelled)
    assert np.isnan(found.error_probability[:3]).all()
    assert not np.isnan(found.error_probability[3:]).any()
    assert found.error_probability[5] == pytest.approx(0.2, abs=0.04)
    assert found.error_probability.shape == (len(given),)


def test_a_sample_of_the_rows_says_the_same(monkeypatch):
    logits, given, wrong = drawn(0.2, n=8000)
    whole = expected(logits, given)
    monkeypatch.setattr("cgaudit.score.expected_errors.FIT_SIZE", 20_000)
    part = expected(logits, given)
    assert part.n_expected_errors != whole.n_expected_errors
    assert part.low <= wrong.sum() <= part.high
    assert part.high - part.low > whole.high - whole.low
    assert part.error_probability.shape == (8000,)


def test_classes_in_chunks_give_the_same():
    class Chunks(WholeLogits):
        def chunks(self):
            for start in range(0, self.n_classes, 3):
                yield (
                    slice(start, min(start + 3, self.n_classes)),
                    self.values[:, start : start + 3],
                )

    logits, given, _ = drawn(0.2)
    chunked = expected(logits, given, kind=Chunks)
    assert np.allclose(
        chunked.error_probability, expected(logits, given).error_probability, atol=1e-5
    )


def test_digits_from_features_to_flags():
    features, true = load_digits(return_X_y=True)
    rng = np.random.default_rng(0)
    wrong = rng.random(len(true)) < 0.1
    given = np.where(wrong, (true + rng.integers(1, 10, len(true))) % 10, true)
    found = score_labels(features, given, device=DEVICE, likelihood="both")
    assert abs(found.expected_errors.n_expected_errors - wrong.sum()) < 0.05 * wrong.sum()
    assert not found.expected_errors.is_lower_bound
    assert found.flag_precision == pytest.approx(wrong[found.is_label_issue].mean(), abs=0.05)
    table = found.table(np.arange(len(true)))
    assert table["error_probability"].sum() == pytest.approx(wrong.sum(), rel=0.05)


def test_right_digits_have_no_error():
    features, true = load_digits(return_X_y=True)
    found = score_labels(features, true, device=DEVICE)
    assert found.expected_errors.n_expected_errors < 3
    assert found.flag_precision is None


def test_numbers_and_sets_have_no_such_count():
    features, true = load_digits(return_X_y=True)
    found = score_labels(features, true.astype(float), device=DEVICE, task="regression")
    assert found.expected_errors is None
    assert found.flag_precision is None
