"""How fast labels are learned in two versions: a part of `cgaudit diff --json`."""

from __future__ import annotations

from typing import TypedDict

from cgaudit.results.named import Named


class LearningOf(TypedDict):
    """How fast the labels of some samples are learned, mean −log p of the given label over epochs.

    Attributes
    ----------
    n
        Samples in the training logs of both versions.
    faster
        Those whose loss is lower in b.
    mean_loss_a, mean_loss_b
        The mean of their mean losses; None where there are none.
    """

    n: int
    faster: int
    mean_loss_a: float | None
    mean_loss_b: float | None


class Learned(Named):
    """A relabelled sample in both training logs.

    Attributes
    ----------
    mean_loss_a, mean_loss_b
        Of the sample.
    learned_a, learned_b
        The epoch from which on the model agrees, or None.
    """

    mean_loss_a: float | None
    mean_loss_b: float | None
    learned_a: int | None
    learned_b: int | None


class Learning(TypedDict):
    """Did changing labels change how fast they are learned; beside it, what was not touched.

    Attributes
    ----------
    relabelled
        Of the relabelled samples.
    untouched
        Of those that were not touched, to compare with.
    samples
        The relabelled ones.
    """

    relabelled: LearningOf
    untouched: LearningOf
    samples: list[Learned]
