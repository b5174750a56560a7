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


def chance_agreement(
    given: npt.NDArray[np.integer], said: npt.NDArray[np.integer]
) -> tuple[float, float]:
    """Return how often two lists of classes agree by chance: mean and standard deviation.

    Over all orders of one of them: with g_c and s_c the counts of class c, the mean is
    Σ g_c s_c / n, and each pair of counts is hypergeometric (Mielke and Berry, "Permutation
    methods", 2007, section 3.2; the mean is that of Cohen's kappa).

    Parameters
    ----------
    given, said
        (K,): how often each class is in the one list and in the other.

    Returns
    -------
    mean, deviation
        0 and 0 for lists of fewer than two.
    """
    n = int(given.sum())
    if n < 2:
        return 0.0, 0.0
    g, s = given.astype(np.float64), said.astype(np.float64)
    pairs = g * s
    alone = (pairs * (n - g) * (n - s)).sum()
    together = pairs.sum() ** 2 - (pairs**2).sum()
    variance = (alone + together) / (float(n) ** 2 * (n - 1.0))
    return float(pairs.sum() / n), float(np.sqrt(variance))
