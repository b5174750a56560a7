"""The ridge λ that the given labels themselves speak for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from cgaudit.errors import ParamsError
from cgaudit.numerics.contents import Digests, Gathered, Keys, keys_of, row_digests
from cgaudit.score.encode import encode_labels
from cgaudit.score.judging import Judging
from cgaudit.score.scorer import Scorer
from cgaudit.solve import Solving

#: What may be chosen, smallest first. A smaller λ than these makes the given labels more likely on
#: some data, and finds their errors worse on most of it (`benchmarks/defaults.py`).
RIDGES = (0.3, 1.0, 3.0, 10.0)

#: Where there are too few labels to choose by.
DEFAULT_RIDGE = 0.1

#: Rows that the choice is made on: a few factorisations of so few take about a second, and at
#: most 0.015 of average precision was lost to the choice by all rows (`benchmarks/defaults.py`).
SAMPLE_ROWS = 2000


def choose_ridge(
    features: np.ndarray | Gathered,
    labels: Sequence[object] | np.ndarray,
    *,
    seed: int = 0,
    device: str = "auto",
    contents: Digests | None = None,
) -> float:
    """Return the λ of :data:`RIDGES` under which the given labels are most likely, left out.

    Goes downhill from the middle of the grid, in the mean of −log `label_score` on a random sample
    of the rows: the leave-one-out (pseudo-)likelihood, as Rasmussen & Williams 2006, section 5.4.2,
    choose hyperparameters. That of least squares, whatever the scores are made with: its
    predictions never saw the label, while those of the softmax see a little of it, and the more the
    smaller λ is.

    Parameters
    ----------
    features : ndarray, shape (n, d)
    labels : sequence, shape (n,)
        One label a sample, as `cgaudit.score_labels` takes them.
    seed
        Of the sample.
    device
        Where to compute.
    contents : ndarray of uint64, shape (n, 2)
        Digests of what the samples hold, by which the sample is drawn; those of the features' bytes
        where None.

    Raises
    ------
    LabelsError
        Fewer than two classes.
    """
    encoded = encode_labels(labels)
    keys = keys_of(row_digests(features) if contents is None else contents, seed)
    rows = _sample(encoded.codes, keys)
    codes = encoded.codes[rows]
    if len(np.unique(codes)) < 2:
        return DEFAULT_RIDGE
    part = np.asarray(features[rows])

    @cache
    def surprise(at: int) -> float:
        scorer = Scorer(part, Solving(ridge=RIDGES[at], device=device))
        found = scorer.score(codes, Judging(likelihood="gaussian")).label_score
        return float(-np.log(np.maximum(found, np.finfo(np.float32).tiny)).mean())

    best = len(RIDGES) // 2
    while True:
        beside = range(max(0, best - 1), min(len(RIDGES), best + 2))
        lower = min(beside, key=surprise)
        if lower == best:
            return RIDGES[best]
        best = lower


def is_far(ridge: float, best: float) -> bool:
    """Tell whether a λ is so far from the best one of :data:`RIDGES` that moving would pay.

    Neighbours on the grid, a factor of about three apart, differ by less than the choice moves from
    one sample of rows to another.
    """
    return ridge <= 0 or abs(np.log10(ridge / best)) > 0.75


def ridge_note(ridge: float) -> str | None:
    """Return what to know of a chosen λ: that the best one may lie above all that are tried."""
    if ridge == RIDGES[-1]:
        return (
            f"λ = {ridge:g} is the largest that is tried: the features say so little of the labels "
            "that a still larger one may be better. Few of the flags may be right."
        )
    return None


def settled(
    solving: Solving,
    features: np.ndarray | Gathered,
    labels: Sequence[object] | np.ndarray,
    task: str,
    contents: Digests,
) -> Solving:
    """Return the options with a number for λ, chosen by the labels where they say ``"auto"``.

    Raises
    ------
    ParamsError
        λ is another word, or the task is not classification.
    """
    if not isinstance(solving.ridge, str):
        return solving
    if solving.ridge != "auto" or task != "classification":
        raise ParamsError(
            f"ridge is {solving.ridge!r} and task {task!r}. Set a number of at least 0, or, for "
            "classification, 'auto'."
        )
    ridge = choose_ridge(
        features, labels, seed=solving.seed, device=solving.device, contents=contents
    )
    return replace(solving, ridge=ridge)


def _sample(codes: np.ndarray, keys: Keys) -> np.ndarray:
    """Return rows with a label that some other row of the sample has too, int64, in order."""
    labelled = np.flatnonzero(codes >= 0)
    chosen = labelled[np.argsort(keys[labelled], kind="stable")][:SAMPLE_ROWS]
    found, counts = np.unique(codes[chosen], return_counts=True)
    rows: np.ndarray = np.sort(chosen[np.isin(codes[chosen], found[counts > 1])])
    return rows
