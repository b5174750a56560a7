"""Pictures of three kinds that patches can tell apart, and folders of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

KINDS = ("checks", "columns", "stripes")


def greys(kind: str, seed: int, size: tuple[int, int] = (32, 32)) -> np.ndarray:
    """Return a pattern of that kind in 0 … 255: uint8 of (height, width)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: size[1], : size[0]]
    period, phase = rng.integers(3, 6), rng.integers(0, 6)
    rows, columns = ((y + phase) // period) % 2, ((x + phase) // period) % 2
    pattern = {"stripes": rows, "columns": columns, "checks": (rows + columns) % 2}[kind]
    low, high = rng.integers(20, 80), rng.integers(170, 240)
    noise = rng.normal(0, 8, pattern.shape)
    return np.clip(low + (high - low) * pattern + noise, 0, 255).astype(np.uint8)


def names(each: int, start: int = 0) -> Iterator[tuple[str, int]]:
    """Yield the kind and a number of its own for `each` pictures of each kind."""
    for number in range(each * len(KINDS)):
        yield KINDS[number % len(KINDS)], start + number


def folders(
    root: Path,
    each: int = 8,
    start: int = 0,
    draw: Callable[[np.ndarray], np.ndarray] = lambda grey: grey,
) -> Sequence[Path]:
    """Write pictures into a folder per kind, as `draw` makes them of their greys."""
    files = []
    for kind, number in names(each, start):
        file = root / kind / f"{number:04}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw(greys(kind, number))).save(file)
        files.append(file)
    return files
