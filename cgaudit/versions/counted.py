"""What of a comparison is a figure rather than a list, so that it can be summed over many samples.

Samples that two versions have alike need not be held to be counted: `cgaudit.versions.apart` adds
them up, and what is here adds these sums to those of the samples that are held.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cgaudit.numerics.rounding import number
from cgaudit.results.change import Ripple
from cgaudit.results.columns import are_numbers, are_sets
from cgaudit.results.labels import label_counts
from cgaudit.results.metrics import (
    DIGITS,
    Health,
    health_of,
    near_duplicates,
    overlap_issues,
    residuals,
)
from cgaudit.versions.order import UNTOUCHED
from cgaudit.versions.rows import names, records

#: How many of the scores that moved most are named.
LARGEST_RIPPLES = 20
#: The columns that figures of a whole table are computed from, besides labels and their scores.
OF_FIGURES = (
    *("near_duplicate_set", "is_duplicate_conflict", "is_split_leak", "is_reviewed"),
    *("overlap_set", "is_overlap_issue", "value", "residual"),
)

_NOBODY = (0, 0, 0.0)
_rounded = partial(number, digits=DIGITS)


class Sums(NamedTuple):
    """Samples with a label, none of them flagged, and the sum of their label_score."""

    n: int = 0
    quality: float = 0.0


@dataclass(frozen=True)
class Counted:
    """Samples of one version that are in no table.

    Attributes
    ----------
    n
        How many.
    by_class
        Those with a label.
    rows
        Of those that count in other figures: ``given_label``, of which only counts whether there
        is one, and those of `OF_FIGURES` that there are.
    """

    n: int = 0
    by_class: Mapping[str, Sums] = field(default_factory=dict)
    rows: pd.DataFrame | None = None


@dataclass(frozen=True)
class Rippled:
    """Scores that moved by more than a tolerance, summed up."""

    count: int = 0
    up: int = 0
    total: float = 0.0
    most: float = 0.0


@dataclass(frozen=True)
class Apart:
    """Samples that two versions have alike: same id, content and label, and no issue of either.

    Attributes
    ----------
    a, b
        What is counted of them in either version.
    ripple
        Of their scores, those that moved, but for those that moved most.
    ids_are_paths
        Whether ids of version b only say where samples lie, as far as the table tells; None where
        nothing was set apart.
    """

    a: Counted = field(default_factory=Counted)
    b: Counted = field(default_factory=Counted)
    ripple: Rippled = field(default_factory=Rippled)
    ids_are_paths: bool | None = None

    @property
    def n(self) -> int:
        """How many samples."""
        return self.b.n

    @property
    def labels(self) -> dict[str, int]:
        """How many of them have each label, the same in both versions."""
        return {label: sums.n for label, sums in self.b.by_class.items()}


NOTHING_APART = Apart()


def class_healths(table: pd.DataFrame, besides: Counted) -> dict[str, Health]:
    """Return the health of each class by its name, of a scores table and of what was counted."""
    columns = table[["given_label", "is_label_issue", "label_score"]]
    found = (
        columns.astype({"label_score": np.float64})
        .groupby("given_label", sort=True)
        .agg(
            n=("is_label_issue", "size"),
            issues=("is_label_issue", "sum"),
            quality=("label_score", "sum"),
        )
    )
    held = {
        str(name): (int(n), int(issues), float(quality))
        for name, n, issues, quality in found.itertuples(name=None)
    }
    return {
        name: _health(*held.get(name, _NOBODY), besides.by_class.get(name, Sums()))
        for name in sorted({*held, *besides.by_class})
    }


def _health(n: int, issues: int, quality: float, besides: Sums) -> Health:
    total = n + besides.n
    mean = (quality + besides.quality) / total if total else None
    return health_of(total, issues, mean)


def figures(table: pd.DataFrame, besides: Counted) -> dict[str, Any]:
    """Return what a table and what was counted say of the version, by the names of the metrics."""
    labelled = table[table["given_label"].notna()]
    counted = besides.by_class.values()
    sums = Sums(sum(it.n for it in counted), sum(it.quality for it in counted))
    scores = labelled["label_score"].to_numpy(dtype=np.float64)
    found = _health(len(labelled), int(labelled["is_label_issue"].sum()), float(scores.sum()), sums)
    rows = _with_rows(table, besides.rows)
    overlapping = overlap_issues(rows)
    return {
        "n_samples": len(table) + besides.n,
        **({} if are_numbers(table.columns) else {"n_classes": _n_classes(labelled, besides)}),
        "n_label_issues": found.n_label_issues,
        "label_issue_rate": found.label_issue_rate,
        "label_quality": found.label_quality,
        **near_duplicates(rows),
        **residuals(rows),
        **({} if overlapping is None else {"n_overlap_issues": overlapping}),
    }


def _n_classes(labelled: pd.DataFrame, besides: Counted) -> int:
    names = {*labelled["given_label"], *besides.by_class}
    return len(label_counts(names) if are_sets(labelled.columns) else names)


def _with_rows(table: pd.DataFrame, rows: pd.DataFrame | None) -> pd.DataFrame:
    if rows is None:
        return table
    columns = [name for name in table.columns if name in rows.columns]
    # `residuals` knows numbers by all their columns.
    held = [name for name in table.columns if name in rows.columns or are_numbers(table.columns)]
    return pd.concat([table[held], rows[columns]], ignore_index=True)


def ripple(rows: pd.DataFrame, tolerance: float, besides: Rippled) -> Ripple:
    """Return which untouched samples' scores moved.

    Parameters
    ----------
    rows
        The samples of both versions side by side.
    tolerance
        By how much a score must move to count.
    besides
        Those that are not among the rows.
    """
    untouched = rows[rows["kind"].isin(UNTOUCHED)]
    change = untouched["label_score_b"] - untouched["label_score_a"]
    moved = change[change.abs() > tolerance]
    size = moved.abs()
    by_size = size.sort_values(ascending=False, kind="stable").index[:LARGEST_RIPPLES]
    count = len(moved) + besides.count
    # A sum of many numbers of 32 bits has fewer digits than are published.
    total = float(size.to_numpy(np.float64).sum()) + besides.total
    most = max(float(size.max()) if len(moved) else 0.0, besides.most)
    up = int((moved > 0).sum()) + besides.up
    return {
        "tolerance": tolerance,
        "count": count,
        "max": _rounded(most) if count else 0.0,
        "mean": _rounded(total / count) if count else 0.0,
        "up": up,
        "down": count - up,
        "largest": [
            {
                **names(row),
                "label": row["given_label_b"],
                "label_score_a": row["label_score_a"],
                "label_score_b": row["label_score_b"],
            }
            for row in records(untouched.loc[by_size])
        ],
    }
