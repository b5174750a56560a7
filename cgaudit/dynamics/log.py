"""What a training run wrote of each sample, epoch by epoch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: A probability of nothing has no logarithm: that of float32's smallest step stands for it.
LEAST = 1e-7


@dataclass(frozen=True)
class Log:
    """A training log of n samples over E epochs; NaN where it says nothing.

    Attributes
    ----------
    kind
        What wrote it, for people.
    ids
        Of the samples, as text.
    epochs : sequence of int, length E
        Ascending; none where the log is of the whole run.
    p_given : ndarray of float64, shape (n, E)
        The probability that the model gave to the given label.
    agrees : ndarray of float64, shape (n, E)
        1 where the model predicted the given label, 0 where another.
    margin : ndarray of float64, shape (n, E)
        The given label's logit minus the largest other one.
    aum : ndarray of float64, shape (n,), or None
        The area under the margin, where the log holds nothing else.
    probabilities : ndarray of float64, shape (n, K), or None
        Of all classes, by a model that never saw the sample, where the log is of such a one.
    """

    kind: str
    ids: list[str]
    epochs: list[int]
    p_given: Floats
    agrees: Floats
    margin: Floats
    aum: Floats | None = None
    probabilities: Floats | None = None

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Measures:
    """What a log says of each of n samples; NaN where it does not.

    Attributes
    ----------
    confidence, variability : ndarray of float64, shape (n,)
        Mean and standard deviation of `p_given` over the epochs (Swayamdipta et al., "Dataset
        cartography", EMNLP 2020, section 2).
    mean_loss : ndarray of float64, shape (n,)
        Mean of −log `p_given` over the epochs.
    forgetting : ndarray of float64, shape (n,)
        How often an epoch that agrees is followed by one that does not (Toneva et al., "An
        empirical study of example forgetting", ICLR 2019, section 3).
    first_learned, learned : ndarray of float64, shape (n,)
        The first epoch that agrees, and the first from which on all agree; NaN where none does.
    aum : ndarray of float64, shape (n,)
        Mean `margin` over the epochs (Pleiss et al., "Identifying mislabeled data using the area
        under the margin ranking", NeurIPS 2020, eq. 2).
    """

    confidence: Floats
    variability: Floats
    mean_loss: Floats
    forgetting: Floats
    first_learned: Floats
    learned: Floats
    aum: Floats


def measures(log: Log) -> Measures:
    """Return what a log says of each sample."""
    nothing = np.full(len(log), np.nan)
    p, agrees, epochs = log.p_given, log.agrees, np.array(log.epochs, dtype=np.float64)
    if not p.shape[1]:
        aum = nothing if log.aum is None else log.aum
        return Measures(nothing, nothing, nothing, nothing, nothing, nothing, aum)
    known = ~np.isnan(agrees)
    hit = agrees == 1
    # Epochs that say nothing count neither way.
    ever_after = np.flip(np.logical_and.accumulate(np.flip(hit | ~known, axis=1), axis=1), axis=1)
    return Measures(
        confidence=_mean(p),
        variability=_deviation(p),
        mean_loss=_mean(-np.log(np.maximum(p, LEAST))),
        forgetting=np.where(known.any(axis=1), _forgotten(agrees), np.nan),
        first_learned=_first(hit, epochs),
        learned=_first(ever_after & hit, epochs),
        aum=_mean(log.margin),
    )


def _mean(values: Floats) -> Floats:
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0).sum(axis=1)
    mean: Floats = np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
    return mean


def _deviation(values: Floats) -> Floats:
    spread: Floats = np.sqrt(_mean((values - _mean(values)[:, None]) ** 2))
    return spread


def _forgotten(agrees: Floats) -> Floats:
    """Count, of each row, the ones that are followed by a zero; NaN is passed over."""
    counts = np.zeros(len(agrees))
    last = np.full(len(agrees), np.nan)
    for column in agrees.T:
        counts += (last == 1) & (column == 0)
        last = np.where(np.isnan(column), last, column)
    return counts


def _first(true: npt.NDArray[np.bool_], epochs: Floats) -> Floats:
    """Return the epoch of the first that is true in each row, NaN where none is."""
    return np.where(true.any(axis=1), epochs[true.argmax(axis=1)], np.nan)
