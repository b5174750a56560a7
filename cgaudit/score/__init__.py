"""Features and labels in, a judgement of every label out; nothing is trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from cgaudit.numerics.contents import Digests, Gathered, row_digests
from cgaudit.progress import Progress
from cgaudit.score.expected_errors import ExpectedErrors
from cgaudit.score.features import as_matrix
from cgaudit.score.judging import Judging
from cgaudit.score.result import PROBABILITY_DECIMALS, LabelScores, PerLabel
from cgaudit.score.ridge import SAMPLE_ROWS as RIDGE_ROWS
from cgaudit.score.ridge import (
    choose_ridge,
    choose_ridge_of_numbers,
    choose_ridge_of_sets,
    is_far,
    ridge_note,
    settled,
)
from cgaudit.score.scorer import Scorer
from cgaudit.solve import TOLERANCE, Keeping, Solving

__all__ = [
    "PROBABILITY_DECIMALS",
    "RIDGE_ROWS",
    "ExpectedErrors",
    "Judging",
    "LabelScores",
    "PerLabel",
    "Scorer",
    "Solving",
    "choose_ridge",
    "choose_ridge_of_numbers",
    "choose_ridge_of_sets",
    "is_far",
    "score_labels",
    "score_with",
]


def score_labels(
    features: np.ndarray,
    labels: Sequence[object] | np.ndarray,
    *,
    method: str = "exact",
    ridge: float | str = 0.1,
    likelihood: str = "both",
    landmarks: int | None = None,
    seed: int = 0,
    precision: str = "float32",
    device: str = "auto",
    memory_limit: int | None = None,
    keep_factor: Path | None = None,
    draws: int = 20,
    ratio: float = 1.0,
    tolerance: float = TOLERANCE,
    task: str = "classification",
    issue_rule: str = "ranked",
    strictness: float = 0.0,
    probabilities: bool = False,
    progress: Progress | None = None,
) -> LabelScores:
    """Score every label of a dataset.

    The order of the samples decides nothing: where rows are drawn, as the landmarks of
    ``"lowrank"`` and ``"iterative"``, those with the smallest hashes of their bytes are.

    Parameters
    ----------
    features : ndarray or DataFrame, shape (n, d)
        Real numbers. Rows are scaled to unit length; a row of zeros is like no other.
    labels : sequence, shape (n,)
        One label a sample, of Python's types, NumPy's or pandas'; None, NaN, NA or an empty string
        where there is none.
    method
        How the kernel system is solved: ``"exact"``, ``"iterative"`` (near-exact, O(n²) a step),
        ``"lowrank"`` (rows streamed), ``"sampled"`` (the paper's estimator), or ``"auto"`` by size
        and memory limit.
    landmarks
        Size of the low-rank basis; None for the method's own.
    seed
        Of the landmarks and the draws: the key of the hashes.
    precision
        ``"float32"`` or ``"float64"``.
    device
        ``"auto"`` (CUDA where there is one), ``"cpu"``, ``"cuda"``, …
    memory_limit
        Bytes that solving may take; see `cgaudit.solve.plan`.
    ridge
        λ ≥ 0 in H + λI; 0 is the paper's score. ``"auto"``: the one of a few under which the given
        labels are most likely (`choose_ridge`), or numbers are predicted best.
    likelihood
        Where the probabilities come from: ``"gaussian"`` (least squares), ``"softmax"`` (kernel
        logistic regression on the same factor) or ``"both"`` (the mean of their logarithms, in
        which the softmax counts half, and more above ten classes; least squares alone where there
        is no softmax to be had, see `LabelScores.likelihood`).
        `cg_score` and `margin` are always those of least squares.
    task
        ``"classification"``: one label out of K. ``"regression"``: a number; ``likelihood`` and
        ``issue_rule`` do not apply. ``"multilabel"``: an n × L matrix of 0 and 1, or a collection
        of labels a sample, None where it is unlabelled. See `LabelScores` for what the figures then
        mean.
    issue_rule
        ``"ranked"``: of those whose predicted label is not the given one, as many as confident
        learning counts, lowest `label_score` first. ``"confident_learning"``: the most probable
        class that reaches its own threshold is not the given one, and neither is the predicted
        label. ``"disagreement"``: the predicted label is not the given one.
    strictness
        How much more probable than the given label the predicted one must be to flag, in [0, 1].
    probabilities
        Also return the leave-one-out probabilities of all classes: n × K numbers. Of
        ``task="classification"`` alone.
    keep_factor
        A folder to keep in what does not depend on the labels: the factor of ``method="exact"``
        (n² numbers on disk), so that scoring other labels of the same features costs solves only,
        or the sums of ``"lowrank"`` (m² numbers), so that it costs one pass over the rows. The
        scores are the same bytes.
    draws, ratio
        Of ``method="sampled"``: how many samples of the other classes to average over, and how
        large they are relative to the class.
    tolerance
        Of ``method="iterative"``: the relative residual at which a class counts as solved.
    progress
        Called with (done, total) floating-point operations.

    Raises
    ------
    FeatureError
        Features that are not a finite n × d matrix.
    LabelsError
        Another number of labels than rows, or fewer than two classes.
    SolveError
        The system is singular, or does not fit the memory limit.

    References
    ----------
    Ki, Choi, Chung, "Data Valuation Without Training of a Model", ICLR 2023, eq. 5 and 6.
    """
    solving = Solving(
        method=method,
        ridge=ridge,
        landmarks=landmarks,
        seed=seed,
        precision=precision,
        device=device,
        memory_limit=memory_limit,
        keep_factor=None if keep_factor is None else Keeping(keep_factor),
        draws=draws,
        ratio=ratio,
        tolerance=tolerance,
    )
    judging = Judging(
        task=task,
        likelihood=likelihood,
        issue_rule=issue_rule,
        strictness=strictness,
        probabilities=probabilities,
    )
    return score_with(features, labels, solving, judging, progress)


def score_with(
    features: np.ndarray | Gathered,
    labels: Sequence[object] | np.ndarray,
    solving: Solving,
    judging: Judging,
    progress: Progress | None = None,
    contents: Digests | None = None,
) -> LabelScores:
    """Score every label of a dataset, as `score_labels` does, options given whole.

    Parameters
    ----------
    features
        A matrix, or rows of one that are read when they are needed.
    contents : ndarray of uint64, shape (n, 2)
        Digests of what the samples hold; those of the features' bytes where None.
    """
    rows = as_matrix(features)
    if contents is None:
        contents = row_digests(rows)
    chosen = settled(solving, rows, labels, judging.task, contents)
    found = Scorer(rows, chosen, progress, contents).score(labels, judging)
    note = None if solving.ridge == chosen.ridge else ridge_note(chosen.fixed_ridge)
    return found if note is None else replace(found, warnings=(*found.warnings, note))
