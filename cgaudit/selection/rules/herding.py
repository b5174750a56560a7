"""Herding: the mean of what is chosen follows the mean of all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cgaudit.selection.candidates import DECIMALS, Candidates, Integers


def herding(candidates: Candidates, count: int, chosen: Sequence[int]) -> Integers:
    """Return samples whose mean in the kernel's space is as near as may be to that of all.

    Greedily x_{t+1} = argmax_x mean_j H(x, x_j) − Σ_{s ≤ t} H(x, x_s) / (t + 1) (Chen, Welling,
    Smola, "Super-samples from kernel herding", UAI 2010, eq. 8), without taking one twice.

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
    target = kernel.mean(axis=1)
    total = kernel[list(chosen)].sum(axis=0)
    taken = np.zeros(len(candidates), dtype=bool)
    taken[list(chosen)] = True
    order = np.empty(count, dtype=np.int64)
    for at in range(count):
        gain = np.round(target - total / (len(chosen) + at + 1), DECIMALS)
        gain[taken] = -np.inf
        order[at] = best = int(gain.argmax())
        taken[best] = True
        total += kernel[best]
    return order
