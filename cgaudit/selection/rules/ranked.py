"""The ends of the ranking by complexity-gap score."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cgaudit.selection.candidates import Candidates, Floats, Integers


def highest(candidates: Candidates, count: int, chosen: Sequence[int]) -> Integers:
    """Return the samples of highest `cg_score`, the most irregular.

    What Ki, Choi and Chung (ICLR 2023, section 4.1) keep when they prune clean data. Where labels
    are wrong these are the wrong ones: ruinous, unless they are left out before.

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
    return _first(-candidates.cg_score, count, chosen)


def lowest(candidates: Candidates, count: int, chosen: Sequence[int]) -> Integers:
    """Return the samples of lowest `cg_score`, the most regular; as `highest` otherwise."""
    return _first(candidates.cg_score, count, chosen)


def _first(key: Floats, count: int, chosen: Sequence[int]) -> Integers:
    order = np.argsort(key, kind="stable")
    return order[~np.isin(order, np.asarray(chosen, dtype=np.int64))][:count]
