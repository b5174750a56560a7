"""How far several people agree beyond chance, and how sure that is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

#: Draws of the bootstrap, and its seed: the same decisions give the same interval.
_DRAWS, _SEED = 2000, 0
#: Fewer samples than this give no interval.
FEWEST = 5


class Agreement(NamedTuple):
    """How far people agree.

    Attributes
    ----------
    kappa
        1 where they agree on all, 0 where as often as by chance; NaN where all gave one and the
        same answer, so that chance agrees on all as well.
    low, high
        The 95 % interval; NaN where there are too few samples.
    observed
        The share of pairs of people that agree on a sample.
    """

    kappa: float
    low: float
    high: float
    observed: float


def agreement(answers: npt.NDArray[np.integer], n_classes: int) -> Agreement:
    """Return the agreement of people who each answered on the same samples.

    Cohen's kappa for two people ("A coefficient of agreement for nominal scales", 1960), Fleiss'
    for more ("Measuring nominal scale agreement among many raters", 1971). The interval is the
    percentile bootstrap over the samples (Efron, 1979).

    Parameters
    ----------
    answers
        (n samples, m people): the number of the class that each gave, 0 … n_classes − 1.
    n_classes
        How many classes there are.

    Raises
    ------
    ValueError
        There are fewer than two people.
    """
    n, people = answers.shape
    if people < 2:
        raise ValueError("agreement takes at least two people")
    measure = cohen if people == 2 else fleiss
    kappa, observed = measure(answers, n_classes)
    if n < FEWEST:
        return Agreement(kappa, np.nan, np.nan, observed)
    rng = np.random.default_rng(_SEED)
    drawn = [measure(answers[rng.integers(0, n, n)], n_classes)[0] for _ in range(_DRAWS)]
    found = np.array([value for value in drawn if not np.isnan(value)])
    if len(found) < _DRAWS // 2:
        return Agreement(kappa, np.nan, np.nan, observed)
    low, high = np.quantile(found, [0.025, 0.975])
    return Agreement(kappa, float(low), float(high), observed)


def cohen(answers: npt.NDArray[np.integer], n_classes: int) -> tuple[float, float]:
    """Return Cohen's kappa of two people and the share of samples on which they agree.

    Parameters
    ----------
    answers
        (n, 2): class numbers.
    n_classes
        How many classes there are.
    """
    observed = float(np.mean(answers[:, 0] == answers[:, 1])) if len(answers) else np.nan
    shares = [np.bincount(answers[:, side], minlength=n_classes) for side in (0, 1)]
    by_chance = float(shares[0] @ shares[1]) / max(1, len(answers)) ** 2
    return _beyond_chance(observed, by_chance), observed


def fleiss(answers: npt.NDArray[np.integer], n_classes: int) -> tuple[float, float]:
    """Return Fleiss' kappa and the share of pairs of people that agree.

    Parameters
    ----------
    answers
        (n, m): class numbers of m people.
    n_classes
        How many classes there are.
    """
    n, people = answers.shape
    counts = np.stack([(answers == c).sum(axis=1) for c in range(n_classes)], axis=1)
    pairs = people * (people - 1)
    observed = float(np.mean((counts * (counts - 1)).sum(axis=1) / pairs)) if n else np.nan
    by_chance = float((counts.sum(axis=0) ** 2).sum()) / max(1, n * people) ** 2
    return _beyond_chance(observed, by_chance), observed


def _beyond_chance(observed: float, by_chance: float) -> float:
    return (observed - by_chance) / (1 - by_chance) if by_chance < 1 else np.nan
