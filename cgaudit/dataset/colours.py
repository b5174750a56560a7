"""A decoded picture of any mode → RGB, 8 bits a channel, and what had to be guessed for that.

Each guess depends on the one picture alone, so that its vector never moves with other files.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageCms

from cgaudit.errors import UnreadableSample

#: Laid over black, for all that can be seen of it is white.
OVER_BLACK = "over_black"
#: Transparent everywhere, and yet in colours: the transparency is not used.
OPAQUE = "transparency_ignored"
#: Grey whose white is nowhere written down, brought to 0 … 255 by the picture's own extremes.
OWN_RANGE = "grey_own_range"
#: Grey with values that are no numbers, or infinite.
GAPS = "grey_gaps"
#: Grey with values above the white that the user named.
CLIPPED = "grey_clipped"
#: Grey of 16 bits by a few bright pixels alone; nearly all of it is nearly black.
FAINT = "grey_faint"
#: 16 bits a channel, of which Pillow keeps the upper 8: hardly anything of a 12-bit picture.
DARK = "deep_colour_dark"
#: Grey whose white is the first of these that no value exceeds: fractions, 8, 10, 12, 14, 16 bits.
WHITES = (1, 255, 1023, 4095, 16_383, 65_535)

_INFO = "cgaudit guesses"
_DEEPEST = WHITES[-1]
#: Rows of so many pixels are worked on at once: what is held of a picture stays small.
_STRIP = 1 << 20
_WHITE, _BLACK = (255, 255, 255, 255), (0, 0, 0, 255)
#: A colour from this brightness on cannot be told from a white ground,
_NEARLY_WHITE = 240
#: and a picture cannot if at most this share of what is seen of it is darker,
_DARKER = 0.005
#: and at least this share of it is see-through.
_SEE_THROUGH = 0.01
#: At most this share of faint grey is bright: stray pixels of a sensor, or a mark.
_BRIGHT = 0.005
#: 16 bits a channel that stay below a quarter of their range are of 14 bits or fewer.
_QUARTER = 63


def white_guess(white: int) -> str:
    """Return the guess that a picture's white is this value."""
    return f"grey_white_{white}"


def guesses_of(picture: object) -> tuple[str, ...]:
    """Return what was guessed to read a picture; nothing of what is no picture."""
    return picture.info.get(_INFO, ()) if isinstance(picture, Image.Image) else ()


def as_rgb(image: Image.Image, *, grey_bits: int | None = None, deep: bool = False) -> Image.Image:
    """Return a picture in RGB, on its own: without metadata, but with its guesses.

    Parameters
    ----------
    image
        Decoded, of any mode.
    grey_bits
        How many bits 16-bit grey really has; None guesses.
    deep
        Whether the file has 16 bits a channel of colour.

    Raises
    ------
    UnreadableSample
        It is grey and no value of it is a number.
    """
    if image.mode.startswith("I;16") or image.mode in {"I", "F"}:
        return _marked(*_from_grey(image, grey_bits))
    if image.has_transparency_data:
        return _marked(*_grounded(_rgba(image)))
    picture = _from_lab(image) if image.mode == "LAB" else image.convert("RGB")
    dark = deep and max(high for _, high in _spans(picture)) <= _QUARTER
    return _marked(picture, [DARK] if dark else [])


def _marked(picture: Image.Image, guesses: list[str]) -> Image.Image:
    picture.info = {_INFO: tuple(guesses)} if guesses else {}
    return picture


def _rgba(image: Image.Image) -> Image.Image:
    # Pillow knows no direct way from grey with premultiplied transparency.
    return (image.convert("LA") if image.mode == "La" else image).convert("RGBA")


def _from_lab(image: Image.Image) -> Image.Image:
    profiles = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    picture = ImageCms.profileToProfile(image, *profiles, outputMode="RGB")
    return picture if picture is not None else image.convert("RGB")


def _grounded(image: Image.Image) -> tuple[Image.Image, list[str]]:
    """Lay a transparent picture over white, or what that would hide over black."""
    ((low, high),) = _spans(image.getchannel("A"))
    colours = image.convert("RGB")
    if low == 255:
        return colours, []
    if high == 0 and any(top > bottom for bottom, top in _spans(colours)):
        return colours, [OPAQUE]
    hidden = high > 0 and _hidden_by_white(image, colours)
    ground = Image.new("RGBA", image.size, _BLACK if hidden else _WHITE)
    return Image.alpha_composite(ground, image).convert("RGB"), [OVER_BLACK] if hidden else []


