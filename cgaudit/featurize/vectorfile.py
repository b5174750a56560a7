"""The file that vectors are written to, of which not all rows may come to be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cgaudit.files import reserve

_COPY_ROWS = 4096


class VectorFile:
    """A memory-mapped ``.npy`` of `count` vectors, whose width the first of them tells."""

    def __init__(self, path: Path, count: int) -> None:
        self._path = path
        self._count = count
        self._rows: np.memmap[Any, Any] | None = None

    def write(self, rows: Sequence[int], vectors: np.ndarray | None) -> None:
        """Write vectors, float32 (b, d), to these rows; None is none."""
        if vectors is None:
            return
        if self._rows is None:
            self._rows = self._new(self._path, self._count, vectors.shape[1])
        self._rows[rows] = vectors

    def finish(self, rows: np.ndarray) -> int:
        """Keep these rows only, and return the width."""
        if self._rows is None:
            raise RuntimeError("no vector was written")
        width = int(self._rows.shape[1])
        if len(rows) < self._count:
            kept_path = self._path.with_suffix(".kept")
            kept = self._new(kept_path, len(rows), width)
            for start in range(0, len(rows), _COPY_ROWS):
                part = slice(start, start + _COPY_ROWS)
                kept[part] = self._rows[rows[part]]
            kept.flush()
            kept_path.replace(self._path)
        else:
            self._rows.flush()
        self._rows = None
        return width

    @staticmethod
    def _new(path: Path, count: int, width: int) -> np.memmap[Any, Any]:
        rows = np.lib.format.open_memmap(path, "w+", np.float32, (count, width))
        reserve(path)
        return rows
