"""The k-th smallest of values that lie in parts, by counts that add up."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

_BITS = 16

Counts = npt.NDArray[np.int64]


def digit_counts(values: npt.NDArray[np.floating], leading: tuple[int, ...]) -> Counts:
    """Count values ≥ 0 by the next 16 bits of their representation: int64 (65536,).

    Numbers of one sign are ordered as their bits are.

    Parameters
    ----------
    values
        (n,), float32 or float64.
    leading
        The 16-bit digits that those counted begin with.
    """
    size = values.dtype.itemsize
    bits = values.view(np.dtype(f"u{size}")).astype(np.uint64)
    rest = 8 * size - _BITS * (len(leading) + 1)
    if leading:
        bits = bits[bits >> np.uint64(rest + _BITS) == np.uint64(_joined(leading))]
    digits = (bits >> np.uint64(rest)) & np.uint64((1 << _BITS) - 1)
    return np.bincount(digits.astype(np.int64), minlength=1 << _BITS)


def kth_smallest(
    counts: Callable[[tuple[int, ...]], Counts], k: int, dtype: npt.DTypeLike
) -> float:
    """Return the k-th smallest value, k from 1; two rounds of counting in float32, four in float64.

    Parameters
    ----------
    counts
        Returns `digit_counts` of all values together.
    k
        At most as many as there are.
    dtype
        Of the values.
    """
    size = np.dtype(dtype).itemsize
    leading: tuple[int, ...] = ()
    for _ in range(8 * size // _BITS):
        upto = np.cumsum(counts(leading))
        digit = int(np.searchsorted(upto, k))
        k -= int(upto[digit - 1]) if digit else 0
        leading = (*leading, digit)
    bits = np.array([_joined(leading)], dtype=f"u{size}")
    return float(bits.view(dtype)[0])


def _joined(digits: tuple[int, ...]) -> int:
    joined = 0
    for digit in digits:
        joined = joined << _BITS | digit
    return joined
