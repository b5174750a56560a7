"""Whether the features say anything of the labels: nothing may be flagged where they do not."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from cgaudit.numerics.chance import chance_agreement
from cgaudit.score.calibrate import LOG2_GRID

#: Standard deviations above chance from which predictions count as saying something. Predictions of
#: neighbours depend on each other, which widens chance: `benchmarks/nothing.py`.
BOUND = 4.0
#: The part of what chance leaves to be told that predictions tell, below which they tell little.
LITTLE = 0.2


@dataclass(frozen=True)
class Agreement:
    """How often given and predicted classes agree, as counts that add up over parts.

    Attributes
    ----------
    given, said : Tensor of int64, shape (K,)
        How often each class is given, and how often it is predicted.
    agreeing
        How often both are one.
    """

    given: Tensor
    said: Tensor
    agreeing: int

    @classmethod
    def between(cls, codes: Tensor, predicted: Tensor, n_classes: int) -> Agreement:
        """Compare given classes with predicted ones: two tensors of int64, shape (n,)."""
        return cls(
            torch.bincount(codes, minlength=n_classes).cpu(),
            torch.bincount(predicted, minlength=n_classes).cpu(),
            int(torch.count_nonzero(codes == predicted)),
        )

    def added(self, other: Agreement) -> Agreement:
        """Return the counts of both."""
        return Agreement(
            self.given + other.given, self.said + other.said, self.agreeing + other.agreeing
        )


@dataclass(frozen=True)
class Informed:
    """How often predictions that never saw a label agree with it, beside chance.

    Attributes
    ----------
    agreement, chance
        Shares of the labels, in [0, 1].
    deviation
        Of chance.
    temperature
        Of the calibration.
    """

    agreement: float
    chance: float
    deviation: float
    temperature: float

    @classmethod
    def of(cls, found: Agreement, temperature: float) -> Informed:
        """Compare how often classes agree with how often they would by chance."""
        n = max(1, int(found.given.sum()))
        mean, deviation = chance_agreement(found.given.numpy(), found.said.numpy())
        return cls(found.agreeing / n, mean / n, deviation / n, temperature)

    @property
    def nothing(self) -> bool:
        """Whether chance would do as well."""
        coldest = self.temperature <= 2 ** float(LOG2_GRID[0])
        return coldest or self.agreement <= self.chance + BOUND * self.deviation

    @property
    def kappa(self) -> float:
        """The part of what chance leaves to be told that is told (Cohen 1960)."""
        return (self.agreement - self.chance) / (1 - self.chance) if self.chance < 1 else 0.0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person must know of it, none where all is well."""
        told = (
            f"predicted without themselves, {self.agreement:.1%} of the labels are as given, and "
            f"the shares of the classes alone give {self.chance:.1%}"
        )
        if self.nothing:
            return (
                f"The features say nothing of the labels: {told}. Nothing is flagged, and no score "
                "means anything. Check that features and labels belong to the same samples in the "
                "same order, or try another featurizer.",
            )
        if self.kappa < LITTLE:
            return (
                f"The features say little of the labels: {told}. Few of the flags can be right. "
                "Try another featurizer.",
            )
        if self.temperature >= 2 ** float(LOG2_GRID[-1]):
            return (
                "The labels follow from the features all but without exception: how sure a "
                f"probability is cannot be told (temperature {self.temperature:g}, the largest "
                "tried).",
            )
        return ()
