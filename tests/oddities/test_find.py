"""Outliers and near-duplicates: planted ones are found, regular data is left alone."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.neighbors import NearestNeighbors

from cgaudit.numerics.kernel import unit_rows
from cgaudit.numerics.unusual import beyond_usual
from cgaudit.oddities import find_oddities
from cgaudit.oddities.law import dimension_of, spread_of
from cgaudit.oddities.pairs import nearest_of_all


@pytest.fixture(scope="module")
def digits():
    return load_digits().data


def neighbours(X, k):
    rows = unit_rows(torch.as_tensor(X.astype(np.float32)))
    return nearest_of_all(rows, rows.any(dim=1), k, None)


def test_neighbours_against_scikit_learn():
    X = np.random.default_rng(0).normal(size=(2500, 6))
    found = neighbours(X, 4)
    near, distance = found.near, found.distance
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    expected, index = NearestNeighbors(n_neighbors=5).fit(unit).kneighbors(unit)
    np.testing.assert_allclose(distance, expected[:, 1:], atol=1e-6)
    assert (near == index[:, 1:]).mean() > 0.999


def test_equal_rows_are_at_no_distance(digits):
    found = neighbours(np.concatenate([digits[:50], 3 * digits[:50]]), 1)
    assert found.distance.max() < 1e-6


def slowly(X, outlier_threshold=1.5, near_duplicate_threshold=0.4):
    """Return outliers, how far beyond, and pairs, by the definitions, one sample at a time."""
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    others = [np.delete(np.arange(len(X)), i) for i in range(len(X))]
    apart = [np.linalg.norm(unit[i] - unit[others[i]], axis=1) for i in range(len(X))]
    nearest = [np.sort(distance)[:20] for distance in apart]
    steps = [np.mean([j * np.log(one[j] / one[j - 1]) for j in range(11, 20)]) for one in nearest]
    by_chance = 0.004 ** np.median(steps)
    limit = np.median([one[0] for one in nearest]) * min(near_duplicate_threshold, by_chance)
    pairs = [
        {i, int(j)}
        for i in range(len(X))
        for j, distance in zip(others[i], apart[i], strict=True)
        if distance <= limit
    ]
    compared = [one[min((one <= limit).sum() + 9, 19)] for one in nearest]
    unlike = np.log(-np.log(np.maximum(1 - np.square(compared) / 2, 1e-3)))
    logs = np.log(np.linalg.norm(X, axis=1))

    def fenced(values):
        lower, upper = np.percentile(values, [25, 75])
        return (values - upper) / (upper - lower)

    beyond = np.maximum(fenced(unlike), np.maximum(fenced(logs), fenced(-logs)) / 2)
    return beyond > outlier_threshold, beyond, pairs


@pytest.mark.parametrize("thresholds", [(1.5, 0.4), (1.0, 0.6), (3.0, 0.1)])
@pytest.mark.parametrize("data", ["digits", "normal"])
def test_against_the_definitions(digits, data, thresholds):
    rng = np.random.default_rng(0)
    X = digits[:400] if data == "digits" else rng.normal(size=(400, 5))
    X = np.concatenate(
        [X, X[:30] * rng.uniform(0.98, 1.02, (30, 1)) + rng.normal(0, 0.01, (30, 1))]
    )
    X[40] *= 20
    X = X.astype(np.float32).astype(np.float64)
    outliers, beyond, pairs = slowly(X, *thresholds)
    found = find_oddities(
        X, outlier_threshold=thresholds[0], near_duplicate_threshold=thresholds[1]
    )
    assert found.is_outlier_issue.tolist() == outliers.tolist()
    says = [beyond_usual(float(score)) for score in found.outlier_score]
    np.testing.assert_allclose(says, beyond, rtol=2e-3, atol=2e-3)
    in_pairs = set().union(*pairs)
    assert set(np.flatnonzero(found.is_near_duplicate_issue).tolist()) == in_pairs
    assert len(in_pairs) >= 20
    sets = found.near_duplicate_set
    assert all(len(set(sets[list(pair)])) == 1 for pair in pairs)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shape", [(1500, 3), (1500, 8), (1500, 60)])
@pytest.mark.parametrize("law", ["normal", "random"])
def test_in_regular_data_next_to_nothing_is_odd(seed, shape, law):
    found = find_oddities(getattr(np.random.default_rng(seed), law)(size=shape))
    assert found.is_outlier_issue.mean() <= 0.02
    assert found.is_near_duplicate_issue.mean() <= 0.02


def test_of_digits_few_are_odd(digits):
    found = find_oddities(digits)
    assert found.is_outlier_issue.mean() < 0.01
    assert found.is_near_duplicate_issue.mean() < 0.01


def test_a_higher_threshold_flags_fewer_outliers_and_leaves_the_score(digits):
    low, high = (find_oddities(digits, outlier_threshold=at) for at in (0.5, 1.0))
    assert low.outlier_score.tolist() == high.outlier_score.tolist()
    assert 0 < high.is_outlier_issue.sum() < low.is_outlier_issue.sum()
    assert low.is_outlier_issue[high.is_outlier_issue].all()
    expected = [beyond_usual(float(score)) > 1 for score in high.outlier_score]
    assert high.is_outlier_issue.tolist() == expected


def test_a_higher_threshold_finds_more_near_duplicates_and_0_those_that_are_equal(digits):
    X = np.concatenate([digits, digits[:4], digits[:4] + 0.01])
    none, some, more = (
        find_oddities(X, near_duplicate_threshold=at).is_near_duplicate_issue
        for at in (0, 0.1, 0.6)
    )
    assert np.flatnonzero(none).tolist() == [*range(4), *range(len(digits), len(digits) + 4)]
    assert none.sum() < some.sum() < more.sum()
    assert more[some].all()


def test_the_same_content_is_a_duplicate_whatever_its_features(digits):
    X = digits[:100].copy()
    X[7] = X[9] = 0
    contents = [str(at) for at in range(100)]
    contents[7] = contents[9] = "empty"
    contents[50] = contents[60] = "other"
    contents[20] = contents[21] = None
    sets = find_oddities(X, contents=contents).near_duplicate_set
    assert sets[7] == sets[9] == 0
    assert sets[50] == sets[60] == 1
    assert (sets >= 0).sum() == 4


def test_features_of_another_length_are_outliers(digits):
    """Of the same direction as others, but longer or shorter."""
    X = digits.copy()
    X[3] *= 40
    X[5] /= 40
    found = find_oddities(X)
    assert found.is_outlier_issue[[3, 5]].all()
    assert set(np.argsort(found.outlier_score)[:2]) == {3, 5}


def test_copies_of_an_outlier_do_not_hide_it(digits):
    noise = np.random.default_rng(0).uniform(0, 16, 64)
    found = find_oddities(np.concatenate([digits, np.tile(noise, (10, 1))]))
    assert found.is_outlier_issue[-10:].all()
    assert len(set(found.near_duplicate_set[-10:])) == 1


@pytest.mark.parametrize("count", [1, 5, 20])
def test_noise_among_digits_is_found(digits, count):
    noise = np.random.default_rng(0).uniform(0, 16, (count, 64))
    found = find_oddities(np.concatenate([digits, noise]))
    assert found.is_outlier_issue[-count:].mean() > 0.9
    assert found.is_outlier_issue[:-count].mean() < 0.01
    assert set(np.argsort(found.outlier_score)[:count]) == set(
        range(len(digits), len(digits) + count)
    )


def test_near_copies_among_digits_are_found(digits):
    rng = np.random.default_rng(0)
    copies = digits[:30] + rng.normal(0, 0.15, (30, 64))
    found = find_oddities(
        np.concatenate([digits, copies, digits[:2]]), near_duplicate_threshold=0.2
    )
    expected = np.full(len(digits) + 32, -1)
    expected[:30] = expected[len(digits) : len(digits) + 30] = np.arange(30)
    expected[-2:] = [0, 1]
    assert found.near_duplicate_set.tolist() == expected.tolist()
    assert (found.is_near_duplicate_issue == (expected >= 0)).all()


def test_conflicts_and_leaks(digits):
    X = np.concatenate([digits[:100], digits[:4]])
    labels = [*"a" * 100, "b", None, "a", "a"]
    splits = [*["train"] * 100, "train", "test", "test", None]
    found = find_oddities(X, labels, splits)
    assert np.flatnonzero(found.is_duplicate_conflict).tolist() == [0, 100]
    assert np.flatnonzero(found.is_split_leak).tolist() == [1, 2, 101, 102]
    assert np.flatnonzero(found.is_near_duplicate_issue).tolist() == [0, 1, 2, 3, *range(100, 104)]


def test_a_quarter_of_duplicates_does_not_hide_them(digits):
    found = find_oddities(np.concatenate([digits, digits[:400]]))
    copies = [*range(400), *range(len(digits), len(digits) + 400)]
    assert found.is_near_duplicate_issue[copies].all()
    assert found.is_near_duplicate_issue.sum() < 810


def test_rows_of_zeros_are_nobodys_neighbours(digits):
    X = np.concatenate([digits[:100], np.zeros((3, 64))])
    found = find_oddities(X)
    assert np.isnan(found.outlier_score[-3:]).all()
    assert not found.is_outlier_issue[-3:].any()
    assert not found.is_near_duplicate_issue.any()


@pytest.mark.parametrize("count", [0, 1, 2, 5, 12])
def test_few_samples(count):
    X = np.random.default_rng(0).normal(size=(count, 3))
    found = find_oddities(X)
    assert found.outlier_score.tolist() == [1] * count
    assert not found.is_outlier_issue.any()
    twice = find_oddities(np.concatenate([X, X]))
    assert twice.is_near_duplicate_issue.all()


def test_all_the_same():
    found = find_oddities(np.ones((50, 4)), list("ab") * 25)
    assert set(found.near_duplicate_set) == {0}
    assert found.is_duplicate_conflict.all()
    assert not found.is_outlier_issue.any()


def test_the_dimension_is_that_of_the_surface():
    rng = np.random.default_rng(0)
    for dimension in (2, 5):
        X = np.pad(rng.normal(size=(4000, dimension + 1)), ((0, 0), (0, 20)))
        assert dimension_of(spread_of(neighbours(X, 20))) == pytest.approx(dimension, rel=0.15)


def test_progress():
    seen = []
    find_oddities(
        np.random.default_rng(0).normal(size=(2100, 3)), progress=lambda *at: seen.append(at)
    )
    assert seen == [(1024, 2100), (2048, 2100), (2100, 2100)]
