"""Coverage of the range of scores: easy and hard samples alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cgaudit.selection.candidates import Candidates, Integers
from cgaudit.selection.quota import filled_evenly

#: Ranges of score, all of one width; as many as Zheng et al. take.
BINS = 50


def coverage(candidates: Candidates, count: int, chosen: Sequence[int]) -> Integers:
    """Return as many samples of each range of `cg_score` as there are, in a random order.

    Coverage-centric core-set selection (Zheng, Liu, Lai, Prakash, "Coverage-centric coreset
    selection for high pruning rates", ICLR 2023, algorithm 1): the range of scores is cut into bins
    of one width, and the bins share the budget evenly, those with fewer samples giving what they
    have. Its first step, leaving out the hardest, is what leaving out the flagged is here.

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
    score = candidates.cg_score
    edges = np.linspace(score.min(), score.max(), BINS + 1)[1:-1]
    bins = np.searchsorted(edges, score, side="right")
    taken = np.zeros(len(candidates), dtype=bool)
    taken[list(chosen)] = True
    budgets = filled_evenly(np.bincount(bins, minlength=BINS), count + len(chosen))
    lacks = np.maximum(0, budgets - np.bincount(bins[taken], minlength=BINS))
    free = np.flatnonzero(~taken)
    place = _place_in_bin(bins[free])
    # Where earlier choices overfill a bin, others get less; what is beyond all budgets comes last.
    order = np.argsort(place >= lacks[bins[free]], kind="stable")
    return free[order][:count]


def _place_in_bin(bins: Integers) -> Integers:
    """Return how many samples before each are in its bin: int64, shape (n,)."""
    order = np.argsort(bins, kind="stable")
    starts = np.searchsorted(bins[order], np.arange(BINS))
    place = np.empty(len(bins), dtype=np.int64)
    place[order] = np.arange(len(bins)) - starts[bins[order]]
    return place
