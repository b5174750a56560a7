"""What the report says where a sample may have several labels: which to add, which to take away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from cgaudit.pages.frame.exact import exact, exact_bytes
from cgaudit.pages.frame.size import CLASS_ROWS
from cgaudit.results.columns import are_sets
from cgaudit.results.labels import health_by_label, missing_by_label
from cgaudit.results.metrics import Metrics
from cgaudit.results.summary import metric_keys
from cgaudit.wording.labelsets import change_in_words, in_words, known_set
from cgaudit.wording.numbers import count, figure, percent, plural, score
from cgaudit.wording.text import natural, printable

#: What the labels to choose from may take of the page, in bytes.
NAME_BYTES = 200_000


class Several(NamedTuple):
    """The labels of a sample, and what the rest of the data says of them.

    Attributes
    ----------
    given
        Sorted.
    extra
        Given, and the rest of the data speaks against them.
    missing
        Not given, and the rest of the data speaks for them.
    flagged
        Those of the two that are flagged.
    presence
        How probable some labels are to be there: the most probable ones, and the worst.
    """

    given: Sequence[str]
    extra: Sequence[str]
    missing: Sequence[str]
    flagged: frozenset[str]
    presence: Mapping[str, float]

    def in_words(self) -> str:
        """Return what the rest of the data says, in a sentence."""
        parts = [
            f"{verb} {_listed(labels, self.presence)}"
            for verb, labels in (("it would have", self.missing), ("not have", self.extra))
            if labels
        ]
        if self.extra and not self.missing:
            parts = [f"it would {parts[0]}"]
        said = ", and ".join(parts) or "each label is as it is given"
        return f"Judged by all other samples {said}."


def several_of(row: pd.Series[Any]) -> Several | None:
    """Return the labels of a row of the scores table; None where each sample has one."""
    if not are_sets(row.index):
        return None
    given, suggested = (known_set(row[name]) for name in ("given_label", "predicted_label"))
    presence = dict(zip(row["top_labels"], map(float, row["top_scores"]), strict=True))
    worst, own = row["worst_label"], float(row["label_score"])
    presence.setdefault(worst, own if worst in given else 1 - own)
    flagged = frozenset([*row["labels_doubtful"], *row["labels_missing"]])
    return Several(
        sorted(given), sorted(given - suggested), sorted(suggested - given), flagged, presence
    )


def several_card(shown: Several) -> dict[str, Any]:
    """Return what a card says of the labels of a sample: chips, and a sentence."""
    chips = [
        *(_chip(name, "extra" if name in shown.extra else "", shown) for name in shown.given),
        *(_chip(name, "missing", shown) for name in shown.missing),
    ]
    return {"chips": chips, "why": printable(shown.in_words(), 400)}


def _chip(name: str, mark: str, shown: Several) -> dict[str, Any]:
    odds = shown.presence.get(name) if mark else None
    return {
        "name": printable(name),
        "mark": mark,
        "flagged": name in shown.flagged,
        "odds": None if odds is None else percent(odds),
    }


def _listed(labels: Sequence[str], presence: Mapping[str, float]) -> str:
    return ", ".join(
        f"{name} ({percent(presence[name])})" if name in presence else name for name in labels
    )


def suggestion_in_words(given: str | None, suggested: str) -> str:
    """Return what is suggested beside what is given: ``+dog −cat``."""
    return change_in_words(known_set(given), known_set(suggested)) or "as given"


def several_verdict(n_issues: int, n_labelled: int) -> dict[str, Any]:
    """Return the headline, and what it means."""
    if not n_issues:
        return {
            "says": f"None of {plural(n_labelled, 'sample')} seems to lack a label or to have one "
            "too many.",
            "means": "No sample was flagged. The gallery shows those whose labels the rest of the "
            "data supports least: worth a glance, not an alarm.",
        }
    are = "is" if n_issues == 1 else "are"
    return {
        "says": f"{count(n_issues)} of {plural(n_labelled, 'sample')} {are}",
        "means": "Judged by all other samples, each of these lacks a label or has one too many. "
        "A flag is a place to look: a person decides what is wrong.",
    }


def several_figures(metrics: Metrics, labelled: pd.DataFrame) -> list[dict[str, str]]:
    """Return the headline figures, each with a sentence that says what it means."""
    flagged = labelled[labelled["is_label_issue"].astype(bool)]
    extra, missing = (
        sum(map(len, flagged[name])) for name in ("labels_doubtful", "labels_missing")
    )
    return [
        {
            "name": "Label quality",
            "value": score(metrics.label_quality),
            "means": "The mean label_score: how probable the least supported answer of a sample, "
            "that it has a label or has it not, is to the rest of the data. It compares versions.",
        },
        {
            "name": "Flagged",
            "value": percent(metrics.label_issue_rate),
            "means": f"{plural(metrics.n_label_issues or 0, 'sample')}: of their labels "
            f"{count(extra)} may have to go, and {count(missing)} may have to be added.",
        },
        {
            "name": "Samples",
            "value": count(metrics.n_samples or 0),
            "means": f"{count(len(labelled))} with labels or known to have none, of "
            f"{plural(metrics.n_classes or 0, 'label')}.",
        },
        {
            "name": "Complexity",
            "value": figure(metrics.complexity),
            "means": "How hard the labels are to explain from the features. It compares versions "
            "of this dataset at one ridge λ, not one dataset with another.",
        },
    ]


def labels_section(labelled: pd.DataFrame, metrics: Metrics) -> dict[str, Any]:
    """Return the health of each label, the most contested first, at most ``CLASS_ROWS``."""
    found, missing = health_by_label(labelled), missing_by_label(labelled)
    names = sorted({*found, *missing})
    keys = metric_keys(names)
    contested = {name: of.n_label_issues for name, of in found.items()}
    order = sorted(names, key=lambda it: (-contested.get(it, 0) - missing[it], natural(it)))
    rows = [
        {
            "name": printable(name),
            "n": of.n_samples if (of := found.get(name)) else 0,
            "contested": contested.get(name, 0),
            "quality": of.label_quality if of else None,
            "missing": missing[name],
            "complexity": figure(metrics.classes.get(keys[name], {}).get("complexity"), 2),
        }
        for name in order[:CLASS_ROWS]
    ]
    return {"rows": rows, "shown": len(rows), "total": len(names)}


def names_of(labelled: pd.DataFrame) -> list[str]:
    """Return the labels to choose from, the most used first, as many as there is room for."""
    found = health_by_label(labelled)
    order = sorted(found, key=lambda it: (-found[it].n_samples, natural(it)))
    kept: list[str] = []
    size = 0
    for name in order:
        size += exact_bytes(name) + 1
        if size > NAME_BYTES:
            break
        kept.append(name)
    return kept


def several_data(names: Sequence[str], samples: Sequence[Several | None]) -> dict[str, Any]:
    """Return what the page's script needs besides: the labels, and how probable some are.

    Returns
    -------
    dict
        ``names``; ``chances``, of each sample pairs of a label's number and how probable it is.
    """
    number = {name: at for at, name in enumerate(names)}
    chances = [
        [[number[name], round(p, 4)] for name, p in it.presence.items() if name in number]
        if it
        else []
        for it in samples
    ]
    return {"names": [exact(name) for name in names], "chances": chances}


def neighbour_says(label: str) -> str:
    """Return the labels of a neighbour to read."""
    return in_words(known_set(label))
