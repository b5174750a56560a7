"""The labels of scores as class numbers, however many there are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cgaudit.numerics.classes import EncodedLabels


def encoded(given: pd.Series[str]) -> EncodedLabels:
    """Number the classes of a column of labels, as `EncodedLabels.of` does, holding no label twice.

    Parameters
    ----------
    given
        (n,), missing or empty where there is no label.
    """
    # What pandas gives for missing labels is UNLABELLED.
    codes, classes = pd.factorize(given.mask(given == ""), sort=True)
    return EncodedLabels(codes.astype(np.int64), np.asarray(classes, dtype=object))
