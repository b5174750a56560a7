"""Neighbours by the kernel, against a search that compares every pair."""

from __future__ import annotations

import numpy as np
import pytest

from cgaudit.numerics import neighbours
from cgaudit.numerics.classes import ANY, NOBODY, UNLABELLED
from cgaudit.numerics.neighbours import nearest


def slow_kernel(a: np.ndarray, b: np.ndarray) -> float:
    cosine = float(np.clip(a @ b / np.sqrt((a @ a) * (b @ b)), -1, 1))
    return cosine * (np.pi - np.arccos(cosine)) / (2 * np.pi)


def slow_nearest(features, where, labels, query, wanted, k):
    allowed = [
        j
        for j in range(len(where))
        if j != query and labels[j] != UNLABELLED and wanted in (ANY, labels[j])
    ]
    value = {j: slow_kernel(features[where[query]], features[where[j]]) for j in allowed}
    return sorted((round(-value[j], 6), j) for j in allowed)[:k]


def made(n: int, d: int = 7, classes: int = 4, seed: int = 0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n)
    labels[rng.random(n) < 0.1] = UNLABELLED
    return rng.normal(size=(n, d)), np.arange(n), labels


@pytest.mark.parametrize("tile", [1 << 22, 64], ids=["one tile", "many tiles"])
def test_the_search_that_compares_every_pair_agrees(tile, monkeypatch):
    monkeypatch.setattr(neighbours, "_TILE_ELEMENTS", tile)
    features, where, labels = made(90)
    queries = np.array([3, 50, 89, 0])
    wanted = np.stack([np.array([0, 1, 2, 3]), np.full(4, ANY)], axis=1)
    found = nearest(features, where, labels, queries, wanted, 5)
    for q, query in enumerate(queries):
        for slot in range(2):
            slow = slow_nearest(features, where, labels, query, wanted[q, slot], 5)
            assert found.samples[q, slot].tolist() == [j for _, j in slow]
            np.testing.assert_allclose(found.kernel[q, slot], [-v for v, _ in slow], atol=2e-6)


def test_fewer_than_asked_for_are_padded():
    features, where, _ = made(6)
    labels = np.array([0, 0, 1, UNLABELLED, 2, 0])
    found = nearest(features, where, labels, np.array([0]), np.array([[0, 1, NOBODY, ANY]]), 5)
    assert sorted(found.samples[0, 0].tolist()) == [-1, -1, -1, 1, 5]
    assert found.samples[0, 1].tolist() == [2, -1, -1, -1, -1]
    assert found.samples[0, 2].tolist() == [-1] * 5
    assert sorted(found.samples[0, 3].tolist()) == [-1, 1, 2, 4, 5]
    assert (found.kernel[found.samples < 0] == 0).all()


def test_a_copy_is_a_neighbour_but_the_sample_itself_is_not():
    """Samples 0, 2 and 4 share one row of the store."""
    features, _, _ = made(4)
    where = np.array([1, 0, 1, 2, 1, 3])
    found = nearest(features, where, np.zeros(6, np.int64), np.array([2]), np.array([[ANY]]), 2)
    assert found.samples[0, 0].tolist() == [0, 4]
    np.testing.assert_allclose(found.kernel[0, 0], 0.5, atol=1e-7)


def test_the_length_of_a_row_says_nothing():
    features, where, labels = made(40)
    queries, wanted = np.array([1, 2]), np.full((2, 1), ANY)
    scaled = features * np.geomspace(1e-6, 1e6, 40)[:, None]
    plain = nearest(features, where, labels, queries, wanted, 5)
    np.testing.assert_array_equal(
        nearest(scaled, where, labels, queries, wanted, 5).samples, plain.samples
    )


def test_features_may_stay_on_disk(tmp_path):
    features, where, labels = made(50)
    np.save(tmp_path / "vectors.npy", features.astype(np.float32))
    mapped = np.load(tmp_path / "vectors.npy", mmap_mode="r", allow_pickle=False)
    queries, wanted = np.arange(5), np.full((5, 1), ANY)
    np.testing.assert_array_equal(
        nearest(mapped, where, labels, queries, wanted, 3).samples,
        nearest(features, where, labels, queries, wanted, 3).samples,
    )


@pytest.mark.parametrize(
    ("n", "q", "k"),
    [(5, 0, 3), (5, 2, 0), (1, 1, 2)],
    ids=["no queries", "none asked for", "alone"],
)
def test_nothing_to_find(n, q, k):
    features, where, _ = made(n)
    labels = np.zeros(n, np.int64)
    found = nearest(features, where, labels, np.arange(q), np.full((q, 2), ANY), k)
    assert found.samples.shape == (q, 2, k)
    assert (found.samples < 0).all()
