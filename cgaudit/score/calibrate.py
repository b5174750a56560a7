"""From leave-one-out predictions to calibrated probabilities.

p_i = softmax(T ŷ_i), with the one temperature T that minimises the negative log-likelihood of the
given labels (temperature scaling, Guo et al. 2017). It is honest without a held-out set, because
ŷ_i never saw label i.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from cgaudit.numerics.topk import Largest, largest
from cgaudit.score.predictions import Logits

TOP = 5
#: log2 of the temperatures tried; the best is refined between its neighbours.
LOG2_GRID = torch.arange(-3.0, 8.01, 0.5, dtype=torch.float64)


@dataclass(frozen=True)
class Probabilities:
    """What is kept of the probabilities of n samples over K classes.

    Attributes
    ----------
    temperature
        T.
    log_normaliser : Tensor, shape (n,)
        log Σ_c exp(T ŷ_ic).
    top_logits, top_classes : Tensor, shape (n, min(5, K))
        The largest ŷ and their classes, best first.
    """

    temperature: float
    log_normaliser: Tensor
    top_logits: Tensor
    top_classes: Tensor

    @property
    def top(self) -> Tensor:
        """Probabilities of the top classes: shape (n, min(5, K))."""
        return self.of(self.top_logits, self.log_normaliser[:, None])

    def of(self, logits: Tensor, log_normaliser: Tensor) -> Tensor:
        """Probabilities of logits whose rows have these normalisers."""
        return torch.exp(self.temperature * logits - log_normaliser)


def calibrate(logits: Logits, labelled: Tensor) -> Probabilities:
    """Fit the temperature and normalise.

    Parameters
    ----------
    logits
        ŷ of all n samples.
    labelled : Tensor of bool, shape (n,)
    """
    return normalised(logits, temperature_of(losses(logits, labelled)))


def losses(logits: Logits, labelled: Tensor) -> Tensor:
    """Return the negative log-likelihood of the given labels at each temperature of the grid.

    A sum over samples: that of parts of them is the sum of theirs.

    Returns
    -------
    Tensor of float64, shape (24,), on the CPU
    """
    given = logits.given
    grid = torch.exp2(LOG2_GRID).to(given)
    normaliser = given.new_full((len(grid), len(given)), -math.inf)
    for _, values in logits.chunks():
        own = values[labelled]
        for index, temperature in enumerate(grid):
            part = torch.logsumexp(temperature * own, dim=1)
            normaliser[index] = torch.logaddexp(normaliser[index], part)
    loss = (normaliser.double() - grid.double()[:, None] * given.double()).sum(dim=1)
    return loss.cpu()


def temperature_of(loss: Tensor) -> float:
    """Return the temperature at which `losses` are the least."""
    return float(2 ** _lowest(LOG2_GRID, loss))


def normalised(logits: Logits, temperature: float) -> Probabilities:
    """Return what is kept of the probabilities of each sample at a temperature."""
    normaliser: Tensor | None = None
    top: Largest | None = None
    for classes, values in logits.chunks():
        part = torch.logsumexp(temperature * values, dim=1)
        normaliser = part if normaliser is None else torch.logaddexp(normaliser, part)
        top = largest(values, TOP, classes.start, top)
    if normaliser is None or top is None:
        raise ValueError("logits without classes")
    return Probabilities(temperature, normaliser, *top)


def _lowest(at: Tensor, loss: Tensor) -> float:
    """Return the minimum of the parabola through the lowest grid point and its neighbours."""
    best = int(loss.argmin())
    if best in (0, len(at) - 1):
        return float(at[best])
    before, here, after = (float(value) for value in loss[best - 1 : best + 2])
    curvature = before - 2 * here + after
    offset = 0.5 * (before - after) / curvature if curvature > 0 else 0.0
    return float(at[best]) + offset * float(at[1] - at[0])
