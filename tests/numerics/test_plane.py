"""Two dimensions of features."""

from __future__ import annotations

import numpy as np
import pytest

from cgaudit.numerics.plane import neighbour_plane, principal_plane


@pytest.mark.parametrize("shape", [(50, 6), (20, 200), (9, 9), (40, 2), (40, 1)])
def test_it_is_that_of_the_singular_values(shape: tuple[int, int]) -> None:
    features = np.random.default_rng(0).normal(size=shape) * np.linspace(3, 1, shape[1])
    centred = features - features.mean(axis=0)
    left, values, _ = np.linalg.svd(centred, full_matrices=False)
    expected = (left * values)[:, :2]
    found = principal_plane(features.astype(np.float32))
    assert found.shape == (shape[0], 2)
    for axis in range(expected.shape[1]):
        sign = np.sign(found[:, axis] @ expected[:, axis])
        np.testing.assert_allclose(found[:, axis], sign * expected[:, axis], atol=1e-4)
        assert (found[:, axis] ** 3).sum() >= 0
    assert not found[:, expected.shape[1] :].any()


def test_the_sides_do_not_depend_on_the_order() -> None:
    features = np.random.default_rng(1).gamma(1, size=(60, 8))
    order = np.random.default_rng(2).permutation(60)
    np.testing.assert_allclose(principal_plane(features)[order], principal_plane(features[order]))


def test_vectors_that_are_all_the_same_lie_at_one_point() -> None:
    for shape in ((9, 4), (9, 40)):
        assert not principal_plane(np.ones(shape)).any()


def test_neighbours_stay_neighbours() -> None:
    pytest.importorskip("sklearn")
    rng = np.random.default_rng(0)
    features = np.concatenate([rng.normal(10 * at, 1, (30, 12)) for at in range(3)])
    plane = neighbour_plane(features, 0)
    assert plane.shape == (90, 2)
    distances = np.linalg.norm(plane[:, None] - plane[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (distances.argmin(axis=1) // 30 == np.arange(90) // 30).all()
    np.testing.assert_array_equal(neighbour_plane(features, 0), plane)
