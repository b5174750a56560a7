"""The patches featurizer against a slow twin written from its formula."""

import numpy as np
import pytest
from PIL import Image

from cgaudit.errors import FeaturizerError
from cgaudit.featurize import create_featurizer
from cgaudit.featurize.components import half_whitening, participation_ratio
from cgaudit.featurize.filters import pooling

SMALL = {"filters": 7, "components": 5, "cells": [1, 3], "smallest_side": 12, "largest_side": 12}


class Pictures(list):
    """Pictures as the data to fit on."""

    def map(self, work, limit=None):
        return map(work, self[:limit])


def pictures(count=40, side=12, grey=False, seed=0):
    rng = np.random.default_rng(seed)
    waves = np.cumsum(rng.normal(0, 25, (count, side, side, 3)), axis=1) + 128
    values = np.clip(waves, 0, 255).astype(np.uint8)
    if grey:
        values[...] = values[..., :1]
    return Pictures(Image.fromarray(value) for value in values)


def fitted(data, **options):
    featurizer = create_featurizer("patches", {**SMALL, **options})
    featurizer.fit(data, seed=3)
    return featurizer


def transformed(featurizer, data):
    return featurizer.transform([featurizer.prepare(image) for image in data])


def slow_responses(picture, weights, bias, cells, threshold=1.6):
    """One picture's pooled responses, patch by patch; `weights` are those of the formula."""
    places = picture.shape[0] - 5
    response = np.zeros((places, places, weights.shape[1]))
    for i in range(places):
        for j in range(places):
            p = picture[i : i + 6, j : j + 6].astype(float).ravel()
            q = (p - p.mean()) / np.sqrt(p.var() + 10)
            response[i, j] = q @ weights - bias
    limit = threshold * np.sqrt((response**2).mean(axis=2, keepdims=True))
    rectified = np.concatenate(
        [np.maximum(response - limit, 0), np.maximum(-response - limit, 0)], axis=2
    )
    pooled = []
    for c in cells:
        which = np.arange(places) * c // places
        for a in range(c):
            for b in range(c):
                pooled.append(rectified[which == a][:, which == b].mean(axis=(0, 1)))
    return np.concatenate(pooled)


@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("mirror", [False, True])
def test_slow_twin(grey, mirror):
    data = pictures(grey=grey)
    featurizer = fitted(data, mirror=mirror)
    state = featurizer.state
    assert bool(state["grey"]) is grey
    vectors = transformed(featurizer, data[:3])
    for image, vector in zip(data[:3], vectors, strict=True):
        picture, gradients = featurizer.prepare(image)
        weights = state["step"] * state["weights"]
        columns = slow_responses(picture, weights, state["bias"], [1, 3])
        if mirror:
            flipped = slow_responses(picture[:, ::-1], weights, state["bias"], [1, 3])
            columns = (columns + flipped) / 2
        patches = ((np.sqrt(columns) - state["centre"]) * state["scale"]) @ state["projection"]
        outlines = (gradients - state["gradient_centre"]) * state["gradient_scale"]
        expected = np.concatenate([patches, outlines @ state["gradient_projection"]])
        np.testing.assert_allclose(vector, expected, rtol=5e-3, atol=5e-3)


def drawings(count, noise):
    """A bar of some width, place and slant on each picture, under noise."""
    rng = np.random.default_rng(1)
    i, j = np.mgrid[0:24, 0:24]
    slant, place, width = rng.uniform(-2, 2, count), rng.uniform(6, 18, count), rng.uniform(2, 6)
    bars = [np.abs(j + a * (i - 12) - b) < width for a, b in zip(slant, place, strict=True)]
    values = 80.0 + 60 * np.stack(bars) + rng.normal(0, noise, (count, 24, 24))
    grey = np.clip(values, 0, 255).astype(np.uint8)
    return Pictures(Image.fromarray(one).convert("RGB") for one in grey)


def lengths(data):
    """Typical lengths of what patches and what gradients say."""
    vectors = transformed(fitted(data), data)
    parts = vectors[:, :5], vectors[:, 5:]
    return [np.sqrt((part**2).sum(axis=1).mean()) for part in parts]


def test_patches_and_gradients_count_the_same_where_there_are_outlines():
    patches, gradients = lengths(drawings(200, noise=5))
    assert gradients == pytest.approx(patches, rel=1e-3)


def test_gradients_of_noise_count_less():
    patches, gradients = lengths(drawings(200, noise=200))
    assert gradients < patches / 2


