"""What a log says of each sample, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from cgaudit.dynamics import Log, corners, joined_score, measures, worth_joining

NAN = float("nan")
#: Leave-one-out probabilities that no log is behind.
DOUBT = np.full(100, 1e-3)


def log(p: list[list[float]], agrees: list[list[float]], aum: list[float] | None = None) -> Log:
    values = np.array(p, dtype=np.float64)
    return Log(
        "a log",
        [str(row) for row in range(len(values))],
        list(range(values.shape[1])),
        values,
        np.array(agrees, dtype=np.float64).reshape(values.shape),
        np.log(values / (1 - values)),
        None if aum is None else np.array(aum),
    )


def test_measures_by_hand() -> None:
    found = measures(
        log(
            [[0.2, 0.6, 0.9], [0.6, 0.4, 0.7], [0.1, 0.1, 0.2], [0.5, NAN, 0.7]],
            [[0, 1, 1], [1, 0, 1], [0, 0, 0], [1, NAN, 1]],
        )
    )
    assert found.confidence == pytest.approx([1.7 / 3, 1.7 / 3, 0.4 / 3, 0.6])
    assert found.variability[0] == pytest.approx(np.std([0.2, 0.6, 0.9]))
    assert found.mean_loss[3] == pytest.approx(-(np.log(0.5) + np.log(0.7)) / 2)
    assert found.forgetting.tolist() == [0, 1, 0, 0]
    assert found.first_learned[[0, 1, 3]].tolist() == [1, 0, 0]
    assert found.learned[[0, 1, 3]].tolist() == [1, 2, 0]
    assert np.isnan([found.first_learned[2], found.learned[2]]).all()
    assert found.aum[0] == pytest.approx(np.mean([np.log(v / (1 - v)) for v in (0.2, 0.6, 0.9)]))


def test_a_probability_of_nothing_has_a_loss_that_can_be_summed() -> None:
    found = measures(log([[1e-30, 0.5]], [[0, 1]]))
    assert np.isfinite(found.mean_loss).all()


def contradicted(n: int, count: int) -> np.ndarray:
    return np.arange(n) < count


def test_what_was_learned_by_heart_is_refused_and_what_was_not_is_joined() -> None:
    rng = np.random.default_rng(0)
    p = rng.uniform(0.01, 0.99, (100, 5))
    by_heart = np.ones((100, 5))
    by_heart[:, 0] = rng.random(100) < 0.5
    verdict = worth_joining(log(p, by_heart), contradicted(100, 30), DOUBT[:100])
    assert not verdict.joins
    assert "by heart" in verdict.why
    learning = by_heart.copy()
    learning[:30, :4] = 0
    assert worth_joining(log(p, learning), contradicted(100, 30), DOUBT[:100]).joins


def test_a_model_that_learned_too_little_is_refused() -> None:
    agrees = [[0.0, 0.0]] * 40
    weak = log([[0.1, 0.2]] * 40, agrees)
    verdict = worth_joining(weak, contradicted(40, 15), np.full(40, 0.5))
    assert not verdict.joins
    assert "too little" in verdict.why
    assert worth_joining(weak, contradicted(40, 15), np.full(40, 0.15)).joins


@pytest.mark.parametrize(
    ("p", "against", "says"),
    [([[]] * 20, 15, "no probabilities"), ([[0.5]] * 20, 15, "one epoch"),
     ([[0.5, 0.6]] * 20, 3, "Too few")],
)  # fmt: skip
def test_what_cannot_be_told_is_not_joined(p: list[list[float]], against: int, says: str) -> None:
    agrees = [[1.0] * len(p[0])] * len(p)
    verdict = worth_joining(log(p, agrees), contradicted(20, against), DOUBT[:20])
    assert not verdict.joins
    assert says in verdict.why


def test_the_joined_score_is_the_product_of_two_probabilities() -> None:
    found = measures(log([[0.5, 0.5], [0.9, 0.4]], [[0, 0], [1, 0]]))
    joined = joined_score(np.array([0.1, 0.8]), found)
    assert np.exp(joined) == pytest.approx([0.05, 0.8 * np.sqrt(0.36)])


def test_corners_are_told_within_each_class() -> None:
    p = [[0.9], [0.5], [0.2], [0.1], [NAN]]
    classes = np.array(["easy", "easy", "hard", "hard", "hard"], dtype=object)
    against = np.array([False, True, True, False, True])
    found = corners(measures(log(p, [[1]] * 5)), classes, against)
    # 0.2 is much, and easy beside the other one of its class.
    assert found == [
        "easy, supported", "hard, contradicted", "easy, contradicted", "hard, supported", "",
    ]  # fmt: skip