def _spans(image: Image.Image) -> list[tuple[int, int]]:
    """Return the lowest and the highest value of each channel."""
    return [channel.getextrema() for channel in image.split()]  # type: ignore[misc]


def _hidden_by_white(image: Image.Image, colours: Image.Image) -> bool:
    """Tell whether all that is seen of a picture is white, and its shape its transparency."""
    alphas, greys = np.asarray(image.getchannel("A")), np.asarray(colours.convert("L"))
    seen, clear = np.zeros(256), 0
    for rows in _strips(alphas):
        alpha = alphas[rows].ravel()
        seen += np.bincount(greys[rows].ravel(), weights=alpha, minlength=256)
        clear += int((alpha < 128).sum())
    darker = seen[:_NEARLY_WHITE].sum() / seen.sum()
    return bool(darker <= _DARKER and clear >= _SEE_THROUGH * alphas.size)


class _Extremes(NamedTuple):
    """What the values of grey reach, those that are numbers; whether some are not, or fractions.

    It is faint where hardly any is above a sixteenth of 16 bits.
    """

    low: float
    high: float
    gaps: bool
    fractions: bool
    faint: bool


def _from_grey(image: Image.Image, bits: int | None) -> tuple[Image.Image, list[str]]:
    values = np.asarray(image)
    found = _extremes(values)
    guesses = [GAPS] if found.gaps else []
    white = _declared_white(image) if bits is None else float((1 << bits) - 1)
    if bits is not None and white is not None and found.high > white:
        guesses.append(CLIPPED)
    low = 0.0
    if white is None and (found.low < 0 or found.high > _DEEPEST):
        low, white = found.low, max(found.high, found.low + 1)
        guesses.append(OWN_RANGE)
    elif white is None:
        white = float(_likely_white(found))
        if not image.mode.startswith("I;16") or white < _DEEPEST:
            guesses.append(white_guess(int(white)))
        if white == _DEEPEST and found.faint:
            guesses.append(FAINT)
    return _eight_bits(values, low, white, inverted=_is_inverted(image)), guesses


def _likely_white(found: _Extremes) -> int:
    fits = [white for white in WHITES if found.high <= white]
    return fits[0] if found.fractions else next(white for white in fits if white > 1)


def _extremes(values: np.ndarray) -> _Extremes:
    low, high, gaps, fractions, bright = np.inf, -np.inf, False, False, 0
    for rows in _strips(values):
        part = values[rows]
        if part.dtype.kind == "f":
            finite = np.isfinite(part)
            gaps = gaps or not finite.all()
            part = part[finite]
            fractions = fractions or bool((part % 1).any())
        if part.size:
            low, high = min(low, float(part.min())), max(high, float(part.max()))
            bright += int((part > _DEEPEST / 16).sum())
    if low > high:
        raise UnreadableSample("no value of it is a number")
    return _Extremes(low, high, gaps, fractions, bright <= _BRIGHT * values.size)


def _eight_bits(values: np.ndarray, low: float, white: float, *, inverted: bool) -> Image.Image:
    grey = np.empty(values.shape, dtype=np.uint8)
    for rows in _strips(values):
        with np.errstate(invalid="ignore"):  # a NaN may signal
            part = np.nan_to_num(values[rows].astype(np.float64), nan=low, posinf=low, neginf=low)
        grey[rows] = np.rint(np.clip((part - low) * (255.0 / (white - low)), 0, 255))
    return Image.fromarray(255 - grey if inverted else grey).convert("RGB")


def _declared_white(image: Image.Image) -> float | None:
    """Return the value that is white by what the file says; None where it says nothing."""
    if image.format in {"PPM", "JPEG2000"}:
        return float(_DEEPEST)  # Pillow scales to this by the depth that they name
    tags = getattr(image, "tag_v2", {})
    depth = tags.get(_BITS_PER_SAMPLE)
    return 4095.0 if depth == (12,) else None


_BITS_PER_SAMPLE, _PHOTOMETRIC = 258, 262


def _is_inverted(image: Image.Image) -> bool:
    """Tell whether 0 is white in a TIFF of a depth that Pillow does not turn round itself."""
    return getattr(image, "tag_v2", {}).get(_PHOTOMETRIC) == 0


def _strips(values: np.ndarray) -> Iterator[slice]:
    """Yield slices of rows, some `_STRIP` pixels each."""
    height, width = values.shape[:2]
    step = max(1, _STRIP // max(1, width))
    yield from (slice(start, start + step) for start in range(0, height, step))
