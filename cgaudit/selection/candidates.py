"""What may be chosen, and what the rules know of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from cgaudit.numerics.drawn import drawn
from cgaudit.numerics.kernel import kernel_tile, unit_rows

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: Kernel values closer than this are equal but for rounding; the content then decides.
DECIMALS = 10


@dataclass(frozen=True)
class Candidates:
    """Samples to choose among.

    Attributes
    ----------
    features : ndarray of float, shape (n, d)
    codes : ndarray of int64, shape (n,)
        Class numbers.
    cg_score : ndarray of float64, shape (n,)
        NaN where there is no label.
    flagged : ndarray of bool, shape (n,)
        Whose label looks wrong.
    settled : ndarray of bool, shape (n,)
        Whose label a person let stand: never flagged, whatever is computed anew.
    contents : sequence of str, length n
        What tells a sample from another, whatever else there is: its content hash.
    known_kernel : ndarray of float64, shape (n, n), or None
        H of each with each other, where it is there already.
    """

    features: npt.NDArray[np.floating]
    codes: Integers
    cg_score: Floats
    flagged: Bools
    settled: Bools
    contents: Sequence[str]
    known_kernel: Floats | None = None

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: Integers) -> Candidates:
        """Return some of them, in the order of their numbers."""
        return Candidates(
            self.features[rows],
            self.codes[rows],
            self.cg_score[rows],
            self.flagged[rows],
            self.settled[rows],
            [self.contents[row] for row in rows],
            None if self.known_kernel is None else self.known_kernel[np.ix_(rows, rows)],
        )

    def draw(self, seed: int) -> Floats:
        """Return a number of [0, 1) for each, drawn by its content: shape (n,).

        Other samples have no say in it, so that what is drawn stays drawn when samples come and go.
        """
        return np.array([drawn(content, seed) for content in self.contents], dtype=np.float64)

    @property
    def kernel(self) -> Floats:
        """H of each with each other, rounded so that every machine has the same: (n, n)."""
        if self.known_kernel is not None:
            return self.known_kernel
        rows = unit_rows(torch.from_numpy(np.asarray(self.features)), torch.float64)
        return np.round(kernel_tile(rows, rows).numpy(), DECIMALS)
