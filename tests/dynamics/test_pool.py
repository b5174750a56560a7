"""Two judgements made one."""

from __future__ import annotations

import numpy as np
import pytest

from cgaudit.dynamics import pooled


def drawn(sharpness: float, seed: int, codes: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1, (len(codes), 4))
    logits[np.arange(len(codes)), codes] += sharpness
    p = np.exp(logits)
    return p / p.sum(axis=1, keepdims=True)


CODES = np.random.default_rng(0).integers(0, 4, 500)


def loss(log_p: np.ndarray) -> float:
    return float(-log_p.mean())


def test_the_pool_is_the_best_of_all_exponents() -> None:
    ours, theirs = drawn(1.5, 1, CODES), drawn(1.0, 2, CODES)
    log_p, (a, b) = pooled(ours, theirs, CODES)
    rows = np.arange(500)

    def at(x: float, y: float) -> float:
        logits = x * np.log(ours) + y * np.log(theirs)
        return float((np.log(np.exp(logits).sum(axis=1)) - logits[rows, CODES]).mean())

    assert loss(log_p) == pytest.approx(at(a, b))
    for x in (a - 0.05, a, a + 0.05):
        for y in (b - 0.05, b, b + 0.05):
            assert at(x, y) >= loss(log_p) - 1e-9


def test_what_says_nothing_or_the_opposite_has_no_say() -> None:
    ours = drawn(1.5, 1, CODES)
    wrong = drawn(2.0, 3, (CODES + 1) % 4)
    _, (a, b) = pooled(ours, wrong, CODES)
    assert a > 0.5
    assert b == 0
    _, (_, b) = pooled(ours, np.full((500, 4), 0.25), CODES)
    assert b == pytest.approx(0.5)  # what is the same for all classes changes nothing
