"""Untrusted image bytes → an RGB picture, or a reason why not."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from PIL import ExifTags, Image, UnidentifiedImageError

from cgaudit.dataset.colours import as_rgb
from cgaudit.dataset.pointers import LFS_POINTER, is_lfs_pointer
from cgaudit.errors import UnreadableSample
from cgaudit.params import SourceParams
from cgaudit.wording.text import one_line

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

#: A progressive JPEG has some ten scans, and each goes through the whole picture: a small file of
#: very many would take hours.
_MOST_SCANS = 500
_SCAN = b"\xff\xda"

#: How a picture is turned, by the number that EXIF gives to it.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

#: From this number on, width and height are exchanged.
_LIES_DOWN = 5

# `max_pixels` is checked before anything is decoded; Pillow's own, lower warning would only
# contradict a user who raised it. What else it warns of in one file (odd EXIF) is not actionable.
warnings.simplefilter("ignore", Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


class Decoding(NamedTuple):
    """How pictures are decoded: see `read_picture`."""

    max_pixels: int = DEFAULT_MAX_PIXELS
    grey_bits: int | None = None

    @classmethod
    def of(cls, params: SourceParams) -> Decoding:
        """Return what the ``source`` parameters say."""
        return cls(params.max_pixels, params.grey_bits)


def read_picture(
    file: Path | bytes,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    grey_bits: int | None = None,
    *,
    upright: bool = True,
) -> Image.Image:
    """Decode an image to mode RGB, 8 bits a channel, upright.

    Transparency is laid over white, 16-bit grey is scaled to 8 bits, an animation gives its first
    frame, and the EXIF orientation is applied. What `cgaudit.dataset.colours` had to guess for that
    is what `guesses_of` returns.

    Parameters
    ----------
    file
        A path, or the file's bytes.
    max_pixels
        Width × height above which nothing is decoded (a decompression bomb).
    grey_bits
        How many bits 16-bit grey really has; None guesses.
    upright
        Whether to turn it as its EXIF orientation says; else as it is stored.

    Raises
    ------
    UnreadableSample
        With the reason, for anything that does not decode completely.
    """
    with _one_boundary(file, max_pixels), _decoded(file, max_pixels) as (image, deep):
        return as_rgb(_upright(image) if upright else image, grey_bits=grey_bits, deep=deep)


def picture_size(file: Path, max_pixels: int = DEFAULT_MAX_PIXELS) -> tuple[int, int]:
    """Return width and height of a picture, upright, by its first bytes.

    Raises
    ------
    UnreadableSample
        With the reason, where they cannot be told.
    """
    with _one_boundary(file, max_pixels), Image.open(file, formats=FORMATS) as image:
        turned = (_orientation(image) or 1) >= _LIES_DOWN
        return (image.height, image.width) if turned else image.size


@contextmanager
def _one_boundary(file: Path | bytes, max_pixels: int) -> Iterator[None]:
    """Have whatever goes wrong with a picture be an UnreadableSample that says why."""
    try:
        yield
    except UnreadableSample:
        raise
    except UnidentifiedImageError:
        raise UnreadableSample(_why_unidentified(file)) from None
    except Image.DecompressionBombError:
        raise UnreadableSample(f"pixels above the limit of {max_pixels:,} (max_pixels)") from None
    except MemoryError:
        raise UnreadableSample("it takes more memory than there is") from None
    # Pillow's decoders and converters, on bytes that anybody may have written: changing them at
    # random brought up errors of a dozen types, an AttributeError among them, and the next release
    # may raise others. One file must not end an audit; what ours would raise, the tests see.
    except Exception as error:
        raise UnreadableSample(f"damaged image ({_one_line(error)})") from None


def picture_or_none(read: Callable[[], Image.Image]) -> Image.Image | None:
    """Return the picture that `read` returns, or None where it raises UnreadableSample."""
    try:
        return read()
    except UnreadableSample:
        return None


@contextmanager
def _decoded(file: Path | bytes, max_pixels: int) -> Iterator[tuple[Image.Image, bool]]:
    """Give a decoded image, and whether its file has 16 bits a channel of colour."""
    # Of a picture inside the file (an icon's) Pillow alone knows the size.
    Image.MAX_IMAGE_PIXELS = max_pixels
    opened = Image.open(io.BytesIO(file) if isinstance(file, bytes) else file, formats=FORMATS)
    with opened as image:
        _check_size(image, max_pixels)
        if image.format in {"JPEG", "MPO"}:
            _check_scans(file)
        elif image.format == "TIFF":
            _forget_metadata(image)
        deep = any(";16" in str(tile.args) for tile in image.tile)
        image.load()
        _check_size(image, max_pixels)
        yield image, deep


def _check_size(image: Image.Image, max_pixels: int) -> None:
    width, height = image.size
    if width * height > max_pixels:
        raise UnreadableSample(
            f"{width} × {height} pixels, above the limit of {max_pixels:,} (max_pixels)"
        )


def _check_scans(file: Path | bytes) -> None:
    scans = (file if isinstance(file, bytes) else file.read_bytes()).count(_SCAN)
    if scans > _MOST_SCANS:
        raise UnreadableSample(f"a JPEG of {scans:,} scans; {_MOST_SCANS} are decoded at most")


def _forget_metadata(image: Image.Image) -> None:
    """Drop what Pillow would read besides the pixels while it decodes a TIFF."""
    if not isinstance(image.info.get("xmp", b""), bytes):
        del image.info["xmp"]
    exif = image.getexif()
    for tag in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
        if tag in exif:
            del exif[tag]


def _why_unidentified(file: Path | bytes) -> str:
    if is_lfs_pointer(file):
        return LFS_POINTER
    size = len(file) if isinstance(file, bytes) else file.stat().st_size
    return "not an image that can be read" if size else EMPTY


def _one_line(error: Exception) -> str:
    return one_line(error)[:200] or type(error).__name__


def _upright(image: Image.Image) -> Image.Image:
    turn = _TURNS.get(_orientation(image) or 1)
    return image if turn is None else image.transpose(turn)


def _orientation(image: Image.Image) -> int | None:
    """Return how a picture is turned, None where nothing says it."""
    block = image.info.get("exif")
    if isinstance(block, bytes) and (number := _orientation_tag(block.removeprefix(b"Exif\0\0"))):
        return number
    try:
        number = image.getexif().get(ExifTags.Base.Orientation)  # of a TIFF, or in XMP
    except Exception:  # a broken EXIF block says nothing about the pixels
        return None
    return number if isinstance(number, int) else None


def _orientation_tag(exif: bytes) -> int | None:
    """Return the one tag of an EXIF block; what is odd about the others is nothing to it."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return None
    try:
        (start,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, start)
        for at in range(start + 2, start + 2 + 12 * count, 12):
            tag, _, _, number = struct.unpack_from(f"{order}HHIH", exif, at)
            if tag == ExifTags.Base.Orientation:
                return int(number)
    except struct.error:
        pass
    return None
