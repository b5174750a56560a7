"""One label out of K classes: one-vs-rest predictions to probabilities, suggestions and flags.

The samples lie in parts, wherever an executor has them: what concerns all of them is a sum over the
parts, and the rest a function of each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from cgaudit.errors import SolveError
from cgaudit.executor import Column, Executor
from cgaudit.numerics.classes import EncodedLabels
from cgaudit.score.calibrate import Probabilities, losses, normalised, temperature_of
from cgaudit.score.expected_errors import expect_errors
from cgaudit.score.flags import Doubts, Flagging, flagging, is_flagged
from cgaudit.score.informed import Agreement, Informed
from cgaudit.score.judging import Judging
from cgaudit.score.labelling import Labelling, OnDevice, PartLabels
from cgaudit.score.predictions import Logits, Predictions, WholeLogits
from cgaudit.score.result import LabelScores
from cgaudit.solve import SolveInfo
from cgaudit.wording.spelling import alike_warning
from cgaudit.wording.text import shown


@dataclass(frozen=True)
class Found:
    """Leave-one-out predictions of all samples, and where they are.

    Attributes
    ----------
    executor
        Where the parts are.
    spans
        The (start, stop) of each.
    predictions
        A column of `Predictions`.
    class_complexity : Tensor of float64, shape (K,)
        y_cᵀ(H+λI)⁻¹y_c, NaN where it is not known.
    info
        How they were made.
    softmax
        Makes the logits of the softmax of all samples; None where no one system was solved.
    softmax_pays
        Whether these can be had in reasonable time and room.
    """

    executor: Executor
    spans: Sequence[tuple[int, int]]
    predictions: Column
    class_complexity: Tensor
    info: SolveInfo
    softmax: Callable[[], WholeLogits] | None
    softmax_pays: bool


class _Calibrated(NamedTuple):
    """A temperature, and the `Probabilities` of each part."""

    temperature: float
    probabilities: Column


class _PartFigures(NamedTuple):
    """What is told of the samples of a part, an entry each; NaN where there is no label."""

    label_score: np.ndarray
    cg_score: np.ndarray
    margin: np.ndarray
    is_issue: np.ndarray
    predicted: np.ndarray
    top: np.ndarray
    top_classes: np.ndarray


def classify(found: Found, labels: Labelling, judging: Judging) -> LabelScores:
    """Judge labels by leave-one-out predictions; see `cgaudit.score_labels`."""
    run, parts, n_classes = found.executor, labels.parts(found.spans), labels.n_classes
    gaussian = _calibrated(run, found.predictions, parts)
    logits = _logits(judging.likelihood, found, gaussian, parts)
    is_gaussian = logits is found.predictions
    calibrated = gaussian if is_gaussian else _calibrated(run, logits, parts)
    # By least squares, whose predictions never saw the label: those of the softmax leak a little.
    agreement = run.reduce(
        _agreement, Agreement.added, gaussian.probabilities, parts, shared=(n_classes,)
    )
    informed = Informed.of(agreement, gaussian.temperature)
    expected = None
    if not informed.nothing:
        expected = expect_errors(run, found.predictions, parts, labels.keys, n_classes)
    lonely = np.append(labels.encoded.counts == 1, False)
    columns = logits, calibrated.probabilities, parts
    doubts = run.keep(_doubts, *columns, shared=(lonely, expected is not None))
    wrong = expected.n_expected_errors if expected is not None else 0.0
    flags = flagging(judging.issue_rule, run, *columns, doubts, wrong)
    figures = run.map(
        *(_figures, *columns, doubts, found.predictions, gaussian.probabilities),
        shared=(flags, judging.strictness),
    )
    warnings = (
        *informed.warnings,
        *_warnings(labels.encoded, np.sort(labels.names[labels.zero])),
    )
    result = _result(labels, found, figures, calibrated.temperature, warnings)
    result = replace(result, expected_errors=expected)
    if judging.likelihood != "gaussian":
        likelihood = "gaussian" if is_gaussian else judging.likelihood
        result = replace(result, likelihood=likelihood)
    if not judging.probabilities:
        return result
    all_of_them = np.concatenate(run.map(_all_probabilities, logits, calibrated.probabilities))
    return replace(result, probabilities=all_of_them)


def _calibrated(run: Executor, logits: Column, parts: Sequence[PartLabels]) -> _Calibrated:
    temperature = temperature_of(run.reduce(_losses, torch.add, logits, parts))
    return _Calibrated(temperature, run.keep(normalised, logits, shared=(temperature,)))


def _losses(logits: Logits, part: PartLabels) -> Tensor:
    return losses(logits, part.on(logits.given.device).labelled)


def _agreement(probabilities: Probabilities, part: PartLabels, n_classes: int) -> Agreement:
    labels = part.on(probabilities.top_classes.device)
    predicted = probabilities.top_classes[labels.labelled, 0]
    return Agreement.between(labels.codes[labels.known], predicted[labels.known], n_classes)


def _all_probabilities(logits: Logits, probabilities: Probabilities) -> np.ndarray:
    """Return float32, shape (b, K), rows that sum to 1."""
    n = len(probabilities.log_normaliser)
    whole = np.empty((n, logits.n_classes), dtype=np.float32)
    for classes, values in logits.chunks():
        part = probabilities.of(values, probabilities.log_normaliser[:, None])
        whole[:, classes] = part.cpu().numpy()
    # The exponent of a sharp distribution has few digits left after the point in float32.
    whole /= whole.sum(axis=1, dtype=np.float64, keepdims=True)
    return whole


def _logits(
    likelihood: str, found: Found, gaussian: _Calibrated, parts: Sequence[PartLabels]
) -> Column:
    """Return what the probabilities come from: least squares, softmax, or a mean of both.

    Where there is no softmax to be had, `both` is least squares.
    """
    if likelihood == "gaussian" or (likelihood == "both" and not found.softmax_pays):
        return found.predictions
    if found.softmax is None:
        raise SolveError(
            f"likelihood: {likelihood} needs one kernel system, and method: sampled solves many. "
            "Set likelihood: gaussian, or another method."
        )
    softmax = _cut(found.softmax(), parts)
    if likelihood == "softmax":
        return softmax
    # The mean of two log-probabilities is, up to its normaliser, that of the scaled logits.
    share = softmax_share(softmax[0].n_classes)
    scale = share * _calibrated(found.executor, softmax, parts).temperature
    rest = (1 - share) * gaussian.temperature
    return found.executor.keep(_mixed, softmax, found.predictions, shared=(scale, rest))


def _cut(logits: WholeLogits, parts: Sequence[PartLabels]) -> list[WholeLogits]:
    """Return the logits of each part."""
    cut, row, own = [], 0, 0
    for part in parts:
        b, b_l = len(part.codes), int(part.labelled.sum())
        cut.append(WholeLogits(logits.values[row : row + b], logits.given[own : own + b_l]))
        row, own = row + b, own + b_l
    return cut


def _mixed(softmax: WholeLogits, gaussian: Logits, scale: float, rest: float) -> WholeLogits:
    values = scale * softmax.values
    for classes, part in gaussian.chunks():
        values[:, classes] += rest * part
    return WholeLogits(values, scale * softmax.given + rest * gaussian.given)


def softmax_share(n_classes: int) -> float:
    """Return how much the softmax counts beside least squares: max(½, K / (K + 10)).

    Least squares fits each class against all others, which are the more beside it the more classes
    there are; the softmax lets them compete. Measured by `benchmarks/classes.py`.
    """
    return max(0.5, n_classes / (n_classes + 10))


def _best_other(probabilities: Probabilities, labels: OnDevice) -> Tensor:
    """Return the largest logit of a class that is not the given one: shape (b_l,)."""
    top = probabilities.top_logits[labels.labelled]
    first_is_given = probabilities.top_classes[labels.labelled][:, 0] == labels.codes
    return torch.where(first_is_given, top[:, 1], top[:, 0])


def _doubts(
    logits: Logits,
    probabilities: Probabilities,
    part: PartLabels,
    lonely: np.ndarray,
    anything_expected: bool,
) -> Doubts:
    """Tell what speaks against labels; where nothing can be expected of the features, nothing.

    Parameters
    ----------
    lonely
        bool (K + 1,): classes with a single sample.
    """
    labels = part.on(logits.given.device)
    codes, labelled = labels.codes, labels.labelled
    label_score = probabilities.of(logits.given, probabilities.log_normaliser[labelled])
    predicted = probabilities.top_classes[:, 0].clone()
    # A tie says nothing against the given label, nor does what only rounding tells apart.
    agrees = (logits.given >= probabilities.top_logits[labelled][:, 0]) | ~labels.known
    predicted[labelled] = torch.where(agrees, codes, predicted[labelled])
    # Without its only sample a class has none: nothing can speak for the label.
    alone = torch.tensor(lonely).to(codes.device)[codes]
    is_open = (predicted[labelled] != codes) & ~alone & anything_expected
    return Doubts(label_score, predicted, is_open)


def _figures(
    logits: Logits,
    probabilities: Probabilities,
    part: PartLabels,
    doubts: Doubts,
    predictions: Predictions,
    gaussian: Probabilities,
    flags: Flagging,
    strictness: float,
) -> _PartFigures:
    labels = part.on(logits.given.device)
    is_issue = is_flagged(flags, logits, probabilities, labels, doubts)
    top = probabilities.top
    is_issue &= top[labels.labelled][:, 0] - doubts.label_score >= strictness
    margin = _best_other(gaussian, labels) - predictions.given

    def everywhere(values: Tensor, gap: float = np.nan) -> np.ndarray:
        own = values.cpu().numpy()
        full = np.full(len(part.codes), gap, dtype=own.dtype)
        full[part.labelled] = own
        return full

    return _PartFigures(
        label_score=everywhere(doubts.label_score).clip(0, 1),
        cg_score=everywhere(predictions.cg_score),
        margin=everywhere(margin),
        is_issue=everywhere(is_issue, False),
        predicted=doubts.predicted.cpu().numpy(),
        top=top.cpu().numpy(),
        top_classes=probabilities.top_classes.cpu().numpy(),
    )


def _result(
    labels: Labelling,
    found: Found,
    parts: Sequence[_PartFigures],
    temperature: float,
    warnings: tuple[str, ...],
) -> LabelScores:
    encoded, classes = labels.encoded, labels.encoded.classes
    labelled = encoded.labelled
    whole = _PartFigures(*(np.concatenate(values) for values in zip(*parts, strict=True)))
    given = np.full(len(labelled), None, dtype=object)
    given[labelled] = classes[encoded.codes[labelled]]
    terms = (2 * found.class_complexity / int(labelled.sum())).clamp(min=0).sqrt().cpu().numpy()
    return LabelScores(
        classes=classes,
        given_label=given,
        predicted_label=classes[whole.predicted],
        label_score=whole.label_score,
        cg_score=whole.cg_score,
        margin=whole.margin,
        is_label_issue=whole.is_issue,
        top_labels=classes[whole.top_classes],
        top_scores=whole.top,
        temperature=temperature,
        complexity=float(terms.sum()),
        class_complexity=terms,
        info=found.info,
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