def test_participation_ratio_against_eigenvalues():
    rng = np.random.default_rng(0)
    for shape in ((50, 8), (8, 50)):
        columns = (rng.normal(size=shape) * np.linspace(3, 0.1, shape[1])).astype(np.float32)
        variances = np.linalg.svd(columns.astype(float), compute_uv=False) ** 2
        expected = variances.sum() ** 2 / (variances**2).sum()
        assert participation_ratio(columns) == pytest.approx(expected, rel=1e-5)
    assert participation_ratio(np.zeros((3, 2), np.float32)) == 0


def test_gradients_can_be_left_out():
    data = pictures()
    featurizer = fitted(data, gradients=0)
    assert not [name for name in featurizer.state if name.startswith("gradient")]
    assert transformed(featurizer, data[:3]).shape == (3, 5)
    whole = transformed(fitted(data), data[:3])
    np.testing.assert_array_equal(transformed(featurizer, data[:3]), whole[:, :5])


def test_weights_are_whole_numbers_whose_columns_sum_to_nothing():
    weights = fitted(pictures()).state["weights"]
    assert weights.dtype == np.int16
    assert (weights.sum(axis=0, dtype=int) == 0).all()
    # As large as products with pictures may be, and no larger.
    assert 255 * np.maximum(weights, 0).sum(axis=0, dtype=int).max() < 2**24
    assert np.abs(weights).max() > 500


def test_mirror_images_have_one_vector():
    data = pictures()
    featurizer = fitted(data)
    flipped = [image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for image in data]
    np.testing.assert_allclose(
        transformed(featurizer, data), transformed(featurizer, flipped), rtol=1e-3, atol=1e-3
    )


def test_fitted_columns_are_standard():
    data = pictures()
    columns = transformed(fitted(data, components=0, gradients=0), data)
    assert columns.shape == (40, 10 * 14)
    np.testing.assert_allclose(columns.mean(axis=0), 0, atol=1e-4)
    spread = columns.std(axis=0)
    np.testing.assert_allclose(spread[spread > 0.5], 1, atol=1e-3)


def test_half_whitening_against_svd():
    rng = np.random.default_rng(0)
    columns = (rng.normal(size=(300, 40)) * np.linspace(4, 0.1, 40)).astype(np.float32)
    columns -= columns.mean(axis=0)
    projected = columns @ half_whitening(columns, 6, rng)
    _, singular, _ = np.linalg.svd(columns, full_matrices=False)
    spread = singular[:6] / np.sqrt(300)
    covariance = projected.T @ projected / 300
    np.testing.assert_allclose(covariance, np.diag(spread), atol=2e-2)


@pytest.mark.parametrize("side", [5, 7, 27])
def test_pooling_counts_each_place_once_a_grid(side):
    inside, counts = (tensor.numpy() for tensor in pooling(side, (1, 2, 3)))
    assert inside.shape == (14, side * side)
    assert inside.sum(axis=1).tolist() == counts.tolist()
    for grid in (inside[:1], inside[1:5], inside[5:]):
        assert (grid.sum(axis=0) == 1).all()


@pytest.mark.parametrize("components", [0, 5, 20])
def test_a_vector_does_not_depend_on_its_batch(components):
    data = pictures()
    featurizer = fitted(data, components=components)
    with featurizer.computing():
        together = transformed(featurizer, data)
        for start, count in [(0, 1), (7, 1), (3, 8), (20, 20), (39, 1)]:
            some = transformed(featurizer, data[start : start + count])
            assert some.tobytes() == together[start : start + count].tobytes()


def test_same_seed_same_state():
    data = pictures()
    one, two = fitted(data), fitted(data)
    assert one.fingerprint(1) == two.fingerprint(1)
    other = create_featurizer("patches", SMALL)
    other.fit(data, seed=4)
    assert other.fingerprint(1) != one.fingerprint(1)
    assert one.fingerprint(2) != one.fingerprint(1)


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (12, 12), (400, 300)])
def test_any_size(size):
    featurizer = fitted(pictures())
    assert np.isfinite(transformed(featurizer, [Image.new("RGB", size, (9, 9, 9))])).all()


def test_blank_and_identical_pictures_do_not_break_it():
    same = Pictures([Image.new("RGB", (12, 12), (0, 0, 0))] * 5)
    assert np.isfinite(transformed(fitted(same), same)).all()
    assert transformed(fitted(pictures(1)), pictures(2)).shape[0] == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"filter": 3}, "no option 'filter'. Did you mean 'filters'"),
        ({"filters": 0}, "must be at least 1"),
        ({"smallest_side": 7}, "must hold the patches"),
        ({"gradients": -1}, "must be at least 0"),
        ({"cells": 3}, "cannot use these options"),
    ],
)
def test_options(options, message):
    with pytest.raises(FeaturizerError, match=message):
        create_featurizer("patches", options)
