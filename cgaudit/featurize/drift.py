"""How much of the data a featurizer's frozen state covers, and when a new one pays."""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np
import pandas as pd

from cgaudit.dataset import Source
from cgaudit.errors import SourceError
from cgaudit.featurize.base import Featurizer
from cgaudit.featurize.run import Subset, drawn, fit_featurizer

#: Samples that a share is measured on.
_LOOKED_AT = 256
#: From fewer samples no share is measured at the fit.
_FEWEST = 20
#: A state that covers less than this part of what it covered at the fit is worth replacing.
#: Measured: random other samples of the same images, texts or table keep all of it, and a new state
#: gains nothing there; new vehicles among animals 0.98, unseen intents 0.87 with a gain of 0.003 in
#: AUROC. Below 0.75 a new state gained: 10 intents at the fit and 67 others now (0.68), digits with
#: as many photographs (0.59), columns moved by five deviations (0.52), photographs (0.00, +0.11).
#: Pictures turned into their negatives are said to have drifted, though a new state gains nothing.
_WORTH_KEEPING = 0.75


def covered_at_fit(
    source: Source, featurizer: Featurizer[Any, Any], samples: pd.DataFrame, seed: int = 0
) -> float | None:
    """Return the share of data like that of the fit that a state covers.

    Measured on one half of the samples that `fit_featurizer` learns from, with a state learned from
    the other half: of the very samples that it learned from, a state covers too much.

    Parameters
    ----------
    source, featurizer, samples, seed
        As for `fit_featurizer`. The featurizer's own state is not looked at.

    Returns
    -------
    float or None
        As `covered_now`; None also where there are too few samples.
    """
    paths = drawn(samples, featurizer.fit_limit, seed)
    half = len(paths) // 2
    if not featurizer.learns or len(paths) < _FEWEST:
        return None
    twin = copy(featurizer)
    learned, others = (samples[samples["path"].isin(part)] for part in (paths[:half], paths[half:]))
    try:
        fit_featurizer(source, twin, learned, seed)
    except SourceError:
        return None
    return covered_now(source, twin, others, seed)


def covered_now(
    source: Source, featurizer: Featurizer[Any, Any], samples: pd.DataFrame, seed: int = 0
) -> float | None:
    """Return the share of the data that a fitted state covers, on a few random samples.

    Parameters
    ----------
    source
        The data.
    featurizer
        Fitted.
    samples
        The source's samples table.
    seed
        Decides which samples.

    Returns
    -------
    float or None
        At most 1, which is everything; below 0 where the data differs more from what the state
        expects than the data of the fit does from its mean. None where the featurizer cannot tell,
        or no sample can be read.
    """
    data = Subset(source, drawn(samples, _LOOKED_AT, seed))
    with featurizer.computing():
        shares = [share for share in data.map(featurizer.covered) if share is not None]
    return round(float(np.mean(shares)), 6) if shares else None


def drift_note(then: float | None, now: float | None) -> str | None:
    """Return what to tell the user where a new state pays; None where it does not.

    Parameters
    ----------
    then, now
        The share of the data that the state covered when it was fitted, and covers today.
    """
    if then is None or now is None or then <= 0 or now >= _WORTH_KEEPING * then:
        return None
    return (
        f"The data has drifted from what the featurizer was fitted on: its state covers "
        f"{max(now, 0):.0%} of it, {then:.0%} at the fit. Scores would gain from a new one: run "
        "`cgaudit fit --force`, then `dvc repro` (without DVC `cgaudit run`). They cannot be "
        "compared with earlier scores."
    )
