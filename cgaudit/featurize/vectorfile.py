"""The files that vectors are written to, of which not all rows may come to be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cgaudit.files import reserve, save_array

_COPY_ROWS = 4096


class VectorFiles:
    """Memory-mapped ``.npy`` files of vectors, whose width the first of them tells.

    Parameters
    ----------
    paths
        Of p files.
    starts
        The first row of each, and how many rows there are in all: p + 1 numbers.
    """

    def __init__(self, paths: Sequence[Path], starts: Sequence[int]) -> None:
        self._paths = paths
        self._starts = np.asarray(starts)
        self._files: list[np.ndarray] = []

    def write(self, rows: Sequence[int], vectors: np.ndarray | None) -> None:
        """Write vectors, float32 (b, d), to these rows; None is none."""
        if vectors is None:
            return
        if not self._files:
            counts = np.diff(self._starts).tolist()
            width = vectors.shape[1]
            self._files = [_new(*it, width) for it in zip(self._paths, counts, strict=True)]
        wanted = np.asarray(rows, dtype=np.int64)
        for file, start, _, mine in self._parted(wanted):
            file[wanted[mine] - start] = vectors[mine]

    def finish(self, rows: np.ndarray) -> int:
        """Keep these rows only, which ascend, and return the width."""
        if not self._files:
            raise RuntimeError("no vector was written")
        width = int(self._files[0].shape[1])
        for file, start, path, mine in self._parted(rows):
            if len(rows[mine]) < len(file):
                _keep(file, rows[mine] - start, path)
            elif isinstance(file, np.memmap):
                file.flush()
        self._files = []
        return width

    def _parted(self, rows: np.ndarray) -> list[tuple[np.ndarray, int, Path, np.ndarray]]:
        """Return each file, its first row, its path, and which of the rows are in it."""
        part = np.searchsorted(self._starts[1:], rows, side="right")
        order = np.argsort(part, kind="stable")
        borders = np.searchsorted(part[order], np.arange(len(self._paths) + 1))
        return [
            (file, int(self._starts[at]), self._paths[at], order[borders[at] : borders[at + 1]])
            for at, file in enumerate(self._files)
        ]


def _keep(file: np.ndarray, rows: np.ndarray, path: Path) -> None:
    """Write some rows of a file in its place."""
    kept_path = path.with_suffix(".kept")
    kept = _new(kept_path, len(rows), file.shape[1])
    for start in range(0, len(rows), _COPY_ROWS):
        part = slice(start, start + _COPY_ROWS)
        kept[part] = file[rows[part]]
    if isinstance(kept, np.memmap):
        kept.flush()
    kept_path.replace(path)


def _new(path: Path, count: int, width: int) -> np.ndarray:
    if not count:
        # Nothing can be mapped of it.
        none = np.empty((0, width), dtype=np.float32)
        save_array(none, path)
        return none
    rows: np.memmap[Any, Any] = np.lib.format.open_memmap(path, "w+", np.float32, (count, width))
    reserve(path)
    return rows
