"""What every other rule is held against."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cgaudit.selection.candidates import Candidates, Integers


def random(candidates: Candidates, count: int, chosen: Sequence[int]) -> Integers:
    """Return the first samples in the order of their contents, which is a random one.

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
    free = np.setdiff1d(np.arange(len(candidates)), np.asarray(chosen, dtype=np.int64))
    return free[:count]
