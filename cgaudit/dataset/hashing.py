"""Content hashes: MD5, because DVC already knows a file by it. Identity, not security."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from cgaudit.reading.files import bytes_md5

_BLOCK = 1 << 20


def file_md5(path: Path) -> str:
    """Return the MD5 of a file's bytes, in hex, as DVC computes it for data files."""
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def row_md5s(rows: np.ndarray) -> Iterator[str]:
    """Yield the MD5 of each row's little-endian C-order bytes, in hex.

    Parameters
    ----------
    rows : (n, d) array of any numeric dtype
        The dtype is part of the content: 1.0 as float32 and as float64 are different bytes.
    """
    little = rows.dtype.newbyteorder("<")
    for row in rows:
        yield bytes_md5(np.ascontiguousarray(row, dtype=little).tobytes())


def canonical_md5(cells: Mapping[str, str | None]) -> str:
    """Return the MD5 of a row's canonical JSON: keys sorted, no spaces, UTF-8."""
    text = json.dumps(cells, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return bytes_md5(text.encode())
