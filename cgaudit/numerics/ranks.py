"""How far two orders of the same samples agree."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

#: Of fewer pairs nothing is said.
FEWEST = 10


def rank_correlation(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float | None:
    """Return Spearman's rank correlation, ties at their mean rank (Spearman, 1904).

    Parameters
    ----------
    a, b : ndarray of float64, shape (n,)
        Pairs of which one is NaN do not count.

    Returns
    -------
    float or None
        −1 to 1; None of fewer than `FEWEST` pairs, or where one side is the same throughout.
    """
    known = np.isfinite(a) & np.isfinite(b)
    if known.sum() < FEWEST:
        return None
    left, right = (_ranks(side[known]) for side in (a, b))
    left, right = left - left.mean(), right - right.mean()
    scale = np.sqrt((left @ left) * (right @ right))
    return float(left @ right / scale) if scale > 0 else None


def _ranks(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the rank of each value from 1, equal ones at the mean of theirs: float64, (n,)."""
    _, of, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: npt.NDArray[np.float64] = (last - (counts - 1) / 2)[of]
    return ranks
