"""Axes of charts: rules at round numbers."""

from __future__ import annotations

import math
from typing import Literal

#: So many intervals an axis has at most.
INTERVALS = 4

#: How a figure is written.
Form = Literal["count", "share", "number"]


def nice_step(span: float) -> float:
    """Return the least of 1, 2 and 5 times a power of ten that divides a span in few intervals."""
    power = 10.0 ** math.floor(math.log10(span / INTERVALS))
    return next(m * power for m in (1, 2, 5, 10) if span / (m * power) <= INTERVALS)


def tick(value: float, step: float, form: Form) -> str:
    """Return a number of an axis with as many digits as its step has."""
    scale, unit = (100.0, "\u00a0%") if form == "share" else (1.0, "")
    if step >= 1_000_000:
        scale, unit = 1e-6, "\u00a0M"
    digits = max(0, -math.floor(math.log10(step * scale) + 1e-9))
    return f"{value * scale:,.{digits}f}{unit}" if value else "0"
