"""How a picture looks, whatever is on it: how bright, how even, how sharp, how large."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image

#: Of the pixels, so many are at most as bright as `Look.darkest`, and as `Look.brightest`.
_LOW, _HIGH = 0.01, 0.99
#: Sharpness is told at about this size: what is finer nobody sees as blur.
_LARGEST = 1024
#: A shorter side of fewer pixels has no detail to speak of.
_SMALLEST = 16


class Look(NamedTuple):
    """What can be told of a picture as a picture.

    Attributes
    ----------
    darkest, brightest
        How bright its pixels are, 0 to 255, but for the darkest and the brightest hundredth.
    sharpness
        Mean squared Laplacian over that of the picture at half its size: near 1 where there is
        detail at the finest scale, 1/16 where there is none. NaN where the picture is too small,
        or the same everywhere.
    width, height
        In pixels.
    """

    darkest: float
    brightest: float
    sharpness: float
    width: float
    height: float


def look_of(picture: Image.Image) -> Look:
    """Return how an RGB picture looks; the same on every machine, as it is made of integers."""
    grey = picture.convert("L")
    counts = np.cumsum(grey.histogram())
    darkest, brightest = (int(np.searchsorted(counts, it * counts[-1])) for it in (_LOW, _HIGH))
    return Look(darkest, brightest, _sharpness(grey), *picture.size)


def _sharpness(grey: Image.Image) -> float:
    smaller = max(1, max(grey.size) // _LARGEST)
    values = np.asarray(grey.reduce(smaller), dtype=np.int64)
    if min(values.shape) < _SMALLEST:
        return float("nan")
    height, width = (side // 2 * 2 for side in values.shape)
    even = values[:height, :width]
    # Four times the brightness at half the size, so that it stays whole.
    half = even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]
    fine, coarse = _mean_squared_laplacian(values), _mean_squared_laplacian(half) / 16
    return fine / coarse if coarse else float("nan")


def _mean_squared_laplacian(values: np.ndarray) -> float:
    inner = 4 * values[1:-1, 1:-1]
    around = values[:-2, 1:-1] + values[2:, 1:-1] + values[1:-1, :-2] + values[1:-1, 2:]
    return int(np.sum((inner - around) ** 2)) / inner.size
