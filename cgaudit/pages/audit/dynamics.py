"""What a training log says: the data map, the four corners, and where to look first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cgaudit.dynamics import CORNERS, Dynamics
from cgaudit.numerics.contents import drawn
from cgaudit.results.overview import Overview
from cgaudit.wording.numbers import count, figure, finite, percent, plural
from cgaudit.wording.text import printable

#: Points of the map at most, drawn by content.
POINTS = 1500
#: Colours of the map: as many parts of the samples by their cg_score.
LEVELS = 5
#: Samples named of each corner.
NAMED = 8

_MAP = (
    "The data map: each point a sample, its confidence (mean probability of the given label over "
    "the epochs) from bottom to top, its variability (how much that moved) from left to right. "
    "The darker, the higher its cg_score."
)


def dynamics_section(dynamics: Dynamics, scores: Overview) -> dict[str, Any]:
    """Return what the report says of a training log, as plain data.

    Parameters
    ----------
    dynamics
        The log beside the scores.
    scores
        The scores that it was joined with.
    """
    facts = dynamics.facts
    table = dynamics.table.merge(
        scores.columns("id", "cg_score", "label_score", "predicted_label"), on="id", how="left"
    )
    epochs = f", {plural(facts.n_epochs, 'epoch')}" if facts.n_epochs else ""
    without = (
        f" {plural(facts.n_without, 'labelled sample')} are not in it." if facts.n_without else ""
    )
    points = _points(table)
    return {
        "says": f"From {facts.kind}: {plural(len(table), 'sample')}{epochs}.{without} {facts.why}",
        "map": points,
        "map_says": _map_says(table, points),
        "corners": [
            _corner(name, means, table[table["dynamics_corner"] == name], len(table))
            for name, means in CORNERS.items()
        ]
        if (table["dynamics_corner"] != "").any()
        else [],
        "joined": facts.joins,
    }


def _map_says(table: pd.DataFrame, points: list[dict[str, Any]]) -> str:
    if not points:
        return ""
    n = int(table[["dynamics_confidence", "dynamics_variability"]].notna().all(axis=1).sum())
    part = f" {count(POINTS)} of {count(n)} samples are drawn." if n > POINTS else ""
    return _MAP + part


def _points(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the points of each colour as one path, the lowest scores first."""
    known = table[table[["dynamics_confidence", "dynamics_variability"]].notna().all(axis=1)]
    if not len(known):
        return []
    place = known["cg_score"].rank(pct=True).to_numpy()
    level = np.clip(np.ceil(place * LEVELS), 1, LEVELS)
    # Half a standard deviation of a probability is as much as there can be.
    x = np.round(200 * known["dynamics_variability"].to_numpy().clip(0, 0.5), 1)
    y = np.round(100 - 100 * known["dynamics_confidence"].to_numpy().clip(0, 1), 1)
    names = known["content_hash"].fillna(known["id"])
    shown = np.argsort(drawn(names.astype(str).tolist(), 0), kind="stable")[:POINTS]
    mask = np.zeros(len(known), dtype=bool)
    mask[shown] = True
    return [
        {
            "level": one,
            "path": "".join(
                f"M{left:g} {down:g}h0"
                for left, down in zip(
                    x[mask & (level == one)], y[mask & (level == one)], strict=True
                )
            ),
        }
        for one in range(1, LEVELS + 1)
        if (mask & (level == one)).any()
    ]


def _corner(name: str, means: str, rows: pd.DataFrame, total: int) -> dict[str, Any]:
    order = ["dynamics_joined_score", "label_score", "id"]
    first = rows.sort_values(order).head(NAMED)
    return {
        "name": name,
        "means": means,
        "count": count(len(rows)),
        "share": percent(len(rows) / total if total else None),
        "samples": [
            {
                "id": printable(row["id"]),
                "given": printable(row["given_label"]),
                "suggested": printable(row["predicted_label"]),
                "label_score": figure(finite(row["label_score"])),
                "mean_loss": figure(finite(row["dynamics_mean_loss"]), 2),
                "learned": _epoch(row["dynamics_learned"]),
            }
            for _, row in first.iterrows()
        ],
    }


def _epoch(value: float) -> str:
    return "never" if pd.isna(value) else f"epoch {count(value)}"
