"""The ridge λ that the given labels themselves speak for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cgaudit.errors import ParamsError
from cgaudit.score.encode import encode_labels
from cgaudit.score.scorer import Scorer
from cgaudit.solve import Solving

#: What is tried, smallest first.
RIDGES = (0.03, 0.1, 0.3, 1.0, 3.0)

#: Where there are too few labels to choose by.
DEFAULT_RIDGE = 0.1

#: Rows that the choice is made on: five factorisations of so few take a few seconds.
SAMPLE_ROWS = 4000


def choose_ridge(
    features: np.ndarray,
    labels: Sequence[object] | np.ndarray,
    *,
    seed: int = 0,
    device: str = "auto",
) -> float:
    """Return the λ of :data:`RIDGES` under which the given labels are most likely, left out.

    Minimises the mean of −log `label_score` on a random sample of the rows: the leave-one-out
    (pseudo-)likelihood, as Rasmussen & Williams 2006, section 5.4.2, choose hyperparameters. That
    of least squares, whatever the scores are made with: its predictions never saw the label, while
    those of the softmax see a little of it, and the more the smaller λ is.

    Parameters
    ----------
    features : ndarray, shape (n, d)
    labels : sequence, shape (n,)
        One label a sample, as `cgaudit.score_labels` takes them.
    seed
        Of the sample.
    device
        Where to compute.

    Raises
    ------
    LabelsError
        Fewer than two classes.
    """
    encoded = encode_labels(labels)
    rows = _sample(encoded.codes, seed)
    codes = encoded.codes[rows]
    if len(np.unique(codes)) < 2:
        return DEFAULT_RIDGE
    part = np.asarray(features[rows])

    def surprise(ridge: float) -> float:
        scorer = Scorer(part, Solving(ridge=ridge, device=device))
        found = scorer.score(codes).label_score
        return float(-np.log(np.maximum(found, np.finfo(np.float32).tiny)).mean())

    return min(RIDGES, key=surprise)


def settled(
    solving: Solving, features: np.ndarray, labels: Sequence[object] | np.ndarray, task: str
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
    ridge = choose_ridge(features, labels, seed=solving.seed, device=solving.device)
    return replace(solving, ridge=ridge)


def _sample(codes: np.ndarray, seed: int) -> np.ndarray:
    """Return rows with a label that some other row of the sample has too, int64, in order."""
    labelled = np.flatnonzero(codes >= 0)
    chosen = np.random.default_rng(seed).permutation(labelled)[:SAMPLE_ROWS]
    found, counts = np.unique(codes[chosen], return_counts=True)
    rows: np.ndarray = np.sort(chosen[np.isin(codes[chosen], found[counts > 1])])
    return rows
