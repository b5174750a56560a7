"""Checks of the features, once, at the public door."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pandas as pd

from cgaudit.errors import FeatureError
from cgaudit.numerics.contents import Gathered

#: Rows looked at together, so that a memory-mapped array is never whole in memory.
_ROWS = 4096


def as_matrix(features: object) -> np.ndarray | Gathered:
    """Return features as an array: a DataFrame's numbers, what else has rows as it is.

    Raises
    ------
    FeatureError
        Not an n × d matrix of finite real numbers; names the first bad row and column.
    """
    if isinstance(features, pd.DataFrame):
        frame, features = features, features.to_numpy()
        if features.dtype == object:
            # Nullable columns; what is no number in them is refused below.
            with suppress(TypeError, ValueError):
                features = frame.to_numpy(np.float64, na_value=np.nan)
    return _checked(features)


def _checked(features: object) -> np.ndarray | Gathered:
    if not isinstance(features, np.ndarray | Gathered) or features.ndim != 2 or 0 in features.shape:
        shape = getattr(features, "shape", type(features).__name__)
        raise FeatureError(f"features must be an array of n rows × d columns; found {shape}.")
    if features.dtype.kind not in "fiub":
        raise FeatureError(f"features must be real numbers; found dtype {features.dtype}.")
    for start in range(0, len(features), _ROWS):
        part = features[start : start + _ROWS]
        bad = ~np.isfinite(part)
        if bad.any():
            row, column = (int(index) for index in np.argwhere(bad)[0])
            raise FeatureError(
                f"features hold {part[row, column]} at row {start + row}, column "
                f"{column} (counted from 0). Fill or drop such values before scoring."
            )
    return features


def zero_rows(features: np.ndarray | Gathered) -> np.ndarray:
    """Return which rows are all zero: bool, shape (n,)."""
    zero = [
        ~features[start : start + _ROWS].any(axis=1) for start in range(0, len(features), _ROWS)
    ]
    return np.concatenate(zero)
