"""How many samples each class gives."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]


def in_proportion(sizes: Integers, total: int) -> Integers:
    """Return a share of each group, in proportion to its size, that sum to `total`.

    By largest remainder; no group that has samples is left without one while there are as many
    places as groups.

    Parameters
    ----------
    sizes : ndarray of int64, shape (k,)
    total
        At most the sum of the sizes.
    """
    if not sizes.sum():
        return np.zeros_like(sizes)
    exact = sizes * (total / sizes.sum())
    least = (sizes > 0).astype(np.int64) if total >= np.count_nonzero(sizes) else 0
    quota: Integers = np.maximum(np.floor(exact).astype(np.int64), least)
    missing = total - int(quota.sum())
    while missing:
        step = 1 if missing > 0 else -1
        open_to = quota < sizes if step > 0 else quota > least
        behind = np.where(open_to, step * (exact - quota), -np.inf)
        quota[int(behind.argmax())] += step
        missing -= step
    return quota


def filled_evenly(sizes: Integers, total: int) -> Integers:
    """Return as many of each group as of the others; small groups give all they have.

    Parameters
    ----------
    sizes : ndarray of int64, shape (k,)
    total
        At most the sum of the sizes.
    """
    quota = np.zeros_like(sizes)
    left = total
    order = np.argsort(sizes, kind="stable")
    for at, group in enumerate(order):
        quota[group] = min(int(sizes[group]), left // (len(order) - at))
        left -= int(quota[group])
    return quota
