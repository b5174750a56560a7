"""What the report says where labels are numbers: residuals, values beside their predictions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cgaudit.dataset import Notation
from cgaudit.pages.frame.axis import nice_step, tick
from cgaudit.results.columns import are_numbers
from cgaudit.results.metrics import Metrics
from cgaudit.wording.numbers import amount, count, percent, plural, score, signed

#: Points of the picture at most, of the flagged and of the others each, drawn by content.
POINTS = 1500
#: The picture reaches this many robust standard deviations from the middle; what is beyond is drawn
#: at its edge.
REACH = 8.0
#: The median of |z| of a standard normal z.
_NORMAL_MEDIAN = 0.6744897501960817
#: The space left at each end of the line on a card, of its width.
_MARGIN = 0.06


class Codes(dict[str, int]):
    """Numbers of labels, given when they are first asked for: numbers have no list of classes."""

    def __missing__(self, label: str) -> int:
        """Return the next number."""
        self[label] = len(self)
        return self[label]

    def ask(self, labels: Iterable[str]) -> None:
        """Number labels that were not asked for."""
        for label in labels:
            self[label]


class Numeric(NamedTuple):
    """A label that is a number, and what the rest of the data says of it.

    Attributes
    ----------
    value, predicted, residual
        The label, its leave-one-out prediction, and their difference.
    deviation
        The standard deviation of the prediction.
    """

    value: float
    predicted: float
    residual: float
    deviation: float

    @property
    def off(self) -> float | None:
        """How many standard deviations the value is off; None where nothing deviates."""
        return abs(self.residual) / self.deviation if self.deviation > 0 else None

    def in_words(self, given: str, suggested: str) -> str:
        """Return what the rest of the data says, in a sentence; labels as the data writes them."""
        said, off = f"Judged by all other samples it is {suggested}", self.off
        if off is None:
            return f"{said}, not {given}."
        side = "above" if self.residual > 0 else "below"
        return (
            f"{said} ± {amount(self.deviation)}; {given} is {amount(off)} standard deviations "
            f"{side}."
        )


def numeric_of(row: pd.Series[Any]) -> Numeric | None:
    """Return the numbers of a row of the scores table; None where labels are classes."""
    if not are_numbers(row.index) or pd.isna(row["residual"]):
        return None
    return Numeric(*(float(row[name]) for name in Numeric._fields))


def numeric_card(shown: Numeric, given: str, suggested: str) -> dict[str, Any]:
    """Return what a card says of a number, and where things lie on its line, in percent."""
    spread = 2 * shown.deviation
    low = min(shown.value, shown.predicted - spread)
    high = max(shown.value, shown.predicted + spread)
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return round(100 * (_MARGIN + (1 - 2 * _MARGIN) * (value - low) / span), 1)

    left, right = place(shown.predicted - spread), place(shown.predicted + spread)
    return {
        "residual": signed(shown.residual),
        "deviation": amount(shown.deviation),
        "why": shown.in_words(given, suggested),
        "at": place(shown.value),
        "said": place(shown.predicted),
        "from": left,
        "width": round(right - left, 1),
    }


def example_of(labelled: pd.DataFrame) -> dict[str, Any]:
    """Return how the labels write numbers: the decimal mark, and an example."""
    notation = Notation.of(labelled["given_label"])
    return {"comma": notation.decimal_comma, "example": notation.write(1234.5)}


def numeric_verdict(n_issues: int, n_labelled: int) -> dict[str, Any]:
    """Return what the headline means, and the headline where nothing is flagged."""
    if not n_issues:
        return {
            "says": f"None of {plural(n_labelled, 'value')} looks wrong.",
            "means": "No sample was flagged. The gallery shows those whose value is farthest from "
            "what the rest of the data says: worth a glance, not an alarm.",
        }
    return {
        "means": "Each of these is farther from what all other samples say than chance allows. "
        "A flag is a place to look: a person decides what is wrong.",
    }


def numeric_figures(metrics: Metrics, n_labelled: int) -> list[dict[str, str]]:
    """Return the headline figures, each with a sentence that says what it means."""
    unread = metrics.n_not_numbers
    return [
        {
            "name": "Typical residual",
            "value": amount(metrics.typical_residual),
            "means": "Half of the values are nearer than this to what the rest of the data says "
            "of them, in their own unit.",
        },
        {
            "name": "Explained",
            "value": percent(metrics.explained) if (metrics.explained or 0) > 0 else "0 %",
            "means": "How much nearer that is than their middle value would be: 100 % where the "
            "rest of the data tells every value.",
        },
        {
            "name": "Flagged",
            "value": percent(metrics.label_issue_rate),
            "means": f"{plural(metrics.n_label_issues or 0, 'value')} farther off than chance "
            "allows: one in twenty of these would be so by chance, were residuals normal.",
        },
        {
            "name": "Label quality",
            "value": score(metrics.label_quality),
            "means": "The mean label_score, about 0.5 where residuals are as normal noise leaves "
            "them. It compares versions.",
        },
        {
            "name": "Samples",
            "value": count(metrics.n_samples or 0),
            "means": f"{count(n_labelled)} with a value"
            f"{f', {count(unread)} with a label that is no number' if unread else ''}.",
        },
    ]


def residual_picture(
    labelled: pd.DataFrame, drawn: npt.NDArray[np.float64]
) -> dict[str, Any] | None:
    """Return residuals against values as a picture; None where there are too few to draw.

    Parameters
    ----------
    labelled
        The n rows of the scores table that have a label.
    drawn
        A number for each, (n,): those with the lowest are drawn.

    Returns
    -------
    dict
        ``series``: the others and the flagged, each as one path in percent of the plot; ``rules``
        and ``places``, the axes; ``zero``; ``beyond``, what is said of points at the edge.
    """
    if len(labelled) < 2:
        return None
    value, residual = (labelled[name].to_numpy(np.float64) for name in ("value", "residual"))
    x_low, x_high = _reach(value)
    y_most = max(map(abs, _reach(residual, middle=0.0))) or 1.0
    x = np.clip((value - x_low) / (x_high - x_low), 0, 1)
    y = np.clip((y_most - residual) / (2 * y_most), 0, 1)
    beyond = (value < x_low) | (value > x_high) | (np.abs(residual) > y_most)
    flagged = labelled["is_label_issue"].to_numpy(dtype=bool)
    order = np.argsort(drawn, kind="stable")
    series, left_out = [], 0
    for key, name, mask in (("others", "not flagged", ~flagged), ("flagged", "flagged", flagged)):
        chosen = order[mask[order]][:POINTS]
        left_out += int(mask.sum()) - len(chosen)
        if len(chosen):
            series.append({"key": key, "name": name, "path": _path(x[chosen], y[chosen])})
    return {
        "series": series,
        "rules": _ticks(-y_most, y_most, down=True),
        "places": _ticks(x_low, x_high, down=False),
        "zero": 50.0,
        "says": _picture_says(int(beyond.sum()), left_out),
    }


def _path(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> str:
    return "".join(f"M{100 * a:.1f} {100 * b:.1f}h0" for a, b in zip(x, y, strict=True))


def _picture_says(beyond: int, left_out: int) -> str:
    parts = [
        "Each point a sample: its value from left to right, by how much it is above or below what "
        "the rest of the data says of it from top to bottom."
    ]
    if beyond:
        parts.append(f"{plural(beyond, 'sample')} beyond the edge stand on it.")
    if left_out:
        parts.append(f"{plural(left_out, 'more sample')} are not drawn.")
    return " ".join(parts)


def _reach(values: npt.NDArray[np.float64], middle: float | None = None) -> tuple[float, float]:
    """Return from where to where values are drawn: all of them, but for what is far out."""
    centre = float(np.median(values)) if middle is None else middle
    deviation = float(np.median(np.abs(values - centre))) / _NORMAL_MEDIAN
    low, high = float(values.min()), float(values.max())
    if deviation > 0:
        low, high = max(low, centre - REACH * deviation), min(high, centre + REACH * deviation)
    return (low, high) if high > low else (centre - 1, centre + 1)


def _ticks(low: float, high: float, *, down: bool) -> list[dict[str, Any]]:
    """Return round numbers between two ends, some eight at most, and where they lie in percent."""
    step = nice_step((high - low) / 2)
    first = np.ceil(low / step)
    numbers = [step * (first + i) for i in range(int(np.floor(high / step) - first) + 1)]
    places = [(high - it if down else it - low) / (high - low) for it in numbers]
    return [
        {"at": round(100 * place, 2), "says": tick(float(it), step, "number")}
        for it, place in zip(numbers, places, strict=True)
    ]
