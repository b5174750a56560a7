"""Features and labels in, a judgement of every label out; nothing is trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from cgaudit.errors import FeatureError, LabelsError, shown
from cgaudit.score.calibrate import Probabilities, calibrate
from cgaudit.score.encode import EncodedLabels, encode_labels
from cgaudit.score.flags import class_thresholds, confident_classes
from cgaudit.score.predictions import LeaveOneOut, Logits, WholeLogits
from cgaudit.score.result import LabelScores
from cgaudit.score.softmax import softmax_logits
from cgaudit.solve import make_solver
from cgaudit.solve.base import KernelSolver, SolveInfo

__all__ = ["LabelScores", "score_labels"]

Progress = Callable[[float, float], None]

#: Rows looked at together when checking features.
_CHECK_ROWS = 4096


@dataclass(frozen=True)
class _Judged:
    """Per-sample figures as tensors, before they leave the device."""

    label_score: Tensor
    predicted: Tensor
    is_issue: Tensor


def score_labels(
    features: np.ndarray,
    labels: Sequence[object] | np.ndarray,
    *,
    method: str = "exact",
    ridge: float = 0.1,
    likelihood: str = "gaussian",
    landmarks: int | None = None,
    seed: int = 0,
    precision: str = "float32",
    device: str = "auto",
    memory_limit: int | None = None,
    task: str = "classification",
    issue_rule: str = "confident_learning",
    strictness: float = 0.0,
    progress: Progress | None = None,
) -> LabelScores:
    """Score every label of a dataset.

    Parameters
    ----------
    features : ndarray, shape (n, d)
        Real numbers. Rows are scaled to unit length; a row of zeros is like no other.
    labels : sequence, shape (n,)
        One label a sample; None, NaN or an empty string where there is none.
    method
        How the kernel system is solved; see `cgaudit.solve`.
    ridge
        λ ≥ 0 in H + λI; 0 is the paper's score.
    likelihood
        Where the probabilities come from: ``"gaussian"`` (least squares), ``"softmax"`` (kernel
        logistic regression on the same factor) or ``"both"`` (the mean of their logarithms).
        `cg_score` and `margin` are always those of least squares.
    issue_rule
        ``"confident_learning"``: the most probable class that reaches its own threshold is not
        the given one, and neither is the predicted label. ``"disagreement"``: the predicted label
        is not the given one.
    strictness
        How much more probable than the given label the predicted one must be to flag, in [0, 1].
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
    encoded = encode_labels(labels)
    _check_features(features, len(encoded.codes))
    labelled = encoded.labelled
    solver = make_solver(
        features if labelled.all() else features[labelled],
        method=method,
        ridge=ridge,
        precision=precision,
        device=device,
        landmarks=landmarks,
        seed=seed,
        memory_limit=memory_limit,
        progress=progress,
    )
    place = solver.inverse_diagonal().device
    codes = torch.from_numpy(encoded.codes[labelled]).to(place)
    mask = torch.from_numpy(labelled).to(place)
    rest = torch.as_tensor(np.asarray(features[~labelled])).to(place)
    predictions = LeaveOneOut(solver, codes, len(encoded.classes), mask, rest)
    gaussian = calibrate(predictions, mask)
    logits = _logits(likelihood, solver, predictions, gaussian, codes, mask, rest)
    probabilities = gaussian if logits is predictions else calibrate(logits, mask)
    margin = _best_other(gaussian, codes, mask) - predictions.given
    judged = _judge(logits, probabilities, codes, mask, issue_rule, strictness)
    return _result(
        encoded, predictions, margin, probabilities, judged, solver.info, _zero_rows(features)
    )


def _logits(
    likelihood: str,
    solver: KernelSolver,
    predictions: LeaveOneOut,
    gaussian: Probabilities,
    codes: Tensor,
    labelled: Tensor,
    unlabelled_rows: Tensor,
) -> Logits:
    """Return what the probabilities come from: least squares, softmax, or the mean of both."""
    if likelihood == "gaussian":
        return predictions
    softmax = softmax_logits(solver, codes, predictions.n_classes, labelled, unlabelled_rows)
    if likelihood == "softmax":
        return softmax
    # The mean of two log-probabilities is, up to its normaliser, that of the scaled logits.
    scale = calibrate(softmax, labelled).temperature
    values = scale * softmax.values
    for classes, part in predictions.chunks():
        values[:, classes] += gaussian.temperature * part
    given = scale * softmax.given + gaussian.temperature * predictions.given
    return WholeLogits(values / 2, given / 2)


