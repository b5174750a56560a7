"""A map of the data: samples as points of a plane, coloured in several ways."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cgaudit.pages.frame.exact import EXACT_LIMIT, exact_bytes
from cgaudit.results.columns import are_numbers, are_sets
from cgaudit.results.overview import Overview
from cgaudit.wording.numbers import count, plural
from cgaudit.wording.text import natural, printable

#: Points of the map at most, drawn by content.
POINTS = 1500
#: Fewer make no map.
LEAST = 8
#: Names that have a colour of their own; the others share one.
COLOURS = 7
#: What a label_score is said to be, from the lowest up; the lowest have the deepest colour.
LEVELS = ("0–0.2", "0.2–0.4", "0.4–0.6", "0.6–0.8", "0.8–1")
#: What the ids of the points may take of the page, in bytes; points beyond say none.
POINT_BYTES = 120_000

_MADE = {
    "pca": "the two directions in which the features differ most (principal components)",
    "tsne": "t-SNE of the features: what is near is alike, how far apart groups lie means nothing",
}


class _Group(NamedTuple):
    """Points of one colour: its class in the styles, its name, whether the data has that name."""

    colour: str
    name: str
    named: bool
    mask: np.ndarray


def mapped(scores: Overview) -> pd.DataFrame:
    """Return the samples that a map shows: rows of what is counted, and their ``content_hash``."""
    contents = scores.contents()
    drawn = scores.drawn(contents, 0)
    drawn[scores.table["given_label"].isna().to_numpy() | (contents == b"")] = np.inf
    last = np.partition(drawn, POINTS)[POINTS] if len(drawn) > POINTS else np.inf
    near = np.flatnonzero((drawn <= last) & (drawn < np.inf))
    shown = np.sort(near[np.argsort(drawn[near], kind="stable")[:POINTS]])
    hashes = [content.decode("utf-8", "replace") for content in contents[shown]]
    return scores.table.iloc[shown].assign(content_hash=hashes)


def plane_section(points: pd.DataFrame, plane: np.ndarray, made: str, total: int) -> dict[str, Any]:
    """Return what the report says of the map, as plain data.

    Parameters
    ----------
    points
        From `mapped`: m samples.
    plane
        Where they lie, (m, 2).
    made
        How: ``"pca"`` or ``"tsne"``.
    total
        How many samples there are.
    """
    places = _places(plane)
    ids = _ids(points["id"].astype(str).tolist())
    views = [_view("score", "By label_score", _levels(points), places)]
    if not are_numbers(points.columns) and not are_sets(points.columns):
        views.insert(0, _view("label", "By label", _names(points["given_label"]), places))
    if "split" in points and points["split"].notna().any():
        views.append(_view("split", "By split", _names(points["split"].fillna("none")), places))
    drawn_ = (
        f" {count(len(points))} of {count(total)} samples are drawn." if len(points) < total else ""
    )
    return {
        "says": f"Each point a sample, in {_MADE[made]}.{drawn_} Points of one colour far from "
        "their own and among another are worth a look; labels are judged in all dimensions, not "
        "in these two.",
        "views": views,
        "ids": ids,
        "steps": "".join(places),
    }


def points_of(section: Mapping[str, Any] | None, places: Mapping[str, int]) -> dict[str, Any]:
    """Return what the script needs to tell a point by: nothing where there is no map.

    Parameters
    ----------
    section
        From `plane_section`.
    places
        Where in the review's data a sample is that can be decided on, by its id.

    Returns
    -------
    dict
        ``steps``, a path with a step to each point; ``points``, of each its place in the review's
        data, else its id as the page may show it, None where there is no room for that.
    """
    if section is None:
        return {}
    points = [
        None if sample is None else places.get(sample, printable(sample))
        for sample in section["ids"]
    ]
    return {"steps": section["steps"], "points": points}


def _ids(samples: Sequence[str]) -> list[str | None]:
    """Return the ids that there is room for, in the order of the points; None for the others."""
    left, kept = POINT_BYTES, list[str | None]()
    for sample in samples:
        left -= exact_bytes(sample)
        kept.append(sample if left >= 0 and len(sample) <= EXACT_LIMIT else None)
    return kept


def _places(plane: np.ndarray) -> list[str]:
    """Return the step of a path to each point, in a square of 100; far out ones lie at its edge."""
    low, high = np.quantile(plane, [0.01, 0.99], axis=0)
    width = np.where(high > low, high - low, 1)
    square = np.round(np.clip((plane - low) / width, -0.03, 1.03) * 100, 1) + 0.0
    return [f"M{x:g} {100 - y:g}h0" for x, y in square.tolist()]


def _view(key: str, name: str, groups: Iterable[_Group], places: Sequence[str]) -> dict[str, Any]:
    return {
        "key": key,
        "name": name,
        "parts": [
            {
                "colour": group.colour,
                "name": printable(group.name),
                "named": group.named,
                "count": plural(int(group.mask.sum()), "sample"),
                "path": "".join(places[row] for row in np.flatnonzero(group.mask).tolist()),
            }
            for group in groups
        ],
    }


def _names(values: pd.Series[Any]) -> list[_Group]:
    """Return the colour, the name and the points of the most frequent names, then of the others."""
    counts = values.astype(str).value_counts()
    first = sorted(counts.index, key=lambda name: (-counts[name], natural(name)))[:COLOURS]
    texts = values.astype(str).to_numpy()
    groups = [_Group(f"c{at}", name, True, texts == name) for at, name in enumerate(first)]
    others = len(counts) - len(first)
    if others:
        groups.insert(0, _Group("c", plural(others, "other"), False, ~np.isin(texts, first)))
    return groups


def _levels(points: pd.DataFrame) -> list[_Group]:
    """Return the same of parts of the range of label_score; the lowest last, on top."""
    level = np.clip(
        (points["label_score"].to_numpy() * len(LEVELS)).astype(int), 0, len(LEVELS) - 1
    )
    return [
        _Group(f"l{len(LEVELS) - at}", LEVELS[at], False, level == at)
        for at in reversed(range(len(LEVELS)))
        if (level == at).any()
    ]
