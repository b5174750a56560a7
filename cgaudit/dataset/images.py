"""Untrusted image bytes → an RGB picture, or a reason why not."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from cgaudit.dataset.pointers import LFS_POINTER, is_lfs_pointer
from cgaudit.errors import UnreadableSample

DEFAULT_MAX_PIXELS = 50_000_000

# Pillow knows a format by name only once its plugin is loaded.
Image.init()
#: Formats that are only pictures, of those this Pillow has. Left out on purpose: EPS and PDF (they
#: start Ghostscript).
FORMATS = tuple(
    name
    for name in (
        *("AVIF", "BMP", "DIB", "GIF", "ICO", "JPEG", "JPEG2000", "PCX", "PNG", "PPM"),
        *("SGI", "TGA", "TIFF", "WEBP"),
    )
    if name in Image.OPEN
)
IMAGE_SUFFIXES = frozenset(
    {
        *(".avif", ".bmp", ".dib", ".gif", ".ico", ".j2k", ".jfif", ".jp2", ".jpe", ".jpeg"),
        *(".jpg", ".jpx", ".mpo", ".pbm", ".pcx", ".pgm", ".png", ".pnm", ".ppm", ".rgb"),
        *(".sgi", ".tga", ".tif", ".tiff", ".webp"),
    }
)
#: Why a file without content is not used.
EMPTY = "empty (zero bytes)"

_WHITE = (255, 255, 255, 255)

# What Pillow's decoders raise on damaged bytes: what `Image.open` itself takes for "not of this
# format", and what changing bytes at random brought up besides. A KeyError, say for a format that
# Pillow does not know, is our own mistake.
_DAMAGE = (
    *(OSError, EOFError, SyntaxError, ValueError, IndexError, TypeError, ArithmeticError),
    *(RuntimeError, struct.error, zlib.error),
)

# `max_pixels` is checked before anything is decoded; Pillow's own, lower warning would only
# contradict a user who raised it. What else it warns of in one file (odd EXIF) is not actionable.
warnings.simplefilter("ignore", Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


def read_picture(file: Path | bytes, max_pixels: int = DEFAULT_MAX_PIXELS) -> Image.Image:
    """Decode an image to mode RGB, 8 bits a channel, upright.

    Transparency is laid over white, 16-bit grey is scaled to 8 bits, an animation gives its first
    frame, and the EXIF orientation is applied.

    Parameters
    ----------
    file
        A path, or the file's bytes.
    max_pixels
        Width × height above which nothing is decoded (a decompression bomb).

    Raises
    ------
    UnreadableSample
        With the reason, for anything that does not decode completely.
    """
    with _decoded(file, max_pixels) as image:
        return _as_rgb(_upright(image))


def picture_or_none(read: Callable[[], Image.Image]) -> Image.Image | None:
    """Return the picture that `read` returns, or None where it raises UnreadableSample."""
    try:
        return read()
    except UnreadableSample:
        return None


def _decoded(file: Path | bytes, max_pixels: int) -> Image.Image:
    """Open and decode an image; only Pillow's own work may fail here as damage."""
    try:
        image = Image.open(io.BytesIO(file) if isinstance(file, bytes) else file, formats=FORMATS)
        try:
            _check_size(image, max_pixels)
            image.load()
        except BaseException:
            image.close()
            raise
    except UnidentifiedImageError:
        raise UnreadableSample(_why_unidentified(file)) from None
    except Image.DecompressionBombError:
        raise UnreadableSample(f"more pixels than the limit of {max_pixels:,}") from None
    except _DAMAGE as error:
        raise UnreadableSample(f"damaged image ({_one_line(error)})") from None
    return image


def _check_size(image: Image.Image, max_pixels: int) -> None:
    width, height = image.size
    if width * height > max_pixels:
        raise UnreadableSample(
            f"{width} × {height} pixels, above the limit of {max_pixels:,} (max_pixels)"
        )


def _why_unidentified(file: Path | bytes) -> str:
    if is_lfs_pointer(file):
        return LFS_POINTER
    size = len(file) if isinstance(file, bytes) else file.stat().st_size
    return "not an image that can be read" if size else EMPTY


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except (*_DAMAGE, KeyError):  # a broken EXIF block says nothing about the pixels
        return image


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        return _grey(np.asarray(image, dtype=np.float64) * (255.0 / 65_535.0))
    if image.mode in {"I", "F"}:
        return _grey(_to_255(np.asarray(image, dtype=np.float64)))
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, _WHITE), image).convert("RGB")
    return image.convert("RGB")


def _grey(values: np.ndarray) -> Image.Image:
    return Image.fromarray(np.rint(values).astype(np.uint8)).convert("RGB")


def _to_255(values: np.ndarray) -> np.ndarray:
    """Scale 32-bit grey, whose white is nowhere written down, to 0 … 255.

    White is taken to be 1 for fractions, 255 or 65,535, the first that no value exceeds; beyond,
    or below 0, the picture's own extremes are used.
    """
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > 65_535:
        return (values - low) * (255.0 / (high - low))
    if high <= 1 and bool((values % 1).any()):
        return values * 255.0
    return values * (1.0 if high <= 255 else 255.0 / 65_535.0)
