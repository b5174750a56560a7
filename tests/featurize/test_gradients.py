"""Histograms of gradients against a slow twin, and what they must and must not see."""

import numpy as np
import pytest
from PIL import Image

from cgaudit.featurize.gradients import CELLS, ORIENTATIONS, gradient_histograms


def waves(side, channels=3, seed=0):
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, 25, (side, side, channels))
    return np.clip(np.cumsum(steps, axis=1) + 128, 0, 255).astype(np.uint8)


def slow(picture):
    """Pixel by pixel, from the formula."""
    side, _, channels = picture.shape
    cell = side // CELLS
    root = np.rint(np.sqrt(picture / 255) * 255)
    sums = np.zeros((CELLS, CELLS, ORIENTATIONS))
    for i in range(side):
        for j in range(side):
            best, gradient = -1.0, (0.0, 0.0)
            for c in range(channels):
                across = root[i, j + 1, c] - root[i, j - 1, c] if 0 < j < side - 1 else 0.0
                down = root[i + 1, j, c] - root[i - 1, j, c] if 0 < i < side - 1 else 0.0
                if across**2 + down**2 > best:
                    best, gradient = across**2 + down**2, (across, down)
            place = np.arctan2(gradient[1], gradient[0]) % np.pi / np.pi * ORIENTATIONS
            below, share = int(place), place - int(place)
            for a in range(CELLS):
                for b in range(CELLS):
                    inside = -cell // 2 <= i - a * cell < 3 * cell // 2
                    if inside and -cell // 2 <= j - b * cell < 3 * cell // 2:
                        sums[a, b, below % ORIENTATIONS] += best**0.5 * (1 - share)
                        sums[a, b, (below + 1) % ORIENTATIONS] += best**0.5 * share
    means = sums / (255 * (2 * cell) ** 2)
    energy = np.pad((means**2).sum(axis=2), 1)
    around = sum(energy[i : i + CELLS, j : j + CELLS] for i in range(3) for j in range(3)) / 9
    return np.sqrt(np.minimum(means / np.sqrt(around + 1e-4)[:, :, None], 0.6)).ravel()


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [12, 24])
def test_slow_twin(side, channels):
    picture = waves(side, channels)
    found = gradient_histograms(picture, mirror=False)
    np.testing.assert_allclose(found, slow(picture), atol=2e-3)
    flipped = gradient_histograms(picture[:, ::-1], mirror=False)
    both = np.sqrt((found.astype(float) ** 2 + flipped.astype(float) ** 2) / 2)
    np.testing.assert_allclose(gradient_histograms(picture, mirror=True), both, atol=2e-3)


@pytest.mark.parametrize(("angle", "direction"), [(0, 0), (20, 1), (60, 3), (90, None), (160, 8)])
def test_an_edge_is_seen_in_its_direction(angle, direction):
    """Brightness grows along the angle, seen counter to the clock as rows grow downwards."""
    y, x = np.mgrid[:48, :48] - 24.0
    along = np.cos(np.radians(angle)) * x + np.sin(np.radians(angle)) * y
    picture = (128 + 4 * along).clip(0, 255).astype(np.uint8)[:, :, None]
    histogram = gradient_histograms(picture, mirror=False).reshape(-1, ORIENTATIONS).sum(axis=0)
    strongest = np.argsort(histogram)[::-1]
    if direction is None:
        assert set(strongest[:2]) == {4, 5}
    else:
        assert strongest[0] == direction


def test_brightness_and_contrast_hardly_matter():
    picture = waves(48).astype(float)
    dim = (picture * 0.5).astype(np.uint8)
    whole = gradient_histograms(picture.astype(np.uint8), mirror=True)
    other = gradient_histograms(waves(48, seed=1), mirror=True)
    near = np.linalg.norm(whole - gradient_histograms(dim, mirror=True))
    assert near < 0.3 * np.linalg.norm(whole - other)


def test_a_blank_picture_has_no_gradients():
    blank = np.asarray(Image.new("RGB", (24, 24), (9, 200, 9)))
    assert not gradient_histograms(blank, mirror=True).any()
