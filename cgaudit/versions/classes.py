"""What became of each class from one version to the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pandas as pd

from cgaudit.results.change import ClassChange
from cgaudit.results.metrics import Health

#: Of a class that a version does not have.
_NOBODY = Health(0, 0, None, None)


def classes_of(
    rows: pd.DataFrame, before: Mapping[str, Health], after: Mapping[str, Health]
) -> list[ClassChange]:
    """Return what became of each class, by name.

    Parameters
    ----------
    rows
        The samples of both versions side by side.
    before, after
        The health of their classes.
    """
    kinds = rows["kind"]
    columns = {
        "added": rows.loc[kinds == "added", "given_label_b"],
        "removed": rows.loc[kinds == "removed", "given_label_a"],
        "relabelled_to": rows.loc[kinds == "relabelled", "given_label_b"],
        "relabelled_from": rows.loc[kinds == "relabelled", "given_label_a"],
    }
    counts = {name: Counter(labels.dropna()) for name, labels in columns.items()}
    return classes_between(counts, before, after)


def classes_between(
    counts: Mapping[str, Counter[str]], before: Mapping[str, Health], after: Mapping[str, Health]
) -> list[ClassChange]:
    """Return what became of each class, by name.

    Parameters
    ----------
    counts
        How many samples of each class were ``added``, ``removed``, ``relabelled_to`` it and
        ``relabelled_from`` it.
    before, after
        The health of the classes.
    """
    return [
        {
            "label": label,
            "n_a": a.n_samples,
            "issues_a": a.n_label_issues,
            "label_quality_a": a.label_quality,
            "n_b": b.n_samples,
            "issues_b": b.n_label_issues,
            "label_quality_b": b.label_quality,
            "added": counts["added"][label],
            "removed": counts["removed"][label],
            "relabelled_to": counts["relabelled_to"][label],
            "relabelled_from": counts["relabelled_from"][label],
        }
        for label in sorted({*before, *after})
        for a, b in [(before.get(label, _NOBODY), after.get(label, _NOBODY))]
    ]
