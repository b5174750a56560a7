"""The sections on classes: which are confused, and how each does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd

from cgaudit.pages.audit.charts import Pairs, confusion
from cgaudit.pages.audit.growth import class_complexity, whole_section
from cgaudit.pages.frame.size import CLASS_ROWS
from cgaudit.results.metrics import Health, Metrics, health_by_class
from cgaudit.results.summary import metric_keys
from cgaudit.wording.numbers import figure
from cgaudit.wording.text import natural, printable


def codes_of(labelled: pd.DataFrame, scores: pd.DataFrame) -> dict[str, int]:
    """Return the number of each class, given or suggested."""
    names = sorted(
        {str(name) for name in labelled["given_label"].unique()}
        | {str(name) for name in scores["predicted_label"].dropna().unique()},
        key=natural,
    )
    return {name: code for code, name in enumerate(names)}


def of_classes(
    labelled: pd.DataFrame, codes: Mapping[str, int], metrics: Metrics
) -> dict[str, Any]:
    """Return the sections on classes."""
    pairs = _pairs(labelled[labelled["is_label_issue"].astype(bool)])
    sizes = labelled["given_label"].value_counts().to_dict()
    return {
        "confusion": confusion(pairs, {name: sizes.get(name, 0) for name in codes}, codes),
        "classes": _classes(labelled, pairs, metrics),
        "whole": whole_section(metrics),
    }


def _pairs(flagged: pd.DataFrame) -> Pairs:
    """Count the flagged samples by (given label, suggested label)."""
    given = flagged["given_label"].astype(str)
    return Counter(zip(given, flagged["predicted_label"].astype(str), strict=True))


def _classes(labelled: pd.DataFrame, pairs: Pairs, metrics: Metrics) -> dict[str, Any]:
    """Return the health of each class, the most flagged first, at most ``CLASS_ROWS``."""
    instead: dict[str, tuple[str, int]] = {}
    wanted: Counter[str] = Counter()
    for (given, other), n in sorted(pairs.items(), key=lambda item: (-item[1], item[0])):
        instead.setdefault(given, (other, n))
        wanted[other] += n
    by_class = health_by_class(labelled)
    keys = metric_keys(sorted(by_class))
    rows = [
        {
            "name": printable(name),
            "n": of.n_samples,
            "issues": of.n_label_issues,
            "rate": of.label_issue_rate,
            "quality": of.label_quality,
            "complexity": figure(class_complexity(metrics, keys[name]), 2),
            "instead": printable(instead[name][0]) if name in instead else None,
            "instead_count": instead[name][1] if name in instead else 0,
            "wanted": wanted[name],
        }
        for name, of in sorted(by_class.items(), key=_most_flagged)[:CLASS_ROWS]
    ]
    return {"rows": rows, "shown": len(rows), "total": len(by_class)}


def _most_flagged(item: tuple[str, Health]) -> tuple[object, ...]:
    name, of = item
    return -of.n_label_issues, of.label_quality or 0.0, natural(name)
