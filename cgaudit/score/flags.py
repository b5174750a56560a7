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
