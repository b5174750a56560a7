"""One label out of K classes: one-vs-rest predictions to probabilities, suggestions and flags."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from cgaudit.errors import SolveError
from cgaudit.numerics.classes import EncodedLabels
from cgaudit.score.calibrate import Probabilities, calibrate
from cgaudit.score.expected_errors import ExpectedErrors, expect_errors
from cgaudit.score.flags import flagged
from cgaudit.score.informed import Informed
from cgaudit.score.judging import Judging
from cgaudit.score.predictions import Logits, Predictions, WholeLogits
from cgaudit.score.result import LabelScores
from cgaudit.score.softmax import can_fit_softmax, softmax_logits
from cgaudit.solve import KernelSolver, SolveInfo
from cgaudit.wording.spelling import alike_warning
from cgaudit.wording.text import shown


@dataclass(frozen=True)
class Labelling:
    """Labels as the solver needs them.

    Attributes
    ----------
    encoded
        Class numbers of all n samples.
    codes : Tensor of int64, shape (n_l,)
        Those of the labelled ones.
    labelled : Tensor of bool, shape (n,)
    unlabelled_rows : Tensor, shape (n − n_l, d)
        Features of the others.
    """

    encoded: EncodedLabels
    codes: Tensor
    labelled: Tensor
    unlabelled_rows: Tensor

    @classmethod
    def of(cls, encoded: EncodedLabels, features: np.ndarray, place: torch.device) -> Labelling:
        """Move labels, and the features of unlabelled samples, to where the solver is."""
        labelled = encoded.labelled
        return cls(
            encoded,
            torch.from_numpy(encoded.codes[labelled]).to(place),
            torch.from_numpy(labelled).to(place),
            torch.from_numpy(np.array(features[~labelled])).to(place),
        )

    @property
    def all_codes(self) -> Tensor:
        """Class numbers of all n samples, `UNLABELLED` where there is none: int64."""
        return torch.from_numpy(self.encoded.codes).to(self.codes.device)

    @property
    def n_classes(self) -> int:
        """Number of classes K."""
        return len(self.encoded.classes)


@dataclass(frozen=True)
class _Judged:
    """Per-sample figures as tensors, before they leave the device."""

    label_score: Tensor
    predicted: Tensor
    is_issue: Tensor


def classify(
    predictions: Predictions,
    labels: Labelling,
    solver: KernelSolver | None,
    info: SolveInfo,
    judging: Judging,
    *,
    zero_rows: np.ndarray,
) -> LabelScores:
    """Judge labels by leave-one-out predictions; see `cgaudit.score_labels`.

    Parameters
    ----------
    solver
        Holds the labelled rows; needed for the softmax likelihood alone.
    """
    gaussian = calibrate(predictions, labels.labelled)
    logits = _logits(judging.likelihood, solver, predictions, gaussian, labels)
    probabilities = gaussian if logits is predictions else calibrate(logits, labels.labelled)
    margin = _best_other(gaussian, labels) - predictions.given
    known = _known(labels, zero_rows)
    # By least squares, whose predictions never saw the label: those of the softmax leak a little.
    informed = Informed.of(
        labels.codes[known],
        gaussian.top_classes[labels.labelled][known, 0],
        labels.n_classes,
        gaussian.temperature,
    )
    expected = None
    if not informed.nothing:
        expected = expect_errors(predictions, labels.codes, labels.labelled)
    judged = _judge(logits, probabilities, labels, judging, known, expected)
    warnings = (*informed.warnings, *_warnings(labels.encoded, zero_rows))
    result = _result(labels, predictions, margin, probabilities, judged, info, warnings)
    result = replace(result, expected_errors=expected)
    if judging.likelihood != "gaussian":
        likelihood = "gaussian" if logits is predictions else judging.likelihood
        result = replace(result, likelihood=likelihood)
    if not judging.probabilities:
        return result
    return replace(result, probabilities=_all_probabilities(logits, probabilities))


def _known(labels: Labelling, zero_rows: np.ndarray) -> Tensor:
    """Return which labelled samples anything is known of: bool, shape (n_l,)."""
    known = np.ones(len(labels.encoded.codes), dtype=bool)
    known[zero_rows] = False
    return torch.from_numpy(known).to(labels.labelled.device)[labels.labelled]


def _all_probabilities(logits: Logits, probabilities: Probabilities) -> np.ndarray:
    """Return float32, shape (n, K), rows that sum to 1."""
    n = len(probabilities.log_normaliser)
    whole = np.empty((n, logits.n_classes), dtype=np.float32)
    for classes, values in logits.chunks():
        part = probabilities.of(values, probabilities.log_normaliser[:, None])
        whole[:, classes] = part.cpu().numpy()
    # The exponent of a sharp distribution has few digits left after the point in float32.
    whole /= whole.sum(axis=1, dtype=np.float64, keepdims=True)
    return whole


def _logits(
    likelihood: str,
    solver: KernelSolver | None,
    predictions: Predictions,
    gaussian: Probabilities,
    labels: Labelling,
) -> Logits:
    """Return what the probabilities come from: least squares, softmax, or a mean of both.

    Where there is no softmax to be had, `both` is least squares.
    """
    if likelihood == "gaussian":
        return predictions
    if likelihood == "both" and not can_fit_softmax(solver, len(labels.labelled), labels.n_classes):
        return predictions
    if solver is None:
        raise SolveError(
            f"likelihood: {likelihood} needs one kernel system, and method: sampled solves many. "
            "Set likelihood: gaussian, or another method."
        )
    softmax = softmax_logits(
        solver, labels.codes, labels.n_classes, labels.labelled, labels.unlabelled_rows
    )
    if likelihood == "softmax":
        return softmax
    # The mean of two log-probabilities is, up to its normaliser, that of the scaled logits.
    share = softmax_share(labels.n_classes)
    scale = share * calibrate(softmax, labels.labelled).temperature
    rest = (1 - share) * gaussian.temperature
    values = scale * softmax.values
    for classes, part in predictions.chunks():
        values[:, classes] += rest * part
    return WholeLogits(values, scale * softmax.given + rest * predictions.given)


def softmax_share(n_classes: int) -> float:
    """Return how much the softmax counts beside least squares: max(½, K / (K + 10)).

    Least squares fits each class against all others, which are the more beside it the more classes
    there are; the softmax lets them compete. Measured by `benchmarks/classes.py`.
    """
    return max(0.5, n_classes / (n_classes + 10))


def _best_other(probabilities: Probabilities, labels: Labelling) -> Tensor:
    """Return the largest logit of a class that is not the given one: shape (n_l,)."""
    top = probabilities.top_logits[labels.labelled]
    first_is_given = probabilities.top_classes[labels.labelled][:, 0] == labels.codes
    return torch.where(first_is_given, top[:, 1], top[:, 0])


def _judge(
    logits: Logits,
    probabilities: Probabilities,
    labels: Labelling,
    judging: Judging,
    known: Tensor,
    expected: ExpectedErrors | None,
) -> _Judged:
    """Judge each label; where nothing can be expected of the features, flag none."""
    codes, labelled = labels.codes, labels.labelled
    label_score = probabilities.of(logits.given, probabilities.log_normaliser[labelled])
    predicted = probabilities.top_classes[:, 0].clone()
    # A tie says nothing against the given label, nor does what only rounding tells apart.
    agrees = (logits.given >= probabilities.top_logits[labelled][:, 0]) | ~known
    predicted[labelled] = torch.where(agrees, codes, predicted[labelled])

    # Without its only sample a class has none: nothing can speak for the label.
    others = torch.bincount(codes, minlength=logits.n_classes)[codes] > 1
    open_to_doubt = (predicted[labelled] != codes) & others & (expected is not None)
    wrong = expected.n_expected_errors if expected is not None else 0.0
    rule = judging.issue_rule
    is_issue = flagged(rule, logits, probabilities, labelled, codes, open_to_doubt, wrong)
    is_issue &= probabilities.top[labelled][:, 0] - label_score >= judging.strictness
    return _Judged(label_score, predicted, is_issue)


def _result(
    labels: Labelling,
    predictions: Predictions,
    margin: Tensor,
    probabilities: Probabilities,
    judged: _Judged,
    info: SolveInfo,
    warnings: tuple[str, ...],
) -> LabelScores:
    encoded, classes = labels.encoded, labels.encoded.classes
    labelled = encoded.labelled

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
        warnings=warnings,
    )


def _by_name(encoded: EncodedLabels) -> dict[str, int]:
    """Return how many samples have each label."""
    return dict(zip(encoded.classes.tolist(), encoded.counts.tolist(), strict=True))


def _warnings(encoded: EncodedLabels, zero_rows: np.ndarray) -> tuple[str, ...]:
    found = []
    classes = encoded.classes
    if classes.dtype == object and (alike := alike_warning(_by_name(encoded))) is not None:
        found.append(alike)
    lonely = classes[encoded.counts == 1]
    if len(lonely):
        found.append(
            f"{len(lonely)} of {len(classes)} classes have a single sample, whose label "
            f"nothing can speak for: scored, never flagged ({shown(lonely)})."
        )
    if len(zero_rows):
        found.append(
            f"{len(zero_rows)} samples have features that are all zero, so nothing is known of "
            f"them: never flagged (rows {shown(zero_rows)})."
        )
    return tuple(found)
