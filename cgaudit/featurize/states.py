"""What a fitted state must look like before anything is computed with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from cgaudit.featurize.base import State


class Shaped(NamedTuple):
    """An array of a state.

    Attributes
    ----------
    dtype
        Of its numbers.
    shape
        A length for each axis: a number, or a name that stands for one length in all arrays.
    """

    dtype: str
    shape: tuple[int | str, ...]


def mismatch(state: State, wanted: Mapping[str, Shaped]) -> str | None:
    """Return the first way in which a state is not made of these arrays, of finite numbers.

    Parameters
    ----------
    state
        From a file.
    wanted
        All its arrays, by name.
    """
    if state.keys() != wanted.keys():
        return f"it holds the arrays {sorted(state)} and not {sorted(wanted)}"
    lengths: dict[str, int] = {}
    for name, (dtype, shape) in wanted.items():
        array = state[name]
        if array.dtype != np.dtype(dtype) or array.ndim != len(shape):
            return f"its {name} is {array.dtype} of shape {array.shape}"
        for length, axis in zip(array.shape, shape, strict=True):
            expected = lengths.setdefault(axis, length) if isinstance(axis, str) else axis
            if length != expected:
                return f"its {name} has the shape {array.shape}, which does not fit the others"
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            return f"its {name} holds numbers that are not finite"
    return None
