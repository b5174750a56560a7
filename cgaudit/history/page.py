"""A history as one HTML file: a line for each figure, drawn as SVG, and the table.

Built as a tree of elements, so that every name is escaped; no script, nothing fetched.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from cgaudit.history.read import MOVES
from cgaudit.history.show import version_name
from cgaudit.show import figure, visible

_LINES = {
    "label_quality": "Label quality (mean label score; higher is better)",
    "label_issue_rate": "Label issue rate (lower is better)",
    "n_samples": "Samples",
    "complexity": "Complexity of the labelling",
}
_WIDTH, _HEIGHT = 720, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 12, 12, 24

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2430; --soft: #5c6675; --rule: #d9dee6;
  --line: #1f6f8b; --ground: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #9aa5b4; --rule: #3a424e;
  --line: #6cc0dd; --ground: #14181e; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground);
  max-width: 760px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1rem; margin: 1.6rem 0 .2rem; }
svg { width: 100%; height: auto; } svg text { fill: var(--soft); font-size: 11px; }
.rule { stroke: var(--rule); } .line { fill: none; stroke: var(--line); stroke-width: 2; }
.dot { fill: var(--line); } .break { stroke: var(--soft); stroke-dasharray: 3 3; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 13px; }
th, td { text-align: right; padding: .2rem .5rem; border-bottom: 1px solid var(--rule);
  white-space: nowrap; } th:first-child, td:first-child, td:last-child { text-align: left; }
"""


def history_page(found: Mapping[str, Any], title: str = "Label quality by version") -> str:
    """Return the HTML page of a history.

    Parameters
    ----------
    found
        From `cgaudit.history.read.history`.
    title
        The heading.
    """
    versions = found["versions"]
    page = Element("html", lang="en")
    _head(page, title)
    body = SubElement(page, "body")
    SubElement(body, "h1").text = title
    for note in found["notes"]:
        SubElement(body, "p").text = note
    for key, heading in _LINES.items():
        SubElement(body, "h2").text = heading
        body.append(_chart(versions, key, heading))
    if any(row["recomputed"] for row in versions):
        SubElement(body, "p").text = (
            "A dashed rule: from there on the scores were computed with other parameters, so the "
            "figures to its left and right are not of one kind."
        )
    body.append(_table(versions))
    return f"<!doctype html>\n{tostring(page, encoding='unicode', method='html')}\n"


def _head(page: Element, title: str) -> None:
    head = SubElement(page, "head")
    SubElement(head, "meta", charset="utf-8")
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'"
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": policy})
    SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    SubElement(head, "title").text = title
    SubElement(head, "style").text = _STYLE


def _chart(versions: Sequence[Mapping[str, Any]], key: str, heading: str) -> Element:
    svg = Element("svg", viewBox=f"0 0 {_WIDTH} {_HEIGHT}", role="img")
    svg.set("aria-label", heading)
    values = [row[key] for row in versions if row[key] is not None]
    if not values:
        return svg
    low, high = min(values), max(values)
    margin = (high - low) * 0.08 or abs(high) * 0.05 or 1.0
    low, high = low - margin, high + margin
    step = (_WIDTH - _LEFT - _RIGHT) / max(1, len(versions) - 1)

    def at(number: int, value: float) -> tuple[float, float]:
        inner = _HEIGHT - _TOP - _BOTTOM
        return _LEFT + number * step, _TOP + inner * (high - value) / (high - low)

    for value in (max(values), min(values)):
        _, y = at(0, value)
        SubElement(svg, "line", _line(_LEFT, y, _WIDTH - _RIGHT, y), **{"class": "rule"})
        label = SubElement(svg, "text", {"x": f"{_LEFT - 6}", "y": f"{y + 4:.1f}"})
        label.set("text-anchor", "end")
        label.text = _number(value)
    for number, row in enumerate(versions):
        if row["recomputed"]:
            x = at(number, low)[0] - step / 2
            SubElement(svg, "line", _line(x, _TOP, x, _HEIGHT - _BOTTOM), **{"class": "break"})
    points = [at(n, row[key]) if row[key] is not None else None for n, row in enumerate(versions)]
    for run in _runs(points, [row["recomputed"] for row in versions]):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
        SubElement(svg, "polyline", {"points": path, "class": "line"})
    for row, point in zip(versions, points, strict=True):
        if point is not None:
            dot = {"cx": f"{point[0]:.1f}", "cy": f"{point[1]:.1f}", "r": "3", "class": "dot"}
            SubElement(
                SubElement(svg, "circle", dot), "title"
            ).text = f"{version_name(row)} ({row['date']}): {_number(row[key])}"
    _ends(svg, versions)
    return svg


def _ends(svg: Element, versions: Sequence[Mapping[str, Any]]) -> None:
    """Name the first and the last version below a chart."""
    ends = [(versions[0], _LEFT, "start"), (versions[-1], _WIDTH - _RIGHT, "end")]
    for row, x, anchor in ends[: len(versions)]:
        label = SubElement(svg, "text", {"x": f"{x}", "y": f"{_HEIGHT - 6}"})
        label.set("text-anchor", anchor)
        label.text = f"{visible(version_name(row), 30)}, {row['date']}"


def _line(x1: float, y1: float, x2: float, y2: float) -> dict[str, str]:
    places = zip(("x1", "y1", "x2", "y2"), (x1, y1, x2, y2), strict=True)
    return {name: f"{place:.1f}" for name, place in places}


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


def _table(versions: Sequence[Mapping[str, Any]]) -> Element:
    moves = [move for move in MOVES if versions and move in versions[0]]
    box = Element("div", {"class": "wide"})
    table = SubElement(box, "table")
    header = SubElement(SubElement(table, "thead"), "tr")
    names = ["version", "date", "samples", "issue rate", "quality", "complexity", *moves, "change"]
    for column in names:
        SubElement(header, "th").text = column
    body = SubElement(table, "tbody")
    keys = ["n_samples", "label_issue_rate", "label_quality", "complexity", *moves]
    for row in reversed(versions):
        cells = [version_name(row), row["date"], *(_number(row[key]) for key in keys)]
        line = SubElement(body, "tr")
        for cell in [*cells, row["subject"]]:
            SubElement(line, "td").text = visible(cell, 120)
    return box


def _number(value: float | None) -> str:
    return f"{value:,}" if isinstance(value, int) else figure(value, 4)
