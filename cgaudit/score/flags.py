"""Which labels to flag as issues."""

from __future__ import annotations

import torch
from torch import Tensor

from cgaudit.score.calibrate import Probabilities
from cgaudit.score.predictions import Logits


def class_thresholds(label_score: Tensor, codes: Tensor, n_classes: int) -> Tensor:
    """Return the mean self-confidence of each class (Northcutt et al. 2021, eq. 2).

    Parameters
    ----------
    label_score : Tensor, shape (n_l,)
        Probability of the given label.
    codes : Tensor of int64, shape (n_l,)
        Given classes.

    Returns
    -------
    Tensor, shape (K,); infinite for a class that nobody was given
    """
    total = label_score.new_zeros(n_classes).index_add_(0, codes, label_score)
    count = torch.bincount(codes, minlength=n_classes).to(total)
    return torch.where(count > 0, total / count, torch.inf)


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
    best = thresholds.new_full((len(normaliser),), -1.0)
    chosen = torch.full_like(best, -1, dtype=torch.int64)
    for classes, values in logits.chunks():
        p = probabilities.of(values[labelled], normaliser)
        p = torch.where(p >= thresholds[classes], p, -1.0)
        value, index = p.max(dim=1)
        better = value > best
        best = torch.where(better, value, best)
        chosen = torch.where(better, index + classes.start, chosen)
    return chosen


def flagged(
    rule: str,
    logits: Logits,
    probabilities: Probabilities,
    labelled: Tensor,
    codes: Tensor,
    open_to_doubt: Tensor,
    expected: float = 0.0,
) -> Tensor:
    """Return which labels a rule flags, among those that may be: bool, shape (n_l,).

    ``"disagreement"`` flags them all. ``"confident_learning"``: where the class of
    `confident_classes` is another than the given one (Northcutt et al. 2021, eq. 1). ``"ranked"``:
    as many as that, those with the lowest probability of the given label. Its thresholds count
    well and choose badly: on ten sets of labels with known errors as many from the top of the
    ranking hold up to 1.3 times as many wrong ones (`benchmarks/flags.py`). The calibrated
    confident joint (eq. 3) counts too many where errors are natural confusions, and each class's
    own count chooses no better than the count of all. Where more errors are expected than the rule
    counts, which it does where labels were flipped, as many as are expected are flagged.

    Parameters
    ----------
    labelled : Tensor of bool, shape (n,)
    codes : Tensor of int64, shape (n_l,)
        Given classes.
    open_to_doubt : Tensor of bool, shape (n_l,)
        Labels that something speaks against.
    expected
        How many labels are expected to be wrong (`expect_errors`), an estimate that is rather too
        low than too high.
    """
    if rule == "disagreement":
        return open_to_doubt
    label_score = probabilities.of(logits.given, probabilities.log_normaliser[labelled])
    thresholds = class_thresholds(label_score, codes, logits.n_classes)
    chosen = confident_classes(logits, probabilities, thresholds, labelled)
    confident = open_to_doubt & (chosen != codes) & (chosen >= 0)
    if rule == "confident_learning":
        return confident
    count = max(int(confident.sum()), round(expected))
    return lowest(label_score, open_to_doubt, min(count, int(open_to_doubt.sum())))


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
