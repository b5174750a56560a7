"""A history as one HTML file: a chart for each figure, and the table.

Here is decided what the page says, as plain data; the report's templates write it, so that every
name is escaped, no script runs and nothing is fetched.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cgaudit.pages.frame.axis import nice_step, tick
from cgaudit.pages.history.text import version_name
from cgaudit.project import NAMED, SCORE_FIRST
from cgaudit.results.figures import MOVES, Figure, followed
from cgaudit.wording.numbers import figure, metric
from cgaudit.wording.text import visible

_CHARTS = ("label_quality", "label_issue_rate", "n_samples", "complexity", "typical_residual")

#: Its axis need not start at zero: its moves are small, and the page says where the axis starts.
_FLOATS = "label_quality"

#: No axis shows less than this: a move in the third digit is no cliff.
_LEAST_SPAN = 0.05

#: The narrowest plot, in CSS pixels, of each width that history.css tells apart: at 360 pixels of
#: window, from 26rem and from 36rem of panel.
_PLOTS = (216, 330, 490)

#: A letter of the labels below a chart (12 pixels, monospaced), and the gap between two of them.
_LETTER, _GAP = 7.3, 12

_LABEL_LIMIT = 12
_SUBJECT_LIMIT = 120


def page_context(found: Mapping[str, Any], title: str) -> dict[str, Any]:
    """Return everything that the page says: strings, numbers, lists and dicts only."""
    figures = followed(found["versions"])
    versions = [_clean(row, figures) for row in found["versions"]]
    moves = [move for move in MOVES if versions and move in versions[0]]
    return {
        "title": title,
        "verdict": _verdict(versions),
        "lead": _lead(versions),
        "notes": [visible(note, 400) for note in found["notes"]],
        "figures": [_newest(it, versions) for it in figures] if versions else [],
        "charts": [_chart(it, versions) for it in _charted(figures) if _known(it, versions)],
        "columns": [*(it.name for it in figures), *moves],
        "rows": [_row(row, figures, moves) for row in reversed(versions)],
        "thumbnails": [],
    }


def _charted(figures: Sequence[Figure]) -> list[Figure]:
    return [it for key in _CHARTS for it in figures if it.key == key]


def _clean(row: Mapping[str, Any], figures: Sequence[Figure]) -> dict[str, Any]:
    """Return a version with its name, and None for a figure that is no finite number."""
    known = {
        it.key: value if (value := row.get(it.key)) is not None and math.isfinite(value) else None
        for it in figures
    }
    return {**row, **known, "name": visible(version_name(row))}


def _known(it: Figure, versions: Sequence[Mapping[str, Any]]) -> list[float]:
    return [row[it.key] for row in versions if row[it.key] is not None]


def _said(value: float | None, form: str) -> str:
    """Return a figure as precisely as the terminal prints it."""
    if value is None:
        return "–"
    if form == "share":
        return f"{100 * value:.2f}\u00a0%"
    return metric(value)


def _verdict(versions: Sequence[Mapping[str, Any]]) -> str:
    """Return the history at first sight; figures of different kinds are not compared."""
    if not versions:
        return "No version here has metrics."
    first, last = versions[0]["label_quality"], versions[-1]["label_quality"]
    if last is None:
        return "The newest version has no label quality."
    before, after = figure(first, 4), figure(last, 4)
    if any(row["recomputed"] for row in versions):
        return f"Label quality is {after}, scored with other parameters than at first."
    if first is None or len(versions) == 1:
        return f"Label quality is {after}."
    if before == after:
        return f"Label quality is {after}, as at first."
    return f"Label quality {'rose' if last > first else 'fell'} from {before} to {after}."


def _lead(versions: Sequence[Mapping[str, Any]]) -> str:
    if not versions:
        return f"Metrics are in {NAMED.summary}. {SCORE_FIRST}"
    first, last = versions[0], versions[-1]
    if first is last:
        return f"The only version is {last['name']}, of {last['date']}."
    return (
        f"{len(versions):,} versions, from {first['name']} ({first['date']}) to {last['name']} "
        f"({last['date']})."
    )


def _newest(it: Figure, versions: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the newest version's figure, and what it was one version before."""
    newest = versions[-1]
    means = it.means
    if len(versions) > 1 and not newest["recomputed"]:
        means += f" {_said(versions[-2][it.key], it.form)} one version before."
    return {"name": it.name.capitalize(), "value": _said(newest[it.key], it.form), "means": means}


def _row(row: Mapping[str, Any], figures: Sequence[Figure], moves: Sequence[str]) -> dict[str, Any]:
    cells = [_said(row[it.key], it.form) for it in figures]
    return {
        "name": row["name"],
        "date": row["date"],
        "cells": [*cells, *(_said(row[move], "count") for move in moves)],
        "recomputed": row["recomputed"],
        "subject": visible(row["subject"], _SUBJECT_LIMIT),
    }


