"""Pictures made small enough to live inside the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from PIL import Image

#: Pictures no larger than this are pixel art: enlarged as crisp squares instead of a blur.
PIXEL_ART = 24

#: WebP at this quality took 0.5 kB for a CIFAR-10 image, half of what JPEG took at the same size.
QUALITY = 75

#: How large pictures may be made, in pixels of the longer side, where nobody says.
SIDES = (384, 256, 192, 128)

#: What the page needs around each picture.
MARKUP_BYTES = 100


class Thumbnail(TypedDict):
    """One picture of the page: its data URI and its size in pixels."""

    uri: str
    width: int
    height: int
    crisp: bool


@dataclass
class Budget:
    """Bytes of the page that are still to be had.

    Attributes
    ----------
    left
        How many.
    spent
        Whether something has been turned away; from then on everything is.
    """

    left: int
    spent: bool = False

    def take(self, size: int) -> bool:
        """Take `size` bytes; False where there are too few, or were before."""
        self.spent = self.spent or size > self.left
        if not self.spent:
            self.left -= size
        return not self.spent


@dataclass
class Thumbnails:
    """The pictures of one page: each kept once, none beyond the budget.

    Attributes
    ----------
    budget
        What all pictures take their bytes from.
    items
        What was kept, in the order of first use.
    """

    budget: Budget
    items: list[Thumbnail] = field(default_factory=list)
    _seen: dict[str, int] = field(default_factory=dict)

    def add(self, image: Image.Image, side: int) -> int | None:
        """Return the index of this picture in ``items``, or None where the budget is spent.

        Parameters
        ----------
        image
            Upright and in RGB, as `cgaudit.dataset.read_picture` gives it.
        side
            The longer side of its thumbnail, in pixels. Smaller pictures are never enlarged.
        """
        thumbnail = encode(image, side)
        known = self._seen.get(thumbnail["uri"])
        if known is not None:
            return known
        if not self.budget.take(len(thumbnail["uri"]) + MARKUP_BYTES):
            return None
        self._seen[thumbnail["uri"]] = len(self.items)
        self.items.append(thumbnail)
        return len(self.items) - 1


def fitting_side(images: Sequence[Image.Image], n: int, room: int) -> int:
    """Return the largest of `SIDES` at which so many pictures like these fit.

    The smallest where they fit at none.

    Parameters
    ----------
    images
        Some of them.
    n
        How many there are.
    room
        Bytes of the page that all may take.
    """
    for side in SIDES:
        each = [len(encode(image, side)["uri"]) + MARKUP_BYTES for image in images]
        if n * sum(each) <= room * len(each):
            return side
    return SIDES[-1]


def encode(image: Image.Image, side: int) -> Thumbnail:
    """Return the picture as a WebP data URI whose longer side is at most ``side`` pixels.

    Lossless where that is the smaller (drawings, digits, icons), lossy where it is not (photos).
    """
    small = _small(image, side)
    data = min(
        _webp(small, lossless=True, quality=100),
        _webp(small, lossless=False, quality=QUALITY),
        key=len,
    )
    return {
        "uri": "data:image/webp;base64," + base64.b64encode(data).decode("ascii"),
        "width": small.width,
        "height": small.height,
        "crisp": max(small.size) <= PIXEL_ART,
    }


def _webp(image: Image.Image, *, lossless: bool, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", lossless=lossless, quality=quality, method=4)
    return buffer.getvalue()


def _small(image: Image.Image, side: int) -> Image.Image:
    small = image.convert("RGB")
    small.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return small
