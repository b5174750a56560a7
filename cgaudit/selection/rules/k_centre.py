"""Greedy k-centre: no sample is far from the nearest one that is chosen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cgaudit.selection.candidates import DECIMALS, Candidates, Integers


def k_centre(candidates: Candidates, count: int, chosen: Sequence[int]) -> Integers:
    """Return samples by farthest-first traversal, which covers within twice the best radius.

    The next is the one whose nearest chosen sample is farthest away (Gonzalez 1985; as a core set
    Sener and Savarese, "Active learning for convolutional neural networks", ICLR 2018, algorithm
    1), far meaning a small kernel value, ‖φ(x) − φ(x')‖² = 1 − 2 H(x, x'). The first is the one
    nearest to all.

    Parameters
    ----------
    candidates
        n samples.
    count
        How many more to choose.
    chosen
        Numbers of those that are chosen already.

    Returns
    -------
    ndarray of int64, shape (count,)
        In the order in which they are chosen.
    """
    kernel = candidates.kernel
    nearest = kernel[list(chosen)].max(axis=0, initial=-np.inf)
    if not len(chosen):
        nearest = -np.round(kernel.mean(axis=1), DECIMALS)
    nearest[list(chosen)] = np.inf
    order = np.empty(count, dtype=np.int64)
    for at in range(count):
        order[at] = farthest = int(nearest.argmin())
        first = at == 0 and not len(chosen)
        nearest = kernel[farthest].copy() if first else np.maximum(nearest, kernel[farthest])
        nearest[order[: at + 1]] = np.inf
    return order
