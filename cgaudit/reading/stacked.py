"""Matrices that lie one below the other in several files, read as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


class StackedRows:
    """Rows of several matrices, in memory only when they are asked for.

    Parameters
    ----------
    parts
        At least one, (m_i, d) of one dtype, as a rule mapped from files.

    Raises
    ------
    ValueError
        They differ in width or dtype, or are no matrices.
    """

    ndim = 2

    def __init__(self, parts: Sequence[np.ndarray]) -> None:
        if any(part.ndim != 2 for part in parts):
            raise ValueError("they are no matrices")
        if len({(part.shape[1], part.dtype) for part in parts}) != 1:
            raise ValueError("they differ in width or dtype")
        self.parts = tuple(parts)
        self._starts = np.cumsum([0, *(len(part) for part in parts)])

    @property
    def shape(self) -> tuple[int, int]:
        """(m, d)."""
        return (int(self._starts[-1]), self.parts[0].shape[1])

    @property
    def dtype(self) -> np.dtype[Any]:
        """That of the parts."""
        return self.parts[0].dtype

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getitem__(self, rows: slice | np.ndarray) -> np.ndarray:
        """Return the rows of a slice, or of an index of numbers ≥ 0: (b, d), in memory."""
        wanted = np.arange(len(self))[rows] if isinstance(rows, slice) else np.asarray(rows)
        found = np.empty((len(wanted), self.shape[1]), dtype=self.dtype)
        part = np.searchsorted(self._starts, wanted, side="right") - 1
        for number in np.unique(part):
            mine = np.flatnonzero(part == number)
            found[mine] = self.parts[number][wanted[mine] - self._starts[number]]
        return found
