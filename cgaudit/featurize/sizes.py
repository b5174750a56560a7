"""Bringing pictures of any size to one, by a rule that the data decides once."""

from __future__ import annotations

import numpy as np
from PIL import Image

from cgaudit.featurize.base import FitData, State
from cgaudit.featurize.states import Shaped

#: Pictures that the size and the colour are decided from.
_LOOKED_AT = 1000
#: Pillow first shrinks a picture far larger than needed by a whole factor, which is cheap.
_REDUCING_GAP = 3.0

#: What a state says of the pictures' size and colour.
SIZED = {"side": Shaped("i8", ()), "grey": Shaped("?", ())}


def side_misfit(state: State, smallest: int, largest: int) -> str | None:
    """Return why a state's side is none that `median_side` gives, None where it is one."""
    side = int(state["side"])
    if smallest <= side <= largest:
        return None
    return f"its side is {side}, which is not within {smallest} … {largest}"


def median_side(data: FitData, smallest: int, largest: int) -> int:
    """Return the median of √(width × height), within limits.

    Parameters
    ----------
    data
        Pictures.
    smallest, largest
        The limits, in pixels.
    """
    sides = list(data.map(lambda image: (image.width * image.height) ** 0.5, limit=_LOOKED_AT))
    return int(np.clip(round(float(np.median(sides))), smallest, largest))


def all_grey(data: FitData) -> bool:
    """Tell whether no picture has colour."""
    return all(data.map(is_grey, limit=_LOOKED_AT))


def squared(image: Image.Image, side: int, grey: bool) -> np.ndarray:
    """Return the whole picture, stretched to a square.

    Returns
    -------
    (side, side, channels) uint8
        One channel where `grey`, else three.
    """
    if grey:
        image = image.convert("L")
    if image.size != (side, side):
        resample = Image.Resampling.BICUBIC
        image = image.resize((side, side), resample, reducing_gap=_REDUCING_GAP)
    pixels = np.asarray(image)
    return pixels[:, :, None] if grey else pixels


def is_grey(image: Image.Image) -> bool:
    """Tell whether a picture has no colour."""
    pixels = np.asarray(image)
    red = pixels[..., :1]
    return bool((pixels == red).all())
