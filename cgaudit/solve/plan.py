"""What a solve will cost, said before anything is allocated.

The plan depends on the data's size and on the parameters alone, never on what memory happens to be
free or on how fast the machine is: two machines choose the same method.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import torch

from cgaudit.errors import SolveError
from cgaudit.solve import exact, iterative, lowrank
from cgaudit.solve.base import full_precision, resolve_device, resolve_dtype

#: The memory limit where the parameters name none: a laptop's half.
DEFAULT_MEMORY_LIMIT = 8 * 2**30

METHODS = ("auto", "exact", "iterative", "lowrank", "sampled")

#: Up to this many rows `auto` is exact where memory allows: 5e12 flop, a minute on two cores.
EXACT_ROWS = 20_000

#: Size of the low-rank basis where the parameters name none.
LANDMARKS = 2048

#: The iterative solver's basis: this share of the rows, within bounds.
PRECONDITIONER_SHARE = 1 / 12
PRECONDITIONER_BOUNDS = (512, 4096)

_DEVICE_TILES = {"cpu": (exact.TILE, exact.PANEL), "cuda": (1024, 4096)}
_COLUMNS = 256
_SOLVE_STEPS = 15
_ENTRY_STEPS = 5
_CALIBRATION_SIZE = 2048
_CALIBRATION_ROUNDS = 3


@dataclass(frozen=True)
class Problem:
    """What is to be solved.

    Attributes
    ----------
    n, d, n_classes
        Rows, features, classes (or label columns).
    ridge
        λ.
    precision
        ``"float32"`` or ``"float64"``.
    device
        ``"cpu"`` or ``"cuda"``: sets the tiles, not the method.
    landmarks
        m as asked for, None for the method's own.
    draws, ratio
        Of the sampled method.
    """

    n: int
    d: int
    n_classes: int
    ridge: float = 0.1
    precision: str = "float32"
    device: str = "cpu"
    landmarks: int | None = None
    draws: int = 20
    ratio: float = 1.0

    @property
    def itemsize(self) -> int:
        """Bytes of a number."""
        return resolve_dtype(self.precision).itemsize