def _chart(it: Figure, versions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Lay out a figure over the versions, in percent of the plot's width and height.

    So the plot stretches to any width, and its texts keep their size.
    """
    low, high, step = _axis(_known(it, versions), it)
    places = _across(len(versions))

    def height(value: float) -> float:
        return round(100 * (high - value) / (high - low), 2)

    points = [
        None if row[it.key] is None else (x, height(row[it.key]))
        for x, row in zip(places, versions, strict=True)
    ]
    broken = [row["recomputed"] for row in versions]
    ticks = [low + i * step for i in range(round((high - low) / step) + 1)]
    return {
        "name": it.name.capitalize(),
        "means": it.means,
        "axis": f"The axis runs from {tick(low, step, it.form)} to {tick(high, step, it.form)}"
        + (", not from\u00a00." if low else "."),
        "ticks": [{"y": height(value), "says": tick(value, step, it.form)} for value in ticks],
        "lines": [" ".join(f"{x},{y}" for x, y in run) for run in _runs(points, broken)],
        "breaks": [
            round((places[i - 1] + places[i]) / 2, 2) for i, new in enumerate(broken) if new
        ],
        "dots": [
            {"x": x, "y": point[1], "says": _point(row, it)}
            for x, point, row in zip(places, points, versions, strict=True)
            if point is not None
        ],
        "labels": _labels(versions, places),
        "says": f"{it.name.capitalize()}: "
        + " to ".join(dict.fromkeys(_point(row, it) for row in (versions[0], versions[-1]))),
    }


def _point(row: Mapping[str, Any], it: Figure) -> str:
    return f"{row['name']} ({row['date']}): {_said(row[it.key], it.form)}"


def _across(n: int) -> list[float]:
    """Return the places of n versions, in percent of the width."""
    return [50.0] if n == 1 else [round(100 * i / (n - 1), 2) for i in range(n)]


def _axis(values: Sequence[float], it: Figure) -> tuple[float, float, float]:
    """Return where an axis starts and ends, and the step between its rules: round numbers."""
    low, high = min(values), max(values)
    if it.key != _FLOATS:
        low, high = min(0, low), max(0, high)
    elif high - low < _LEAST_SPAN:
        middle = (low + high) / 2
        low, high = middle - _LEAST_SPAN / 2, middle + _LEAST_SPAN / 2
    step = nice_step((high - low) or 1.0)
    if it.form == "count":
        step = max(1, round(step))
    # Noise in the last bit adds no interval, and nothing is drawn beyond what a mean of
    # probabilities can be.
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    if it.key == _FLOATS and min(values) >= 0 and max(values) <= 1:
        first, last = max(first, 0), min(last, round(1 / step))
    return first * step, max(last, first + 1) * step, step


def _runs(
    points: Sequence[tuple[float, float] | None], broken: Sequence[bool]
) -> Iterator[list[tuple[float, float]]]:
    """Yield the stretches of points that may be joined by a line."""
    run: list[tuple[float, float]] = []
    for point, starts_anew in zip(points, broken, strict=True):
        if run and (starts_anew or point is None):
            yield run
            run = []
        if point is not None:
            run.append(point)
    if run:
        yield run


def _labels(versions: Sequence[Mapping[str, Any]], places: Sequence[float]) -> list[dict[str, Any]]:
    """Name the versions below a chart: at each width of the plot as many as fit.

    ``at`` numbers the widths, of `_PLOTS`, at which a label shows. The first and the last always
    do, with their dates.
    """
    last = len(versions) - 1
    labels = [
        {
            "x": x,
            "side": "middle" if 0 < i < last or last == 0 else "end" if i else "start",
            "name": row["name"],
            "says": visible(row["name"], _LABEL_LIMIT),
            "date": row["date"] if i in (0, last) else None,
        }
        for i, (x, row) in enumerate(zip(places, versions, strict=True))
    ]
    shown = [_fitting(labels, width) for width in _PLOTS]
    for i, label in enumerate(labels):
        label["at"] = [number for number, chosen in enumerate(shown) if i in chosen]
    return [label for label in labels if label["at"]]


def _fitting(labels: Sequence[Mapping[str, Any]], width: float) -> set[int]:
    """Return which labels have room in a plot: the first, the last, and what fits between."""
    last = len(labels) - 1
    before, end = _span(labels[0], width)[1], _span(labels[last], width)[0]
    chosen = {0, last}
    for i in range(1, last):
        left, right = _span(labels[i], width)
        if before + _GAP <= left and right + _GAP <= end:
            chosen.add(i)
            before = right
    return chosen


def _span(label: Mapping[str, Any], width: float) -> tuple[float, float]:
    """Return where a label starts and ends in a plot, in pixels."""
    # What is no ASCII may be twice as wide.
    size = _LETTER * sum(1 if c.isascii() else 2 for c in label["says"])
    start = label["x"] * width / 100 - size * {"start": 0, "middle": 0.5, "end": 1}[label["side"]]
    return start, start + size
