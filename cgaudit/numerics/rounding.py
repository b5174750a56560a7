"""The digits that are published: what the noise of the arithmetic leaves of them."""

from __future__ import annotations

import math

import numpy as np


def significant(values: np.ndarray, digits: int) -> np.ndarray:
    """Round to a number of significant decimal digits; zero and NaN stay what they are.

    Parameters
    ----------
    values : ndarray of float, any shape
    digits : int

    Returns
    -------
    ndarray of float64, the same shape
    """
    wide = np.asarray(values, dtype=np.float64)
    usable = np.isfinite(wide) & (wide != 0)
    exponent = np.floor(np.log10(np.abs(wide, where=usable, out=np.ones_like(wide))))
    scale = 10.0 ** (digits - 1 - exponent)
    return np.where(usable, np.round(wide * scale) / scale, wide)


def to_decimals(values: np.ndarray, decimals: int) -> np.ndarray:
    """Round to a number of digits after the point, as float32; −0 becomes 0.

    Parameters
    ----------
    values : ndarray of float, any shape
    decimals : int

    Returns
    -------
    ndarray of float32, the same shape
    """
    # Adding 0 turns −0.0 into 0.0.
    return (np.round(values.astype(np.float64), decimals) + 0.0).astype(np.float32)


def number(value: float | None, digits: int) -> float | None:
    """Return one number with so many significant digits; None for what is no finite number.

    JSON knows no NaN: what is not there is null.
    """
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{digits}g}")
