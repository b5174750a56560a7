"""The scores table in a few numbers (DVC metrics) and as tidy tables (DVC plots)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from cgaudit.numerics.rounding import number
from cgaudit.results.labels import health_by_name
from cgaudit.results.metrics import (
    DIGITS,
    Health,
    Metrics,
    health,
    near_duplicates,
    overlap_issues,
)

HISTOGRAM_BINS = 20
PLOT_SAMPLES = 2000


def summarise(
    table: pd.DataFrame, class_complexity: Mapping[str, float], n_skipped: int
) -> Metrics:
    """Return the metrics of a scores table.

    Parameters
    ----------
    table
        The scores table.
    class_complexity
        sqrt(2 yᵀ(H+λI)⁻¹y / n) of each class; `complexity` is their sum. NaN where the method does
        not give it.
    n_skipped
        Samples that were seen and not scored.
    """
    labelled = table[table["given_label"].notna()]
    by_class = health_by_name(labelled)
    return Metrics(
        **{
            "n_samples": len(table),
            "n_unlabelled": len(table) - len(labelled),
            "n_skipped": n_skipped,
            "n_classes": len(class_complexity),
            **_flags(health(labelled)),
            **near_duplicates(table),
        },
        n_overlap_issues=overlap_issues(table),
        complexity=number(sum(class_complexity.values()), DIGITS),
        classes={
            key: {
                **asdict(by_class[name]),
                **_complexity(class_complexity[name]),
            }
            for name, key in metric_keys(sorted(class_complexity)).items()
        },
    )


def _flags(found: Health) -> dict[str, Any]:
    return {name: value for name, value in asdict(found).items() if name != "n_samples"}


def _complexity(value: float) -> dict[str, float]:
    found = number(value, DIGITS)
    return {} if found is None else {"complexity": found}


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
        key, count = safe, 2
        while key in taken:
            key, count = f"{safe}_{count}", count + 1
        taken.add(key)
        keys[name] = key
    return keys


def plot_tables(
    table: pd.DataFrame, task: str = "classification"
) -> dict[str, list[dict[str, Any]]]:
    """Return the tables of the DVC plots: aggregates whose size does not grow with n.

    ``confusion`` has a row per sample among the flagged (at most `PLOT_SAMPLES`, the worst first),
    as DVC's built-in template counts them itself; ``label_score`` is a histogram; ``class_quality``
    a row per class. Where labels are numbers, ``residuals`` has a row per sample in the place of
    ``confusion`` and ``class_quality``: at most `PLOT_SAMPLES`, those with the lowest label_score.
    Where a sample may have several labels, none is mistaken for another: there is no ``confusion``,
    and ``class_quality`` has a row per label.
    """
    labelled = table[table["given_label"].notna()]
    if task == "regression":
        return {"label_score": _histogram(labelled), "residuals": _residuals(labelled)}
    confusion = {} if task == "multilabel" else {"confusion": _confusion(labelled)}
    return {
        **confusion,
        "label_score": _histogram(labelled),
        "class_quality": [
            {"class": name, **_flags(found)} for name, found in health_by_name(labelled).items()
        ],
    }


def _confusion(labelled: pd.DataFrame) -> list[dict[str, Any]]:
    worst = labelled[labelled["is_label_issue"]].nsmallest(PLOT_SAMPLES, "label_score")
    pairs = zip(worst["given_label"], worst["predicted_label"], strict=True)
    return [{"given": given, "suggested": suggested} for given, suggested in sorted(pairs)]


def _residuals(labelled: pd.DataFrame) -> list[dict[str, Any]]:
    worst = labelled.nsmallest(PLOT_SAMPLES, "label_score").sort_values("id")
    columns = ["value", "predicted", "residual", "is_label_issue"]
    flagged = worst["is_label_issue"].map({True: "flagged", False: "not flagged"})
    rows = worst[columns].assign(is_label_issue=flagged).itertuples(index=False, name=None)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _histogram(labelled: pd.DataFrame) -> list[dict[str, Any]]:
    edges = np.linspace(0, 1, HISTOGRAM_BINS + 1)
    counts, _ = np.histogram(labelled["label_score"], bins=edges)
    return [
        {"label_score": f"{low:.2f}-{high:.2f}", "samples": int(count)}
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    ]