def _best_other(probabilities: Probabilities, codes: Tensor, labelled: Tensor) -> Tensor:
    """Return the largest logit of a class that is not the given one: shape (n_l,)."""
    top = probabilities.top_logits[labelled]
    first_is_given = probabilities.top_classes[labelled][:, 0] == codes
    return torch.where(first_is_given, top[:, 1], top[:, 0])


def _judge(
    logits: Logits,
    probabilities: Probabilities,
    codes: Tensor,
    labelled: Tensor,
    rule: str,
    strictness: float,
) -> _Judged:
    label_score = probabilities.of(logits.given, probabilities.log_normaliser[labelled])
    predicted = probabilities.top_classes[:, 0].clone()
    # A tie says nothing against the given label.
    agrees = logits.given >= probabilities.top_logits[labelled][:, 0]
    predicted[labelled] = torch.where(agrees, codes, predicted[labelled])

    suspicious = predicted[labelled] != codes
    if rule == "confident_learning":
        thresholds = class_thresholds(label_score, codes, logits.n_classes)
        chosen = confident_classes(logits, probabilities, thresholds, labelled)
        suspicious &= (chosen != codes) & (chosen >= 0)
    suspicious &= probabilities.top[labelled][:, 0] - label_score >= strictness
    # Without its only sample a class has none: nothing can speak for the label.
    suspicious &= torch.bincount(codes, minlength=logits.n_classes)[codes] > 1
    return _Judged(label_score, predicted, suspicious)


def _result(
    encoded: EncodedLabels,
    predictions: LeaveOneOut,
    margin: Tensor,
    probabilities: Probabilities,
    judged: _Judged,
    info: SolveInfo,
    zero_rows: np.ndarray,
) -> LabelScores:
    labelled, classes = encoded.labelled, encoded.classes

    def everywhere(values: Tensor) -> np.ndarray:
        own = values.cpu().numpy()
        full = np.full(len(labelled), np.nan, dtype=own.dtype)
        full[labelled] = own
        return full

    given = np.full(len(labelled), None, dtype=object)
    given[labelled] = classes[encoded.codes[labelled]]
    is_issue = np.zeros(len(labelled), dtype=bool)
    is_issue[labelled] = judged.is_issue.cpu().numpy()
    n_labelled = int(labelled.sum())
    terms = (2 * predictions.class_complexity / n_labelled).clamp(min=0).sqrt().cpu().numpy()
    return LabelScores(
        classes=classes,
        given_label=given,
        predicted_label=classes[judged.predicted.cpu().numpy()],
        label_score=everywhere(judged.label_score).clip(0, 1),
        cg_score=everywhere(predictions.cg_score),
        margin=everywhere(margin),
        is_label_issue=is_issue,
        top_labels=classes[probabilities.top_classes.cpu().numpy()],
        top_scores=probabilities.top.cpu().numpy(),
        temperature=probabilities.temperature,
        complexity=float(terms.sum()),
        class_complexity=terms,
        info=info,
        warnings=_warnings(encoded, zero_rows),
    )


def _warnings(encoded: EncodedLabels, zero_rows: np.ndarray) -> tuple[str, ...]:
    found = []
    lonely = encoded.classes[encoded.counts == 1]
    if len(lonely):
        found.append(
            f"{len(lonely)} of {len(encoded.classes)} classes have a single sample, whose label "
            f"nothing can speak for: scored, never flagged ({shown(lonely)})."
        )
    if len(zero_rows):
        found.append(
            f"{len(zero_rows)} samples have features that are all zero, so nothing is known of "
            f"them: never flagged (rows {shown(zero_rows)})."
        )
    return tuple(found)


def _check_features(features: np.ndarray, n_labels: int) -> None:
    if not isinstance(features, np.ndarray) or features.ndim != 2 or 0 in features.shape:
        shape = getattr(features, "shape", type(features).__name__)
        raise FeatureError(f"features must be an array of n rows × d columns; found {shape}.")
    if features.dtype.kind not in "fiub":
        raise FeatureError(f"features must be real numbers; found dtype {features.dtype}.")
    if len(features) != n_labels:
        raise LabelsError(f"There are {len(features)} rows of features but {n_labels} labels.")
    for start in range(0, len(features), _CHECK_ROWS):
        bad = ~np.isfinite(features[start : start + _CHECK_ROWS])
        if bad.any():
            row, column = (int(index) for index in np.argwhere(bad)[0])
            raise FeatureError(
                f"features hold {features[start + row, column]} at row {start + row}, column "
                f"{column} (counted from 0). Fill or drop such values before scoring."
            )


def _zero_rows(features: np.ndarray) -> np.ndarray:
    zero = [
        start + np.flatnonzero(~features[start : start + _CHECK_ROWS].any(axis=1))
        for start in range(0, len(features), _CHECK_ROWS)
    ]
    return np.concatenate(zero)
