"""Several yes-or-no labels a sample: each label is a two-class problem on the one factor."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor

from cgaudit.errors import LabelsError
from cgaudit.score.calibrate import calibrate
from cgaudit.score.flags import lowest
from cgaudit.score.judging import Judging
from cgaudit.score.predictions import WholeLogits
from cgaudit.score.result import LabelScores, PerLabel
from cgaudit.solve import KernelSolver


@dataclass(frozen=True)
class LabelSets:
    """Which of L labels each of n samples has.

    Attributes
    ----------
    names : ndarray, shape (L,)
    present : ndarray of bool, shape (n, L)
        No label where a sample is unlabelled.
    labelled : ndarray of bool, shape (n,)
    """

    names: np.ndarray
    present: np.ndarray
    labelled: np.ndarray


def label_sets(labels: Sequence[Collection[object] | None] | np.ndarray) -> LabelSets:
    """Read an n × L matrix of 0 and 1 (names are then 0 … L − 1), or a collection a sample.

    None in the place of a collection means unlabelled, an empty one that no label applies.

    Raises
    ------
    LabelsError
        Other values than 0 and 1, no label at all, or a label that all samples or none have.
    """
    if isinstance(labels, np.ndarray) and labels.ndim == 2:
        if not np.isin(labels, (0, 1)).all():
            raise LabelsError("task: multilabel takes a matrix of 0 and 1; other values are in it.")
        everybody = np.ones(len(labels), dtype=bool)
        sets = LabelSets(np.arange(labels.shape[1]), labels.astype(bool), everybody)
    else:
        sets = _from_collections(cast("Sequence[Collection[object] | None]", labels))
    count = sets.present.sum(axis=0)
    constant = np.flatnonzero((count == 0) | (count == sets.labelled.sum()))
    if len(sets.names) == 0 or len(constant):
        which = f"label {str(sets.names[constant[0]])!r}" if len(constant) else "no label is there:"
        raise LabelsError(
            f"task: multilabel needs samples with and without each label; {which} is had by all "
            "samples or by none. Leave it out."
        )
    return sets


def _from_collections(labels: Sequence[Collection[object] | None]) -> LabelSets:
    known = [one for one in labels if one is not None]
    if any(isinstance(one, str) or not isinstance(one, Collection) for one in known):
        raise LabelsError(
            "task: multilabel takes an n × L matrix of 0 and 1, or one collection of labels a "
            "sample, such as ['cat', 'outdoor']."
        )
    names = sorted({str(name) for one in known for name in one})
    place = {name: column for column, name in enumerate(names)}
    present = np.zeros((len(labels), len(names)), dtype=bool)
    for row, one in enumerate(labels):
        present[row, [place[str(name)] for name in one or ()]] = True
    labelled = np.array([one is not None for one in labels], dtype=bool)
    return LabelSets(np.array(names, dtype=object), present, labelled)


def judge_label_sets(
    solver: KernelSolver, sets: LabelSets, unlabelled_rows: Tensor, judging: Judging
) -> LabelScores:
    """Judge every label of every sample.

    Label l of sample i has the target y = ±1 and the leave-one-out prediction ŷ of the binary
    problem; its probability is σ(2Tŷ), the softmax of (ŷ, −ŷ), with one temperature T for all.
    `label_score` is the minimum over the labels, `cg_score` the sum, `margin` the maximum; a sample
    is flagged if one of its labels is. Figures per label are in `LabelScores.per_label`.

    Parameters
    ----------
    solver
        Of the labelled rows.
    sets
        Labels of n samples.
    unlabelled_rows : Tensor, shape (n − n_l, d)
    """
    diagonal = solver.inverse_diagonal()
    labelled = sets.labelled
    present = torch.from_numpy(sets.present[labelled]).to(diagonal.device)
    targets = present.to(diagonal.dtype) * 2 - 1
    alpha = solver.solve(targets)
    predicted = targets - alpha / diagonal[:, None]
    given = (targets * predicted).flatten()
    logits = WholeLogits(torch.stack([given, -given], dim=1), given)
    everywhere = torch.ones_like(given, dtype=torch.bool)
    probabilities = calibrate(logits, everywhere)
    score = probabilities.of(given, probabilities.log_normaliser).reshape(predicted.shape)
    issues = _issues(score, present, judging)
    cg_score = alpha**2 / diagonal[:, None]
    terms = (2 * (targets.double() * alpha.double()).sum(dim=0) / len(targets)).clamp(min=0).sqrt()
    said = _everywhere(predicted, labelled, np.nan)
    if not labelled.all():
        said[~labelled] = solver.predict(unlabelled_rows, alpha).cpu().numpy()
    per_label = PerLabel(
        names=sets.names,
        label_score=_everywhere(score, labelled, np.nan),
        cg_score=_everywhere(cg_score, labelled, np.nan),
        is_label_issue=_everywhere(issues, labelled, False),
        predicted=said > 0,
        presence=1 / (1 + np.exp(-2 * probabilities.temperature * said.astype(np.float64))),
    )
    given_sets = _named(sets.names, sets.present)
    given_sets[~labelled] = None
    return LabelScores(
        classes=sets.names,
        given_label=given_sets,
        predicted_label=_named(sets.names, per_label.predicted),
        label_score=_everywhere(score.amin(dim=1), labelled, np.nan),
        cg_score=_everywhere(cg_score.sum(dim=1), labelled, np.nan),
        margin=_everywhere((-2 * targets * predicted).amax(dim=1), labelled, np.nan),
        is_label_issue=_everywhere(issues.any(dim=1), labelled, False),
        top_labels=np.empty((len(labelled), 0)),
        top_scores=np.empty((len(labelled), 0)),
        temperature=probabilities.temperature,
        complexity=float(terms.sum()),
        class_complexity=terms.cpu().numpy(),
        info=solver.info,
        warnings=(),
        per_label=per_label,
    )


def _issues(score: Tensor, present: Tensor, judging: Judging) -> Tensor:
    """Flag where the other answer is more probable, by the rule that `flags.flagged` tells of.

    Confident learning asks here that the other answer is as sure as it usually is, where given. A
    label that one sample alone has is not flagged on it.
    """
    doubtful = score < 0.5
    issues = doubtful
    if judging.issue_rule != "disagreement":
        usual_yes = _column_mean(score, present)
        usual_no = _column_mean(score, ~present)
        issues = doubtful & ((1 - score) >= torch.where(present, usual_no, usual_yes))
    if judging.issue_rule == "ranked":
        issues = lowest(score, doubtful, int(issues.sum()))
    # A label that no other sample has has nobody to speak for it.
    alone = present & (present.sum(dim=0) < 2)
    return issues & ~alone & (1 - 2 * score >= judging.strictness)


def _everywhere(values: Tensor, labelled: np.ndarray, gap: float | bool) -> np.ndarray:
    """Return values of the labelled samples as those of all, with a gap where there is no label."""
    own = values.cpu().numpy()
    found = np.full((len(labelled), *own.shape[1:]), gap, dtype=own.dtype)
    found[labelled] = own
    return found


def _column_mean(values: Tensor, where: Tensor) -> Tensor:
    return (values * where).sum(dim=0) / where.sum(dim=0)


def _named(names: np.ndarray, present: np.ndarray) -> np.ndarray:
    sets = np.empty(len(present), dtype=object)
    for row, has in enumerate(present):
        sets[row] = tuple(names[has].tolist())
    return sets
