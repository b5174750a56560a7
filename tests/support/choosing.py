"""Candidates to choose among: clouds of points, one a class."""

from __future__ import annotations

import numpy as np

from cgaudit.selection import Candidates


def candidates(
    n: int = 120, classes: int = 3, *, flagged: float = 0.0, seed: int = 0
) -> Candidates:
    rng = np.random.default_rng(seed)
    codes = np.sort(rng.integers(0, classes, n))
    centres = rng.normal(0, 2, (classes, 8))
    return Candidates(
        (centres[codes] + rng.normal(0, 1, (n, 8))).astype(np.float32),
        codes.astype(np.int64),
        rng.gamma(1.0, 1.0, n),
        rng.random(n) < flagged,
        np.zeros(n, dtype=bool),
        [f"content {seed} {i}" for i in range(n)],
    )


def joined(*parts: Candidates) -> Candidates:
    """Return the samples of all parts, in their order."""
    return Candidates(
        np.concatenate([part.features for part in parts]),
        np.concatenate([part.codes for part in parts]),
        np.concatenate([part.cg_score for part in parts]),
        np.concatenate([part.flagged for part in parts]),
        np.concatenate([part.settled for part in parts]),
        [content for part in parts for content in part.contents],
    )
