"""Picture files written byte by byte: what Pillow would not write."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

SHORT, LONG, SHORTS = 3, 4, "H"
STRIP_OFFSETS = 273


class Entry(NamedTuple):
    """A tag of an IFD: its number, type and count as written, and its bytes."""

    tag: int
    type: int
    count: int
    data: bytes


def entry(tag: int, *values: int, order: str = "<") -> Entry:
    """Return a well-formed tag of whole numbers."""
    wide = max(values, default=0) > 0xFFFF
    form = "I" if wide else "H"
    data = struct.pack(f"{order}{len(values)}{form}", *values)
    return Entry(tag, LONG if wide else SHORT, len(values), data)


def ifd(entries: Sequence[Entry], order: str = "<", pixels: bytes = b"") -> bytes:
    """Return a TIFF of one directory, as EXIF is too, and its `pixels`."""
    entries = sorted(entries)
    base = 8 + 2 + 12 * (len(entries) + bool(pixels)) + 4
    far = b"".join(it.data for it in entries if len(it.data) > 4)
    if pixels:
        place = struct.pack(f"{order}I", base + len(far))
        entries = sorted([*entries, Entry(STRIP_OFFSETS, LONG, 1, place)])
    head = b"II" if order == "<" else b"MM"
    out = head + struct.pack(f"{order}HIH", 42, 8, len(entries))
    placed = 0
    for it in entries:
        out += struct.pack(f"{order}HHI", it.tag, it.type, it.count)
        if len(it.data) > 4:
            out += struct.pack(f"{order}I", base + placed)
            placed += len(it.data)
        else:
            out += it.data.ljust(4, b"\0")
    return out + bytes(4) + far + pixels


class TiffMode(NamedTuple):
    """One of the ways in which a TIFF may hold its pixels (see `PIL.TiffImagePlugin.OPEN_INFO`)."""

    order: bytes
    photometric: int
    formats: tuple[int, ...]
    fill: int
    bits: tuple[int, ...]
    extra: tuple[int, ...]


def tiff(mode: TiffMode, size: tuple[int, int], pixels: bytes) -> bytes:
    """Return an uncompressed TIFF of that mode."""
    order = "<" if mode.order == b"II" else ">"
    width, height = size
    tags = {
        256: (width,),
        257: (height,),
        258: mode.bits,
        259: (1,),
        262: (mode.photometric,),
        266: (mode.fill,),
        277: (len(mode.bits),),
        278: (height,),
        279: (len(pixels),),
        338: mode.extra,
        339: mode.formats * len(mode.bits) if mode.formats != (1,) else (),
        320: tuple(range(0, 65_536, 65_536 >> mode.bits[0])) * 3 if mode.photometric == 3 else (),
    }
    entries = [entry(tag, *values, order=order) for tag, values in tags.items() if values]
    return ifd(entries, order, pixels)


def with_exif(image: Image.Image, kind: str, exif: bytes) -> bytes:
    """Return the picture as JPEG, PNG or WebP with this for its EXIF."""
    buffer = io.BytesIO()
    if kind != "JPEG":
        image.save(buffer, kind, exif=b"Exif\0\0" + exif, lossless=True)
        return buffer.getvalue()
    image.save(buffer, kind, quality=95)
    data, block = buffer.getvalue(), b"Exif\0\0" + exif
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + data[2:]


def png(chunks: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return a PNG of these chunks."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def deep_png(pixels: np.ndarray) -> bytes:
    """Return a PNG of 16 bits a channel: (height, width, 3) whole numbers."""
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    return png([(b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")])
