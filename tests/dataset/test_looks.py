"""How pictures look: against a formula written out, and pictures that are known to look so."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image, ImageFilter

from cgaudit.dataset import look_of


def noise(side: int, seed: int = 0) -> Image.Image:
    values = np.random.default_rng(seed).integers(0, 256, (side, side), dtype=np.uint8)
    return Image.fromarray(values).convert("RGB")


def written_out(picture: Image.Image) -> float:
    """Return the sharpness by loops over all pixels."""

    def mean(pixels: list[list[float]]) -> float:
        found = [
            (4 * pixels[y][x] - pixels[y - 1][x] - pixels[y + 1][x] - pixels[y][x - 1]
             - pixels[y][x + 1]) ** 2
            for y in range(1, len(pixels) - 1)
            for x in range(1, len(pixels[0]) - 1)
        ]  # fmt: skip
        return sum(found) / len(found)

    grey = np.asarray(picture.convert("L"), dtype=float).tolist()
    half = [
        [(grey[y][x] + grey[y + 1][x] + grey[y][x + 1] + grey[y + 1][x + 1]) / 4
         for x in range(0, len(grey[0]) // 2 * 2, 2)]
        for y in range(0, len(grey) // 2 * 2, 2)
    ]  # fmt: skip
    return mean(grey) / mean(half)


@pytest.mark.parametrize("side", [16, 33, 64])
def test_sharpness_is_that_of_the_formula(side: int) -> None:
    for seed, radius in enumerate((0, 0.7, 2)):
        picture = noise(side, seed).filter(ImageFilter.GaussianBlur(radius))
        assert look_of(picture).sharpness == pytest.approx(written_out(picture))


def test_a_blurred_picture_is_less_sharp() -> None:
    sharp = [look_of(noise(200).filter(ImageFilter.GaussianBlur(it))).sharpness for it in (0, 1, 2)]
    assert sharp == sorted(sharp, reverse=True)
    assert sharp[2] < sharp[0] / 8


def test_brightness_heeds_all_but_a_hundredth() -> None:
    values = np.full((100, 100), 80, dtype=np.uint8)
    values[0, :99], values[1, :99] = 0, 255
    look = look_of(Image.fromarray(values).convert("RGB"))
    assert (look.darkest, look.brightest) == (80, 80)
    values[0, :], values[1, :] = 0, 255
    values[2, :2] = 0, 255
    look = look_of(Image.fromarray(values).convert("RGB"))
    assert (look.darkest, look.brightest) == (0, 255)


def test_what_has_no_detail_has_no_sharpness() -> None:
    assert math.isnan(look_of(Image.new("RGB", (64, 64), (9, 9, 9))).sharpness)
    assert math.isnan(look_of(noise(15)).sharpness)
    assert math.isnan(look_of(Image.new("RGB", (1, 400))).sharpness)
    look = look_of(Image.new("RGB", (30, 20)))
    assert (look.width, look.height) == (30, 20)


def test_a_large_picture_is_looked_at_as_a_smaller_one() -> None:
    large = noise(128).resize((2048, 2048), Image.Resampling.NEAREST)
    assert look_of(large).sharpness == pytest.approx(
        look_of(noise(128).resize((1024, 1024), Image.Resampling.NEAREST)).sharpness
    )
