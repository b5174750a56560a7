"""Numbers in the form in which they are read."""

from __future__ import annotations

import math
from typing import SupportsFloat

#: Stands where there is no number.
NOTHING = "–"
#: Sizes of measured numbers that are read without a point, and without an exponent.
_WHOLE, _ENDLESS = 1000.0, 1e15


def count(number: float) -> str:
    """Return a whole number with its thousands apart: ``1,797``."""
    return f"{int(number):,}"


def plural(number: int, one: str, many: str | None = None) -> str:
    """Return ``"1 label"`` or ``"1,797 labels"``."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def percent(share: float | None) -> str:
    """Return a share as a percentage that never rounds something to nothing: ``<0.1 %``."""
    if share is None:
        return NOTHING
    if 0 < share < 0.001:
        return "<0.1 %"
    if 0.999 < share < 1:
        return ">99.9 %"
    return f"{100 * share:.0f} %" if share in (0, 1) else f"{100 * share:.1f} %"


#: Scores are stored in float32: nearer to 0 or 1 than this there is nothing to tell.
_LEAST = 1e-6


def score(value: float | None) -> str:
    """Return a score with three digits after the point, or more where it would be 0 or 1.

    Near either end two digits tell scores apart: ``0.00031``, ``0.99987``. Beyond a millionth,
    ``<0.000001`` and ``>0.999999``.
    """
    if value is None:
        return NOTHING
    gap = min(value, 1 - value) if 0 <= value <= 1 else 1.0
    if gap == 0 or gap >= 0.001:
        return f"{value:.3f}"
    if gap < _LEAST:
        return "<0.000001" if value < 0.5 else ">0.999999"
    return f"{value:.{1 - math.floor(math.log10(gap))}f}"


def figure(value: float | None, digits: int = 3) -> str:
    """Return a number with digits after the point, a dash where there is none."""
    return NOTHING if value is None else f"{value:.{digits}f}"


def change(value: float | None, digits: int = 3) -> str:
    """Return a difference with its sign."""
    return NOTHING if value is None else f"{value:+.{digits}f}"


def amount(value: float | None) -> str:
    """Return a measured number to read: four digits, or all that stand before the point.

    ``1,236`` for 1235.6, ``0.01235`` for 0.012346, ``1.23e+20`` for what has no end of them.
    """
    if value is None:
        return NOTHING
    return f"{value:,.0f}" if _WHOLE <= abs(value) < _ENDLESS else f"{value:.4g}"


def signed(value: float | None) -> str:
    """Return a measured difference with its sign: ``+12.5``, ``−1,236``."""
    if value is None:
        return NOTHING
    return f"{'−' if value < 0 else '+'}{amount(abs(value))}"


def metric(value: float | None) -> str:
    """Return a metric: a count with its thousands apart, a figure with four digits."""
    return f"{value:,}" if isinstance(value, int) else figure(value, 4)


def metric_change(value: float | None) -> str:
    """Return a difference between metrics, as `metric` writes them."""
    return f"{value:+,}" if isinstance(value, int) else change(value, 4)


def finite(value: SupportsFloat | None) -> float | None:
    """Return a float, or None where there is no finite number (JSON has no NaN)."""
    number = math.nan if value is None else float(value)
    return number if math.isfinite(number) else None
