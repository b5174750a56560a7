"""Folders of pictures: bytes, metadata, modes and names of all kinds, none of which is lost."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from damage import damaged, odd_files
from drawn import greys
from fuzzing import Input, Target
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from PIL import Image, TiffImagePlugin
from rawfiles import Entry, TiffMode, deep_png, entry, ifd, tiff, with_exif
from sandbox import Content, Odd, Ran, Sandbox, Verb

_AUDIT = Verb(("audit", "data", "--out", "../out/audit", "--json"), ("out/audit",))
_MODES = {
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "TIFF": ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "F", "I"),
    "JPEG": ("L", "RGB", "CMYK"),
    "WEBP": ("RGB", "RGBA"),
    "GIF": ("P", "L"),
    "BMP": ("1", "L", "P", "RGB"),
    "TGA": ("L", "LA", "P", "RGB", "RGBA"),
    "ICO": ("RGBA",),
    "PPM": ("1", "L", "RGB", "I"),
    "SGI": ("L", "RGB", "RGBA"),
    "PCX": ("1", "L", "P", "RGB"),
}
_COMPRESSIONS = ("raw", "tiff_lzw", "tiff_deflate", "packbits", "zstd", "webp", "lzma")
_ODD_NAMES = (
    *("plain", "two\nlines", "tab\t", "\x1b[31m", "\u202egnp", "a" * 250, "é" * 120, "<b>&'\""),
    *("\udcff\udcfe", "back\\slash", " ", "..a", "=1+1", "::error::x", "x.csv", "-rf", "%s{0}"),
)
_SUFFIXES = (".png", ".jpg", ".TIF", ".gif", ".webp", ".ico", ".tga", ".txt", "")


def _in_mode(mode: str) -> Image.Image:
    grey = greys("checks", 1, (12, 9))
    if mode == "I;16":
        return Image.fromarray(grey.astype(np.uint16) * 16)
    if mode == "F":
        return Image.fromarray(grey.astype(np.float32) / 300)
    if mode == "I":
        return Image.fromarray(grey.astype(np.int32) * 200)
    return Image.fromarray(np.dstack([grey] * 3)).convert(mode)


def _valid() -> Iterator[bytes]:
    for kind, modes in _MODES.items():
        for mode in modes:
            for options in [{}, *({"compression": it} for it in _COMPRESSIONS if kind == "TIFF")]:
                buffer = io.BytesIO()
                try:
                    _in_mode(mode).save(buffer, kind, **options)
                except (OSError, ValueError, RuntimeError):
                    continue  # not every mode goes with every compression
                yield buffer.getvalue()
    frames = [_in_mode("RGB"), _in_mode("L").convert("RGB")]
    for kind in ("GIF", "PNG", "WEBP", "TIFF", "MPO"):
        buffer = io.BytesIO()
        frames[0].save(buffer, kind, save_all=True, append_images=frames[1:])
        yield buffer.getvalue()
    yield deep_png(np.arange(108).reshape(6, 6, 3))


def _entries() -> SearchStrategy[list[Entry]]:
    tags = st.sampled_from((256, 271, 274, 282, 305, 306, 513, 700, 34665, 34853, 37500, 40965))
    counts = st.sampled_from((0, 1, 2, 9, 0xFFFF, 0xFFFFFFFF))
    odd = st.builds(Entry, tags, st.integers(0, 17), counts, st.binary(max_size=24))
    upright = st.integers(0, 9).map(lambda number: entry(274, number))
    return st.lists(st.one_of(odd, upright), max_size=6)


@st.composite
def _tiffs(draw: st.DrawFn) -> bytes:
    mode = TiffMode(*draw(st.sampled_from(list(TiffImagePlugin.OPEN_INFO))))
    width, height = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    row = (width * sum(mode.bits) + 7) // 8
    return tiff(mode, (width, height), draw(st.binary(min_size=1, max_size=row * height)))


def contents() -> SearchStrategy[bytes]:
    """Return the bytes of pictures, good, damaged, forged and none."""
    valid = list(_valid())
    exif = st.builds(
        lambda kind, entries: with_exif(_in_mode("RGB"), kind, ifd(entries)),
        st.sampled_from(("JPEG", "PNG", "WEBP")),
        _entries(),
    )
    hurt = st.sampled_from(valid).flatmap(damaged)
    return st.one_of(st.sampled_from(valid), hurt, hurt, exif, _tiffs(), st.binary(max_size=60))


def _succeeded(_sandbox: Sandbox, ran: Ran) -> str | None:
    return None if ran.code == 0 else f"the audit ended with {ran.code}"


def _seen(files: dict[str, Content]) -> int:
    """Return how many files an audit has to account for: what is hidden is said, and no sample."""
    return sum(
        it not in {Odd.ABSENT, Odd.FOLDER} and not Path(name).name.startswith(".")
        for name, it in files.items()
    )


def inputs(_repo: Path) -> SearchStrategy[Input]:
    """Return folders of twelve good pictures and some that are anything."""
    good: dict[str, Content] = {}
    for number in range(12):
        buffer = io.BytesIO()
        kind = ("columns", "stripes")[number % 2]
        Image.fromarray(greys(kind, number, (12, 12))).save(buffer, "PNG")
        good[f"data/{kind}/{number:02}.png"] = buffer.getvalue()
    names = st.builds(
        lambda folder, stem, suffix: f"data/{folder}/{stem}{suffix}",
        st.sampled_from(("columns", "stripes", "o\ndd")),
        st.sampled_from(_ODD_NAMES),
        st.sampled_from(_SUFFIXES),
    )
    others = st.dictionaries(names, st.one_of(*[contents()] * 8, odd_files), min_size=1, max_size=6)

    def laid(odd: dict[str, Content]) -> Input:
        # A good picture keeps its place: it is what there is to score.
        files = {**odd, **good}
        return Input(_AUDIT, files, judge=_succeeded, rows=_seen(files))

    return others.map(laid)


TARGETS = [Target("pictures", "bare", inputs)]
