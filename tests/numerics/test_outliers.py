"""Outliers and near-duplicates: planted ones are found, regular data is left alone."""

import sys

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.neighbors import NearestNeighbors

from cgaudit.errors import SolveError
from cgaudit.numerics.kernel import unit_rows
from cgaudit.numerics.outliers import _closest_by_chance, _nearest, find_oddities


@pytest.fixture(scope="module")
def digits():
    return load_digits().data


def neighbours(X, k):
    rows = unit_rows(torch.as_tensor(X.astype(np.float32)))
    return _nearest(rows, rows.any(dim=1), k, None)


def test_neighbours_against_scikit_learn():
    X = np.random.default_rng(0).normal(size=(2500, 6))
    near, distance = neighbours(X, 4)
    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    expected, index = NearestNeighbors(n_neighbors=5).fit(unit).kneighbors(unit)
    np.testing.assert_allclose(distance, expected[:, 1:], atol=1e-6)
    assert (near == index[:, 1:]).mean() > 0.999


def test_equal_rows_are_at_no_distance(digits):
    _, distance = neighbours(np.concatenate([digits[:50], 3 * digits[:50]]), 1)
    assert distance.max() < 1e-6


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("shape", [(1500, 8), (1500, 60)])
def test_regular_data_is_left_alone(seed, shape):
    found = find_oddities(np.random.default_rng(seed).normal(size=shape))
    assert not found.is_outlier_issue.any()
    assert not found.is_near_duplicate_issue.any()
    assert (found.near_duplicate_set == -1).all()
    assert 0.4 < np.median(found.outlier_score) < 0.6


def test_digits_are_left_alone(digits):
    found = find_oddities(digits)
    assert not found.is_outlier_issue.any()
    assert not found.is_near_duplicate_issue.any()


@pytest.mark.parametrize("count", [1, 5, 20])
def test_noise_among_digits_is_found(digits, count):
    noise = np.random.default_rng(0).uniform(0, 16, (count, 64))
    found = find_oddities(np.concatenate([digits, noise]))
    assert found.is_outlier_issue[-count:].mean() > 0.9
    assert found.is_outlier_issue[:-count].sum() <= 1
    assert found.outlier_score[-count:].max() < found.outlier_score[:-count].min()


def test_near_copies_among_digits_are_found(digits):
    rng = np.random.default_rng(0)
    copies = digits[:30] + rng.normal(0, 0.15, (30, 64))
    found = find_oddities(np.concatenate([digits, copies, digits[:2]]))
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
    assert found.is_near_duplicate_issue.sum() == 800


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


def test_the_duplicate_threshold_finds_the_dimension():
    rng = np.random.default_rng(0)
    # Nearest distances with P(d < r) = r^D: the tail's scale is 1/D.
    for dimension in (2, 10):
        distance = rng.random(20_000) ** (1 / dimension)
        expected = (0.1 / 20_000) ** (1 / dimension)
        assert _closest_by_chance(distance) == pytest.approx(expected, rel=0.2)


def test_progress():
    seen = []
    find_oddities(
        np.random.default_rng(0).normal(size=(2100, 3)), progress=lambda *at: seen.append(at)
    )
    assert seen == [(1024, 2100), (2048, 2100), (2100, 2100)]


def test_beyond_all_pairs_the_inverted_lists_find_nearly_the_same():
    """More samples than are compared in pairs: here, for the test, more than 1,000."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(6, 30))[rng.integers(6, size=4000)] + rng.normal(size=(4000, 30)) / 2
    X[3990:] = X[:10]
    X[17] = 0
    exact, listed = find_oddities(X), find_oddities(X, most_rows=1000)
    assert np.array_equal(exact.near_duplicate_set, listed.near_duplicate_set)
    assert listed.is_near_duplicate_issue[3990:].all()
    assert np.isnan(listed.outlier_score[17])
    seen = np.delete(np.arange(len(X)), 17)
    assert np.corrcoef(exact.outlier_score[seen], listed.outlier_score[seen])[0, 1] > 0.99
    again = find_oddities(X, most_rows=1000)
    assert np.array_equal(again.outlier_score, listed.outlier_score, equal_nan=True)


def test_beyond_all_pairs_without_faiss_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(SolveError, match=r'5 it looks.*pip install "cgaudit\[faiss\]"'):
        find_oddities(np.eye(5), most_rows=4)
