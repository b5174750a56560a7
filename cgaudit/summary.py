"""The scores table in a few numbers (DVC metrics) and as tidy tables (DVC plots)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cgaudit.numerics.rounding import significant

HISTOGRAM_BINS = 20
PLOT_SAMPLES = 2000
_DIGITS = 6


def summarise(
    table: pd.DataFrame, class_complexity: Mapping[str, float], n_skipped: int
) -> dict[str, Any]:
    """Return the metrics of a scores table: numbers and maps only, as DVC keeps no others.

    Parameters
    ----------
    table
        The scores table.
    class_complexity
        sqrt(2 yᵀ(H+λI)⁻¹y / n) of each class; `complexity` is their sum.
    n_skipped
        Samples that were seen and not scored.
    """
    labelled = table[table["given_label"].notna()]
    keys = metric_keys(sorted(class_complexity))
    by_class = dict(tuple(labelled.groupby("given_label", sort=True)))
    return {
        "n_samples": len(table),
        "n_unlabelled": len(table) - len(labelled),
        "n_skipped": n_skipped,
        "n_classes": len(class_complexity),
        **_health(labelled),
        **_complexity(sum(class_complexity.values())),
        "class": {
            keys[name]: {
                "n_samples": len(by_class[name]),
                **_health(by_class[name]),
                **_complexity(class_complexity[name]),
            }
            for name in keys
        },
    }


def _health(rows: pd.DataFrame) -> dict[str, float]:
    issues = int(rows["is_label_issue"].sum())
    return {
        "n_label_issues": issues,
        "label_issue_rate": _number(issues / len(rows)),
        "label_quality": _number(float(rows["label_score"].astype(np.float64).mean())),
    }


def _complexity(value: float) -> dict[str, float]:
    """Nothing for the sampled method, which solves no system that it could be read from."""
    return {} if math.isnan(value) else {"complexity": _number(value)}


def _number(value: float) -> float:
    return float(significant(np.array([value]), _DIGITS)[0])


def metric_keys(classes: list[str]) -> dict[str, str]:
    """Return a key for each class that is safe in DVC's dotted metric names, and unique.

    Dots, brackets, quotes, slashes and control characters become ``_``; a name that then collides
    gets a number, in the order of the names.
    """
    keys: dict[str, str] = {}
    taken: set[str] = set()
    for name in classes:
        safe = (
            "".join(c if c.isprintable() and c not in "./\\[]{}'\"" else "_" for c in name) or "_"
        )
        key, number = safe, 2
        while key in taken:
            key, number = f"{safe}_{number}", number + 1
        taken.add(key)
        keys[name] = key
    return keys


def plot_tables(table: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Return the tables of the DVC plots: aggregates whose size does not grow with n.

    ``confusion`` has a row per sample among the flagged (at most `PLOT_SAMPLES`, the worst first),
    as DVC's built-in template counts them itself; ``label_score`` is a histogram; ``class_quality``
    a row per class.
    """
    labelled = table[table["given_label"].notna()]
    return {
        "confusion": _confusion(labelled),
        "label_score": _histogram(labelled),
        "class_quality": _class_quality(labelled),
    }


def _confusion(labelled: pd.DataFrame) -> list[dict[str, Any]]:
    worst = labelled[labelled["is_label_issue"]].nsmallest(PLOT_SAMPLES, "label_score")
    pairs = zip(worst["given_label"], worst["predicted_label"], strict=True)
    return [{"given": given, "suggested": suggested} for given, suggested in sorted(pairs)]


def _histogram(labelled: pd.DataFrame) -> list[dict[str, Any]]:
    edges = np.linspace(0, 1, HISTOGRAM_BINS + 1)
    counts, _ = np.histogram(labelled["label_score"], bins=edges)
    return [
        {"label_score": f"{low:.2f}-{high:.2f}", "samples": int(count)}
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    ]


def _class_quality(labelled: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {"class": str(name), **_health(rows)}
        for name, rows in labelled.groupby("given_label", sort=True)
    ]
