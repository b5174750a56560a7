"""The ridge λ that the given labels themselves speak for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from cgaudit.errors import ParamsError
from cgaudit.numerics.contents import Digests, Gathered, Keys, row_keys
from cgaudit.score.encode import encode_labels
from cgaudit.score.judging import Judging
from cgaudit.score.multilabel import label_sets
from cgaudit.score.regress import real_labels
from cgaudit.score.scorer import Scorer
from cgaudit.solve import Solving

#: What may be chosen, smallest first. A smaller λ than these makes the given labels more likely on
#: some data, and finds their errors worse on most of it (`benchmarks/defaults.py`).
RIDGES = (0.3, 1.0, 3.0, 10.0)

#: The same for real-valued labels.
RIDGES_OF_NUMBERS = (0.1, *RIDGES)

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
    keys = row_keys(features, seed, contents)
    rows = _sample(encoded.codes, keys)
    codes = encoded.codes[rows]
    if len(np.unique(codes)) < 2:
        return DEFAULT_RIDGE
    part = np.asarray(features[rows])

    def surprise(ridge: float) -> float:
        scorer = Scorer(part, Solving(ridge=ridge, device=device))
        return _surprise(scorer.score(codes, Judging(likelihood="gaussian")).label_score)

    return _downhill(RIDGES, surprise)


def choose_ridge_of_numbers(
    features: np.ndarray | Gathered,
    labels: Sequence[object] | np.ndarray,
    *,
    seed: int = 0,
    device: str = "auto",
    contents: Digests | None = None,
) -> float:
    """Return the λ of :data:`RIDGES_OF_NUMBERS` with the smallest leave-one-out residuals.

    In their median, on a random sample of the rows: what is wrong by far does not choose.

    Parameters
    ----------
    features, labels, seed, device, contents
        As for `choose_ridge`; labels as ``task="regression"`` takes them.

    Raises
    ------
    LabelsError
        A label is no number, or fewer than two values differ.
    """
    values = real_labels(labels)
    labelled = np.flatnonzero(~np.isnan(values))
    rows = labelled[_drawn(features, seed, contents, labelled)]
    part, own = np.asarray(features[rows]), values[rows]
    if len(np.unique(own)) < 2:
        return DEFAULT_RIDGE

    def surprise(ridge: float) -> float:
        scorer = Scorer(part, Solving(ridge=ridge, device=device))
        predicted = scorer.score(own, Judging(task="regression")).predicted_label
        return float(np.median(np.abs(own - predicted)))

    return _downhill(RIDGES_OF_NUMBERS, surprise)


def choose_ridge_of_sets(
    features: np.ndarray | Gathered,
    labels: Sequence[object] | np.ndarray,
    *,
    seed: int = 0,
    device: str = "auto",
    contents: Digests | None = None,
) -> float:
    """Return the λ of :data:`RIDGES` under which the presence of every label is most likely.

    As `choose_ridge`, over all labels of all samples; labels as ``task="multilabel"`` takes them.

    Raises
    ------
    LabelsError
        As `cgaudit.score_labels`.
    """
    sets = label_sets(labels)  # type: ignore[arg-type]
    labelled = np.flatnonzero(sets.labelled)
    rows = labelled[_drawn(features, seed, contents, labelled)]
    part, present = np.asarray(features[rows]), sets.present[rows]
    told = (present.any(axis=0)) & ~(present.all(axis=0))
    if not told.any():
        return DEFAULT_RIDGE
    own = present[:, told].astype(np.int8)

    def surprise(ridge: float) -> float:
        scorer = Scorer(part, Solving(ridge=ridge, device=device))
        found = scorer.score(own, Judging(task="multilabel")).per_label
        assert found is not None, "the task has figures per label"
        return _surprise(found.label_score)

    return _downhill(RIDGES, surprise)


def _drawn(
    features: np.ndarray | Gathered, seed: int, contents: Digests | None, among: np.ndarray
) -> np.ndarray:
    """Return which of some rows the choice is made on: int64, in order, chosen by their content."""
    keys = row_keys(features, seed, contents)
    found: np.ndarray = np.sort(np.argsort(keys[among], kind="stable")[:SAMPLE_ROWS])
    return found


def _surprise(probability: np.ndarray) -> float:
    """Return the mean of −log of probabilities."""
    return float(-np.log(np.maximum(probability, np.finfo(np.float32).tiny)).mean())


def _downhill(ridges: Sequence[float], surprise: Callable[[float], float]) -> float:
    """Return the λ of a grid from which no neighbour is better, starting in the middle."""
    known = cache(surprise)
    best = len(ridges) // 2
    while True:
        beside = range(max(0, best - 1), min(len(ridges), best + 2))
        lower = min(beside, key=lambda at: known(ridges[at]))
        if lower == best:
            return ridges[best]
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
        λ is another word.
    """
    if not isinstance(solving.ridge, str):
        return solving
    if solving.ridge != "auto":
        raise ParamsError(f"ridge is {solving.ridge!r}. Set a number of at least 0, or 'auto'.")
    choose = {"regression": choose_ridge_of_numbers, "multilabel": choose_ridge_of_sets}
    chosen = choose.get(task, choose_ridge)
    ridge = chosen(features, labels, seed=solving.seed, device=solving.device, contents=contents)
    return replace(solving, ridge=ridge)


def _sample(codes: np.ndarray, keys: Keys) -> np.ndarray:
    """Return rows with a label that some other row of the sample has too, int64, in order."""
    labelled = np.flatnonzero(codes >= 0)
    chosen = labelled[np.argsort(keys[labelled], kind="stable")][:SAMPLE_ROWS]
    found, counts = np.unique(codes[chosen], return_counts=True)
    rows: np.ndarray = np.sort(chosen[np.isin(codes[chosen], found[counts > 1])])
    return rows
