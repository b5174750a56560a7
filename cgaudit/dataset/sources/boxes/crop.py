"""A box of a picture, cut out with some of what is around it."""

from __future__ import annotations

import math
from typing import NamedTuple

from PIL import Image

from cgaudit.errors import UnreadableSample

#: Bounds of one box, from files that round them differently, give one crop: this is finer than a
#: pixel and coarser than six digits of a share.
_PIXEL_DIGITS = 2
#: Sides that differ by no more than this share are those of one picture, scaled.
_SAME_SHAPE = 0.02


class Bounds(NamedTuple):
    """Where a box lies, in shares of its picture: 0 is its left or upper edge, 1 the other."""

    left: float
    top: float
    width: float
    height: float

    @property
    def is_inside(self) -> bool:
        """Whether any of it is in the picture."""
        right, bottom = self.left + self.width, self.top + self.height
        return self.left < 1 and self.top < 1 and right > 0 and bottom > 0


def crop(picture: Image.Image, bounds: Bounds, margin: float) -> Image.Image:
    """Return a box of a picture.

    Parameters
    ----------
    picture
        Upright and in RGB.
    bounds
        Of the box.
    margin
        How much is added on each side, in shares of the box's longer side. What is outside of the
        picture is left out, so a box at its edge has less around it.

    Returns
    -------
    Image
        At least one pixel wide and high.
    """
    around = margin * max(bounds.width * picture.width, bounds.height * picture.height)
    left, right = _span(bounds.left, bounds.width, picture.width, around)
    top, bottom = _span(bounds.top, bounds.height, picture.height, around)
    return picture.crop((left, top, right, bottom))


def _span(start: float, length: float, side: int, around: float) -> tuple[int, int]:
    """Return the first pixel and the one behind the last."""
    low = round(start * side - around, _PIXEL_DIGITS)
    high = round((start + length) * side + around, _PIXEL_DIGITS)
    first = min(max(0, math.floor(low)), side - 1)
    return first, max(first + 1, min(side, math.ceil(high)))


def refuse_other_size(picture: tuple[int, int], annotated: tuple[float, float] | None) -> bool:
    """Tell whether boxes were drawn on the picture as it is stored, not as it is turned upright.

    Parameters
    ----------
    picture
        Its width and height, upright.
    annotated
        Those that its boxes were drawn on; None where nothing says it.

    Raises
    ------
    UnreadableSample
        The two are of different shape: the boxes belong to another picture.
    """
    if annotated is None or _alike(picture, annotated):
        return False
    if _alike(picture[::-1], annotated):
        return True
    width, height = (f"{side:g}" for side in annotated)
    raise UnreadableSample(
        f"its boxes were drawn on {width} × {height} pixels, and the picture has "
        f"{picture[0]} × {picture[1]}"
    )


def _alike(sides: tuple[float, float], others: tuple[float, float]) -> bool:
    across, along = sides[0] * others[1], sides[1] * others[0]
    return abs(across - along) <= _SAME_SHAPE * max(across, along)
