"""The metrics of a version of the data: what they are, how they are computed, written and read.

The health of some samples is how many of their labels are flagged and how probable the labels are.
It is computed here for a whole version, for a class of it, and for the classes of a comparison.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np
import pandas as pd

from cgaudit.errors import StaleError
from cgaudit.numerics.rounding import number
from cgaudit.reading.files import Damage
from cgaudit.reading.text import json_of
from cgaudit.results.columns import are_numbers
from cgaudit.results.reading import ColumnReading

#: Significant digits of what is published.
DIGITS = 6

_MAPS = {"classes", "columns", "guesses", "picture_issues", "pairs", "growth"}


#: What a number of samples and a relative complexity may be at most.
_SIZE_DIGITS, _MOST_RELATIVE = 12, 10.0


@dataclass(frozen=True)
class PairMetric:
    """Two classes, and how hard they are to tell apart.

    Attributes
    ----------
    first, second
        Their names.
    relative_complexity
        Complexity of the one against the other, as a share of that of labels at random
        (`cgaudit.analysis`): 0 where they are told apart at once, about 1 where they are not.
    """

    first: str
    second: str
    relative_complexity: float


@dataclass(frozen=True)
class Health:
    """The labels of some samples.

    Attributes
    ----------
    n_samples
        How many have a label.
    n_label_issues, label_issue_rate
        How many of these are flagged, and their share; None where none has a label.
    label_quality
        The mean label_score; None where none has a label.
    """

    n_samples: int
    n_label_issues: int
    label_issue_rate: float | None
    label_quality: float | None


def health(labelled: pd.DataFrame) -> Health:
    """Return the health of samples that have a label, rows of a scores table."""
    scores = labelled["label_score"].to_numpy(dtype=np.float64)
    return health_of(
        len(labelled),
        int(labelled["is_label_issue"].sum()),
        float(scores.mean()) if len(scores) else None,
    )


def health_by_class(table: pd.DataFrame) -> dict[str, Health]:
    """Return the health of each class of a scores table, by its name, in the order of names."""
    columns = table[["given_label", "is_label_issue", "label_score"]]
    wide = columns.astype({"label_score": np.float64})
    found = wide.groupby("given_label", sort=True).agg(
        n=("is_label_issue", "size"),
        issues=("is_label_issue", "sum"),
        quality=("label_score", "mean"),
    )
    return {
        str(name): health_of(int(n), int(issues), float(quality))
        for name, n, issues, quality in found.itertuples(name=None)
    }


def issue_rate(n_label_issues: int, n_samples: int) -> float | None:
    """Return the flagged share of labelled samples; None where there are none."""
    return number(n_label_issues / n_samples, DIGITS) if n_samples else None


def near_duplicates(table: pd.DataFrame) -> dict[str, Any]:
    """Return how many sets of near-duplicates there are, under the names of the metrics.

    Empty where nobody has looked for them. A set whose samples a person let stand, all of them,
    is no conflict any more.
    """
    if not {"near_duplicate_set", "is_duplicate_conflict", "is_split_leak"} <= set(table.columns):
        return {}
    inside = table[table["near_duplicate_set"] >= 0]
    undecided = inside["is_duplicate_conflict"] & inside["given_label"].notna()
    if "is_reviewed" in inside:
        undecided &= ~inside["is_reviewed"]
    sets = inside.assign(open=undecided).groupby("near_duplicate_set")
    return {
        "n_near_duplicate_sets": int(sets.ngroups),
        "n_duplicate_conflicts": int(sets["open"].any().sum()),
        "n_split_leaks": int(sets["is_split_leak"].any().sum()),
    }


def residuals(table: pd.DataFrame) -> dict[str, float | None]:
    """Return how far numbers are from what the others say, under the names of the metrics.

    Empty where labels are classes.

    Parameters
    ----------
    table
        The scores table.
    """
    if not are_numbers(table.columns):
        return {}
    left = table["residual"].abs()
    typical = float(left.median()) if left.notna().any() else None
    around = (table["value"] - table["value"].median()).abs().median()
    explained = 1 - typical / float(around) if typical is not None and around > 0 else None
    return {
        "typical_residual": number(typical, DIGITS),
        "explained": number(explained, DIGITS),
    }


def overlap_issues(table: pd.DataFrame) -> int | None:
    """Return how many places boxes of different classes cover; None where there are no boxes."""
    if not {"overlap_set", "is_overlap_issue"} <= set(table.columns):
        return None
    return int(table.loc[table["is_overlap_issue"].astype(bool), "overlap_set"].nunique())


def health_of(n: int, issues: int, quality: float | None) -> Health:
    """Return the health of n samples that have a label."""
    return Health(n, issues, issue_rate(issues, n), number(quality, DIGITS))


@dataclass(frozen=True)
class Metrics:
    """The metrics of a version, as summary.json keeps them; None for what it does not have.

    Attributes
    ----------
    n_samples, n_unlabelled, n_skipped, n_classes
        Scored samples, those of them without a label, samples that were seen and not scored, and
        labels.
    n_label_issues, label_issue_rate, label_quality
        The health of the labelled ones.
    n_expected_errors, expected_errors_low, expected_errors_high
        How many labels nobody has reviewed are expected to be wrong, and the 95 % interval.
    expected_errors_is_lower_bound
        1 where it is "at least `expected_errors_low`": more may hide in the model's own doubt, and
        there is no upper end. 0 where it is "about".
    n_doubtful
        How many labels the model doubts though it takes them for right: what may hide more errors.
    flag_precision
        The share of the flags that is expected to be wrong, "at least" as the count is; None where
        it cannot be told.
    n_near_duplicate_sets, n_duplicate_conflicts, n_split_leaks
        Sets of samples with nearly the same features, those of them with more than one label, and
        those in more than one split; None where nobody has looked (`score.outliers`).
    n_overlap_issues
        Places that boxes of different classes cover; None where samples are no boxes.
    n_not_numbers
        Labels that should be numbers and are none; their samples count as unlabelled. None, as the
        next two are, where labels are classes.
    typical_residual
        The median of |value − predicted|, each value left out, in the unit of the labels.
    explained
        1 − `typical_residual` over the median of |value − median value|: 1 where the rest of the
        data tells every value, 0 where it tells no more than their middle does.
    complexity
        Σ_c sqrt(2 y_cᵀ(H+λI)⁻¹y_c / n) (Arora et al. 2019, arXiv 1901.08584, theorem 5.1, summed
        over the classes). The sampled method solves no system that it could be read from.
    classes
        The same of each class, by its key in DVC's metrics.
    guesses
        For how many samples something was guessed when they were read, by what it was.
    picture_issues
        How many pictures look odd, by how (`cgaudit.numerics.pictures`).
    columns
        How each column of a table was read, by its key in DVC's metrics.
    pairs
        Classes that are hard to tell apart, the hardest first, by their keys in DVC's metrics.
    growth
        The mean `relative_complexity` of the classes by the number of samples it is of.
    """

    n_samples: int | None = None
    n_unlabelled: int | None = None
    n_skipped: int | None = None
    n_classes: int | None = None
    n_label_issues: int | None = None
    label_issue_rate: float | None = None
    label_quality: float | None = None
    n_expected_errors: int | None = None
    expected_errors_low: int | None = None
    expected_errors_high: int | None = None
    expected_errors_is_lower_bound: int | None = None
    n_doubtful: int | None = None
    flag_precision: float | None = None
    n_near_duplicate_sets: int | None = None
    n_duplicate_conflicts: int | None = None
    n_split_leaks: int | None = None
    n_overlap_issues: int | None = None
    n_not_numbers: int | None = None
    typical_residual: float | None = None
    explained: float | None = None
    complexity: float | None = None
    classes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    guesses: Mapping[str, int] = field(default_factory=dict)
    picture_issues: Mapping[str, int] = field(default_factory=dict)
    columns: Mapping[str, ColumnReading] = field(default_factory=dict)
    pairs: Mapping[str, PairMetric] = field(default_factory=dict)
    growth: Mapping[str, float] = field(default_factory=dict)

    def figures(self) -> dict[str, float]:
        """Return the metrics of the whole version that there are, by their names."""
        return {
            name: value
            for name, value in asdict(self).items()
            if name not in _MAPS and value is not None
        }

    def as_json(self) -> dict[str, Any]:
        """Return what summary.json holds: no lists, as DVC keeps none."""
        guesses = {"guesses": dict(self.guesses)} if self.guesses else {}
        columns = {key: it.facts() | {"name": it.name} for key, it in self.columns.items()}
        return {
            **self.figures(),
            **guesses,
            **({"picture_issues": dict(self.picture_issues)} if self.picture_issues else {}),
            **({} if self.n_not_numbers is not None else {"class": dict(self.classes)}),
            **({"pair": {key: asdict(it) for key, it in self.pairs.items()}} if self.pairs else {}),
            **({"growth": dict(self.growth)} if self.growth else {}),
            **({"column": columns} if columns else {}),
        }

    @classmethod
    def of_json(cls, content: object) -> Metrics | None:
        """Return the metrics in the content of a summary.json; None where it is no object.

        What is no finite number is taken for absent.
        """
        if not isinstance(content, dict):
            return None
        known = {it.name for it in fields(cls)} - _MAPS
        found = {name: content[name] for name in known if _is_number(content.get(name))}
        return cls(
            **found,
            classes=_classes(content.get("class")),
            columns=_columns(content.get("column")),
            pairs=_pairs(content.get("pair")),
            growth=_growth(content.get("growth")),
        )


def _columns(content: object) -> dict[str, ColumnReading]:
    if not isinstance(content, dict):
        return {}
    read = {key: ColumnReading.of(_name(facts, key), facts) for key, facts in content.items()}
    return {key: it for key, it in read.items() if it is not None}


def _pairs(content: object) -> dict[str, PairMetric]:
    if not isinstance(content, dict):
        return {}
    pairs = {key: _pair(facts) for key, facts in content.items()}
    return {key: it for key, it in pairs.items() if it is not None}


def _pair(facts: object) -> PairMetric | None:
    if not isinstance(facts, dict):
        return None
    first, second = facts.get("first"), facts.get("second")
    value = facts.get("relative_complexity")
    if not (isinstance(first, str) and isinstance(second, str) and isinstance(value, int | float)):
        return None
    return PairMetric(first, second, float(value)) if is_relative(value) else None


def _growth(content: object) -> dict[str, float]:
    if not isinstance(content, dict):
        return {}
    return {key: value for key, value in content.items() if _is_size(key) and is_relative(value)}


def _is_size(key: str) -> bool:
    return key.isascii() and key.isdecimal() and key[0] != "0" and len(key) <= _SIZE_DIGITS


def is_relative(value: object) -> bool:
    """Tell whether something is a relative complexity, which chance alone leaves near 1."""
    return _is_number(value) and isinstance(value, int | float) and 0 <= value <= _MOST_RELATIVE


def _name(facts: object, key: str) -> str:
    return str(facts.get("name", key)) if isinstance(facts, dict) else key


def read_metrics(data: bytes, where: str) -> Metrics:
    """Return the metrics in the bytes of a summary.json.

    Raises
    ------
    StaleError
        It is no JSON object.
    """
    try:
        metrics = Metrics.of_json(json_of(data))
    except Damage as damage:
        raise StaleError(f"{where} cannot be read: {damage}. Run `cgaudit score` again.") from None
    if metrics is None:
        raise StaleError(f"{where} is no JSON object. Run `cgaudit score` again.")
    return metrics


def _classes(content: object) -> dict[str, dict[str, float]]:
    if not isinstance(content, dict):
        return {}
    return {
        name: {key: value for key, value in figures.items() if _is_number(value)}
        for name, figures in content.items()
        if isinstance(figures, dict)
    }


def _is_number(value: object) -> bool:
    """Tell a finite number that a float can hold from everything else that JSON may have."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) <= sys.float_info.max
