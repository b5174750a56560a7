"""How far beyond the usual a sample is, and the score between 0 and 1 that says so."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cgaudit.numerics.rounding import significant

_DIGITS = 4


def as_score(beyond: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Return the outlier_score: 1 / (2 + 2v) for v ≥ 0, 1 − 1 / (2 − 2v) for v < 0.

    Parameters
    ----------
    beyond
        (n,): v, the interquartile ranges that each sample lies beyond the upper quartile.

    Returns
    -------
    ndarray of float32, shape (n,)
        In (0, 1), low for what is far; 1/2 at the upper quartile.
    """
    half = 1 / (2 + 2 * np.abs(beyond))
    return significant(np.where(beyond > 0, half, 1 - half), _DIGITS).astype(np.float32)


def beyond_usual(score: float) -> float:
    """Return the interquartile ranges beyond the upper quartile that an outlier_score stands for.

    Parameters
    ----------
    score
        Above 0.
    """
    return 1 / (2 * score) - 1 if score < 0.5 else 1 - 1 / (2 * (1 - score))
