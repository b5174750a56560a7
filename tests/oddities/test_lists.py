"""Neighbours looked for in lists: those of all pairs but for a few, in any order and place."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from cgaudit import executor
from cgaudit.numerics.contents import Gathered
from cgaudit.oddities import find_oddities, lists
from cgaudit.oddities.find import Oddities
from cgaudit.oddities.lists import LOOKED_AT, centres_of
from cgaudit.oddities.search import among_all, among_lists

#: More samples than these are not compared in pairs, for the test.
MOST = 1000
PLANTED = 40


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr("cgaudit.executor.base.LEAST_ROWS", 256)


def clustered(n: int = 4000) -> np.ndarray:
    """Rows around sixty centres; the last are near copies of the first, and row 17 is zero."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 30))[rng.integers(60, size=n)] + rng.normal(size=(n, 30)) / 2
    X[-PLANTED:] = X[:PLANTED] + rng.normal(scale=1e-3, size=(PLANTED, 30))
    X[17] = 0
    return X.astype(np.float32)


def as_bytes(found: Oddities) -> list[bytes]:
    return [values.tobytes() for values in vars(found).values()]


def nearest(found, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the neighbours of all rows, by row: −1 and infinitely far where there are none."""
    near, distance = np.full((n, 20), -1), np.full((n, 20), np.inf)
    for part in found.parts:
        rows = found.rows[part.start : part.start + len(part.near)]
        near[rows], distance[rows] = found.rows[part.near], part.distance
    return near, distance


def test_almost_nothing_is_missed():
    X = clustered()
    exact, listed = find_oddities(X), find_oddities(X, most_rows=MOST)
    assert np.array_equal(exact.near_duplicate_set, listed.near_duplicate_set)
    copies = np.delete(np.arange(PLANTED), 17)
    assert (listed.near_duplicate_set[copies] == listed.near_duplicate_set[copies - PLANTED]).all()
    assert listed.is_near_duplicate_issue[copies].all()
    assert (exact.is_outlier_issue != listed.is_outlier_issue).sum() <= 1
    assert np.isnan(listed.outlier_score[17])
    seen = np.delete(np.arange(len(X)), 17)
    assert np.corrcoef(exact.outlier_score[seen], listed.outlier_score[seen])[0, 1] > 0.99
    here, there = (nearest(search, len(X))[1] for search in (
        among_all(X, 20, "cpu", None), among_lists(X, None, 20, "cpu", None)
    ))  # fmt: skip
    assert (there[seen] <= here[seen, -1:] * (1 + 1e-5)).mean() > 0.98


@pytest.mark.usefixtures("small_parts")
def test_looking_at_all_lists_is_comparing_all_pairs(monkeypatch):
    monkeypatch.setattr(lists, "LOOKED_AT", 10**6)
    # Blocks, spans of lists and tiles that end within each other.
    monkeypatch.setattr(lists, "_ROWS_READ", 29)
    monkeypatch.setattr(lists, "_ELEMENTS_OF_A_BLOCK", 30 * 100)
    monkeypatch.setattr(lists, "_ELEMENTS", 29 * 37)
    X = clustered(1500)
    X[1:9] = X[0] + np.random.default_rng(1).normal(scale=1e-5, size=(8, 30))
    expected, distance = nearest(among_all(X, 20, "cpu", None), len(X))
    found, apart = nearest(among_lists(X, None, 20, "cpu", None), len(X))
    seen = np.delete(np.arange(len(X)), 17)
    np.testing.assert_allclose(apart[seen], distance[seen], rtol=1e-5)
    assert (found == expected)[seen].mean() > 0.999
    assert np.isinf(apart[17]).all()


@pytest.mark.usefixtures("small_parts")
def test_threads_move_no_byte():
    X, before, found = clustered(), torch.get_num_threads(), []
    try:
        for threads in (1, 2, 5):
            torch.set_num_threads(threads)
            found.append(as_bytes(find_oddities(X, most_rows=MOST)))
    finally:
        torch.set_num_threads(before)
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("named", [True, False])
def test_the_order_of_the_samples_moves_nothing(named):
    X = clustered()
    contents = [f"{at:032x}" for at in range(len(X))] if named else None
    order = np.random.default_rng(3).permutation(len(X))
    shuffled = [contents[at] for at in order] if contents else None
    one = find_oddities(X, contents=contents, most_rows=MOST)
    other = find_oddities(X[order], contents=shuffled, most_rows=MOST)
    np.testing.assert_array_equal(other.outlier_score, one.outlier_score[order])
    sets = [{}, {}]
    for at, row in enumerate(order):
        sets[0].setdefault(one.near_duplicate_set[row], set()).add(row)
        sets[1].setdefault(other.near_duplicate_set[at], set()).add(row)
    members = [sorted(map(sorted, it.values())) for it in sets]
    assert members[0] == members[1]
    assert len(members[0]) >= PLANTED


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("jitter", [0.0, 1e-4])
def test_a_list_of_nearly_all_rows_is_read_and_compared_in_pieces(monkeypatch, jitter):
    rng = np.random.default_rng(0)
    X = np.tile(rng.normal(size=8), (3000, 1)) + rng.normal(scale=jitter or 1, size=(3000, 8)) * (
        jitter > 0
    )
    X[2900:] = rng.normal(size=(100, 8))
    monkeypatch.setattr(lists, "_ROWS_READ", 100)
    monkeypatch.setattr(lists, "_ELEMENTS_OF_A_BLOCK", 200 * 8)
    monkeypatch.setattr(lists, "_ELEMENTS", 50 * 100)
    read, tiles, meet, reading = [], [], lists._Block.meet, lists._read

    def recorded(index, matrix, device):
        read.append(len(index))
        return reading(index, matrix, device)

    def met(block, who, members, first):
        tiles.append(len(who) * len(members))
        meet(block, who, members, first)

    monkeypatch.setattr(lists, "_read", recorded)
    monkeypatch.setattr(lists._Block, "meet", met)
    contents = [str(at) for at in range(len(X))]
    found = find_oddities(X, contents=contents, most_rows=MOST)
    drawn = max(read)
    read.remove(drawn)
    # The sample that centres are taken from, then blocks and pieces of lists.
    assert drawn <= len(X)
    assert max(read) <= 200
    assert max(tiles) <= 50 * 100
    if not jitter:
        assert set(found.near_duplicate_set[:2900].tolist()) == {0}
    assert not found.is_near_duplicate_issue[2900:].any()


def test_rows_are_read_where_they_lie_in_any_order(tmp_path):
    X = clustered()
    expected = find_oddities(X, most_rows=MOST)
    order = np.random.default_rng(2).permutation(len(X))
    np.save(tmp_path / "rows.npy", X[order])
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    found = find_oddities(Gathered(mapped, np.argsort(order)), most_rows=MOST)
    assert as_bytes(found) == as_bytes(expected)


def test_rows_of_zeros_are_in_no_list():
    X = load_digits().data[:300].copy()
    X[::7] = 0
    exact, listed = find_oddities(X), find_oddities(X, most_rows=100)
    zero = ~X.any(axis=1)
    assert np.isnan(listed.outlier_score[zero]).all()
    assert (exact.near_duplicate_set == listed.near_duplicate_set).all()
    nothing = find_oddities(np.zeros((50, 3)), most_rows=10)
    assert np.isnan(nothing.outlier_score).all()
    assert not nothing.is_near_duplicate_issue.any()
    # The sample of which the centres are taken is all zeros but for luck.
    X = np.zeros((5000, 3))
    X[:2] = 1
    rare = find_oddities(X, contents=[str(at) for at in range(5000)], most_rows=10)
    assert np.flatnonzero(rare.is_near_duplicate_issue).tolist() == [0, 1]


@pytest.mark.parametrize("count", [1, 2, 5, 12, 60])
def test_fewer_rows_than_lists(count):
    X = np.random.default_rng(0).normal(size=(count, 3))
    exact, listed = find_oddities(X), find_oddities(X, most_rows=0)
    np.testing.assert_allclose(listed.outlier_score, exact.outlier_score, rtol=1e-3)
    twice = np.concatenate([X, X])
    assert find_oddities(twice, most_rows=0).is_near_duplicate_issue.all()


def test_the_same_content_is_a_duplicate_whatever_its_features():
    X = clustered()
    contents: list[str | None] = [str(at) for at in range(len(X))]
    contents[100] = contents[2000] = "the same"
    contents[101] = contents[2001] = None
    sets = find_oddities(X, contents=contents, most_rows=MOST).near_duplicate_set
    assert sets[100] == sets[2000] >= 0
    assert sets[101] == sets[2001] == -1


def test_centres_are_means_of_those_nearest_to_them():
    rows = torch.randn(600, 5, generator=torch.Generator().manual_seed(0)).numpy()
    centres = centres_of(np.arange(600), 4, rows, "cpu")
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    for _ in range(60):
        own = (unit @ centres.numpy().T).argmax(axis=1)
        means = np.stack([unit[own == at].mean(axis=0) for at in range(len(centres))])
        means /= np.linalg.norm(means, axis=1, keepdims=True)
        assert np.einsum("cd,cd->c", means, centres.numpy()).min() > 0.98
        centres = torch.from_numpy(means)


def test_progress_ends_with_all_rows():
    seen: list[tuple[float, float]] = []
    find_oddities(clustered(), most_rows=MOST, progress=lambda *at: seen.append(at))
    assert seen[-1] == (4000, 4000)


def test_work_runs_where_it_is_asked_to(monkeypatch):
    class Elsewhere(executor.Inline):
        def share(self, value):
            shared.append(type(value).__name__)
            return value

    shared: list[str] = []
    monkeypatch.setattr("cgaudit.oddities.search.chosen", Elsewhere)
    find_oddities(clustered(), most_rows=MOST)
    assert shared == ["ndarray", "Tensor", "Lists"]
    assert LOOKED_AT < 100
