"""A chart of a few lines, each within its band, as plain data that the template draws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from cgaudit.pages.frame.axis import Form, nice_step, tick

#: No axis shows less than this part of its largest value: noise is no cliff.
_LEAST_SPAN = 0.05

#: How far apart labels must be, in percent of the plot: on a narrow window, and on a wide one.
_NARROW, _WIDE = 18.0, 4.5


class Series(NamedTuple):
    """One line.

    Attributes
    ----------
    key
        ``"chosen"`` or ``"chance"``: how it is drawn.
    name
        What it is called beside the chart.
    y
        Its values, one a place.
    error
        Half the width of its band at each; None for a line without a band.
    """

    key: str
    name: str
    y: Sequence[float]
    error: Sequence[float] | None = None


def graph(
    x: Sequence[float],
    series: Sequence[Series],
    *,
    x_form: Form,
    y_form: Form,
    says: str,
    logarithmic: bool = False,
) -> dict[str, Any]:
    """Return a chart of one or more lines over the same places.

    Parameters
    ----------
    x
        The places, ascending, at least two.
    series
        The lines, the one that matters first.
    x_form, y_form
        How the figures are written.
    says
        What a person who does not see it is told.
    logarithmic
        Space the places by their ratios.
    """
    at = [math.log(value) for value in x] if logarithmic else list(x)
    across = [round(100 * (value - at[0]) / (at[-1] - at[0]), 2) for value in at]
    low, high, step = _axis(series)

    def down(value: float) -> float:
        return round(100 * (high - value) / (high - low), 2)

    def points(values: Sequence[float]) -> list[str]:
        return [f"{left},{down(value)}" for left, value in zip(across, values, strict=True)]

    n_rules = round((high - low) / step) + 1
    rules = [low + step * i for i in range(n_rules)]
    x_step = min(b - a for a, b in pairwise(x))
    return {
        "says": says,
        "axis": f"The axis starts at {tick(low, step, y_form)}." if low else "",
        "rules": [{"y": down(value), "says": tick(value, step, y_form)} for value in rules],
        "places": [
            {
                "x": left,
                "says": tick(value, 10 ** math.floor(math.log10(x_step)), x_form),
                "wide": i not in _fitting(across, _NARROW),
            }
            for i, (left, value) in enumerate(zip(across, x, strict=True))
            if i in _fitting(across, _WIDE)
        ],
        "series": [
            {
                "key": it.key,
                "name": it.name,
                "band": _band(it, points),
                "line": " ".join(points(it.y)),
                "dots": [
                    {"x": left, "y": down(value)} for left, value in zip(across, it.y, strict=True)
                ],
            }
            for it in series
        ],
    }


def _fitting(across: Sequence[float], gap: float) -> set[int]:
    """Return at which places labels so far apart fit: the last, and from the first what does."""
    chosen = [len(across) - 1]
    before = -gap
    for i, left in enumerate(across[:-1]):
        if left - before >= gap and across[-1] - left >= gap:
            chosen.append(i)
            before = left
    return set(chosen)


def _band(it: Series, points: Any) -> str | None:  # noqa: ANN401 - a function of this module
    if it.error is None:
        return None
    upper = [value + error for value, error in zip(it.y, it.error, strict=True)]
    lower = [value - error for value, error in zip(it.y, it.error, strict=True)]
    return " ".join([*points(upper), *reversed(points(lower))])


def _axis(series: Sequence[Series]) -> tuple[float, float, float]:
    """Return where an axis starts and ends, and the step between its rules: round numbers."""
    ends = [
        value + sign * error
        for it in series
        for value, error in zip(it.y, it.error or [0.0] * len(it.y), strict=True)
        for sign in (-1, 1)
    ]
    low, high = min(ends), max(ends)
    if high - low < _LEAST_SPAN * max(abs(high), 1e-9):
        low = high - _LEAST_SPAN * max(abs(high), 1e-9)
    step = nice_step(high - low)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return first * step, last * step, step
