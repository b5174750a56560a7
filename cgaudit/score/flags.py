"""Which labels to flag as issues."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from cgaudit.executor import Column, Executor
from cgaudit.numerics.selection import Counts, digit_counts, kth_smallest
from cgaudit.score.calibrate import Probabilities
from cgaudit.score.labelling import OnDevice, PartLabels
from cgaudit.score.predictions import Logits


class Confidence(NamedTuple):
    """Sums of the self-confidence of samples, which add up over parts.

    float32 would not do: a class of 4·10⁷ samples would get a mean of 0.42 for 0.7.

    Attributes
    ----------
    total : Tensor of float64, shape (K,)
        Probabilities of the given label, summed by class.
    samples : Tensor of int64, shape (K,)
        How many these are.
    """

    total: Tensor
    samples: Tensor

    @classmethod
    def of(cls, label_score: Tensor, codes: Tensor, n_classes: int) -> Confidence:
        """Sum the probability of the given label of samples with these classes, (n_l,) both."""
        total = label_score.new_zeros(n_classes, dtype=torch.float64)
        total.index_add_(0, codes, label_score.double())
        return cls(total.cpu(), torch.bincount(codes, minlength=n_classes).cpu())

    def added(self, other: Confidence) -> Confidence:
        """Return the sums of both."""
        return Confidence(self.total + other.total, self.samples + other.samples)

    @property
    def thresholds(self) -> Tensor:
        """The mean self-confidence of each class (Northcutt et al. 2021, eq. 2): float64, (K,).

        Infinite for a class that nobody was given.
        """
        return torch.where(self.samples > 0, self.total / self.samples, torch.inf)


def confident_classes(
    logits: Logits, probabilities: Probabilities, thresholds: Tensor, labelled: Tensor
) -> Tensor:
    """Return the most probable class among those that reach their threshold, or −1.

    Confident learning's class of a sample (Northcutt et al. 2021, section 3.1).

    Returns
    -------
    Tensor of int64, shape (n_l,)
    """
    normaliser = probabilities.log_normaliser[labelled][:, None]
    thresholds = thresholds.to(normaliser.device)
    best = normaliser.new_full((len(normaliser),), -1.0)
    chosen = torch.full_like(best, -1, dtype=torch.int64)
    for classes, values in logits.chunks():
        p = probabilities.of(values[labelled], normaliser)
        p = torch.where(p >= thresholds[classes], p, -1.0)
        value, index = p.max(dim=1)
        better = value > best
        best = torch.where(better, value, best)
        chosen = torch.where(better, index + classes.start, chosen)
    return chosen


@dataclass(frozen=True)
class Doubts:
    """What speaks against the labels of a part.

    Attributes
    ----------
    label_score : Tensor, shape (b_l,)
        Probability of the given label.
    predicted : Tensor of int64, shape (b,)
        The suggested class; the given one where nothing speaks against it.
    is_open : Tensor of bool, shape (b_l,)
        Labels that something speaks against.
    """

    label_score: Tensor
    predicted: Tensor
    is_open: Tensor


class Flagging(NamedTuple):
    """Which of the labels that are open to doubt are flagged, wherever they are.

    Attributes
    ----------
    thresholds : Tensor of float64, shape (K,), or None
        Of confident learning, where its choice is flagged.
    highest
        The highest probability of the given label that is flagged.
    """

    thresholds: Tensor | None
    highest: float


def flagging(
    rule: str,
    executor: Executor,
    logits: Column,
    probabilities: Column,
    parts: Sequence[PartLabels],
    doubts: Column,
    expected: float,
) -> Flagging:
    """Return which labels a rule flags, among those that may be.

    ``"disagreement"`` flags them all. ``"confident_learning"``: where the class of
    `confident_classes` is another than the given one (Northcutt et al. 2021, eq. 1). ``"ranked"``:
    as many as that, those with the lowest probability of the given label, and those that tie with
    the last, so that the order of the samples decides nothing. Its thresholds count
    well and choose badly: on ten sets of labels with known errors as many from the top of the
    ranking hold up to 1.3 times as many wrong ones (`benchmarks/flags.py`). The calibrated
    confident joint (eq. 3) counts too many where errors are natural confusions, and each class's
    own count chooses no better than the count of all. Where more errors are expected than the rule
    counts, which it does where labels were flipped, as many as are expected are flagged.

    Parameters
    ----------
    rule
        Of `cgaudit.score.judging.ISSUE_RULES`.
    executor
        Where the parts are.
    logits, probabilities, parts, doubts
        Of each part: what its probabilities are made of, what is kept of them, its labels, and its
        `Doubts`.
    expected
        How many labels are expected to be wrong (`expect_errors`), an estimate that is rather too
        low than too high.
    """
    if rule == "disagreement":
        return Flagging(None, math.inf)
    confidence = executor.reduce(_confidence, Confidence.added, logits, parts, doubts)
    if rule == "confident_learning":
        return Flagging(confidence.thresholds, math.inf)
    columns = logits, probabilities, parts, doubts
    counts = executor.reduce(_counted, torch.add, *columns, shared=(confidence.thresholds,))
    confident, doubtful = counts.tolist()
    count = min(max(confident, round(expected)), doubtful)
    if count == 0:
        return Flagging(None, -1.0)

    def digits(leading: tuple[int, ...]) -> Counts:
        return executor.reduce(_digits, np.add, doubts, shared=(leading,))

    return Flagging(None, kth_smallest(digits, count, _dtype_of(executor, doubts)))


def is_flagged(
    found: Flagging, logits: Logits, probabilities: Probabilities, labels: OnDevice, doubts: Doubts
) -> Tensor:
    """Return which labels of a part are flagged: bool, shape (b_l,)."""
    if found.thresholds is None:
        return doubts.is_open & (doubts.label_score <= found.highest)
    return _confident(logits, probabilities, labels, doubts, found.thresholds)


def _confident(
    logits: Logits,
    probabilities: Probabilities,
    labels: OnDevice,
    doubts: Doubts,
    thresholds: Tensor,
) -> Tensor:
    chosen = confident_classes(logits, probabilities, thresholds, labels.labelled)
    return doubts.is_open & (chosen != labels.codes) & (chosen >= 0)


def _confidence(logits: Logits, part: PartLabels, doubts: Doubts) -> Confidence:
    codes = part.on(doubts.label_score.device).codes
    return Confidence.of(doubts.label_score, codes, logits.n_classes)


def _counted(
    logits: Logits,
    probabilities: Probabilities,
    part: PartLabels,
    doubts: Doubts,
    thresholds: Tensor,
) -> Tensor:
    """Count the labels that confident learning flags, and those open to doubt: int64 (2,)."""
    labels = part.on(doubts.label_score.device)
    confident = _confident(logits, probabilities, labels, doubts, thresholds)
    return torch.stack([confident.sum(), doubts.is_open.sum()]).cpu()


def _digits(doubts: Doubts, leading: tuple[int, ...]) -> Counts:
    return digit_counts(doubts.label_score[doubts.is_open].cpu().numpy(), leading)


def _dtype_of(executor: Executor, doubts: Column) -> np.dtype:
    (found,) = executor.map(_score_dtype, doubts[:1])
    return found


def _score_dtype(doubts: Doubts) -> np.dtype:
    found: np.dtype = doubts.label_score[:0].cpu().numpy().dtype
    return found


def lowest(values: Tensor, among: Tensor, count: int) -> Tensor:
    """Return which are the `count` lowest values among some, and those that tie with the last.

    So the order of the samples decides nothing.

    Parameters
    ----------
    values : Tensor of float, any shape
    among : Tensor of bool, of that shape
    count
        At most as many as there are.

    Returns
    -------
    Tensor of bool, of that shape
    """
    if count == 0:
        return torch.zeros_like(among)
    return among & (values <= values[among].kthvalue(count).values)
