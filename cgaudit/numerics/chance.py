"""What chance alone would bring."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def discoveries(probability: npt.NDArray[np.floating], false_rate: float) -> npt.NDArray[np.bool_]:
    """Return which of many probabilities are too small for chance.

    The step-up procedure of Benjamini and Hochberg ("Controlling the false discovery rate", 1995):
    as many as may be taken while at most `false_rate` of them are expected to be there by chance.

    Parameters
    ----------
    probability
        (n,): of a value at least as extreme, were there nothing to discover.
    false_rate
        The part of the discoveries that may be false.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    ordered = np.sort(probability)
    allowed = false_rate * np.arange(1, len(ordered) + 1) / len(ordered)
    below = np.flatnonzero(ordered <= allowed)
    limit = ordered[below[-1]] if len(below) else -1.0
    found: npt.NDArray[np.bool_] = probability <= limit
    return found
