"""Several labels a sample, as a scores table holds them: what each label's uses are worth.

The health of a label is that of its given uses: how many there are, and how many of them the rest
of the data contests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

import pandas as pd

from cgaudit.results.columns import are_sets
from cgaudit.results.metrics import Health, health_by_class, health_of
from cgaudit.wording.labelsets import known_set


def health_by_name(labelled: pd.DataFrame) -> dict[str, Health]:
    """Return the health of each class, or of each label where a sample may have several, by name.

    Parameters
    ----------
    labelled
        Rows of a scores table.
    """
    return health_by_label(labelled) if are_sets(labelled.columns) else health_by_class(labelled)


def health_by_label(
    labelled: pd.DataFrame, besides: Mapping[str, int] | None = None
) -> dict[str, Health]:
    """Return the health of each label by its name, in the order of names.

    `label_quality` is the share of the label's given uses that nobody contests.

    Parameters
    ----------
    labelled
        Rows of a scores table.
    besides
        How many samples have a set of labels besides, as it is written, none of them flagged.
    """
    uses = label_counts(labelled["given_label"], besides)
    contested = _contested(labelled, "labels_doubtful")
    return {
        name: health_of(uses[name], contested[name], 1 - contested[name] / uses[name])
        for name in sorted(uses)
    }


def missing_by_label(labelled: pd.DataFrame) -> Counter[str]:
    """Return on how many flagged samples each label is missing."""
    return _contested(labelled, "labels_missing")


def label_counts(
    texts: Iterable[str | None], besides: Mapping[str, int] | None = None
) -> Counter[str]:
    """Return how many of some sets of labels have each label.

    Parameters
    ----------
    texts
        The sets, as they are written; what is no text is none.
    besides
        How many more there are of a set, by how it is written.
    """
    sets = Counter(text for text in texts if isinstance(text, str))
    sets.update(besides or {})
    found: Counter[str] = Counter()
    for text, n in sets.items():
        for name in known_set(text):
            found[name] += n
    return found


def _contested(labelled: pd.DataFrame, column: str) -> Counter[str]:
    """Return how many flags there are on each label; none on what a person let stand."""
    flagged = labelled[labelled["is_label_issue"].astype(bool)]
    return Counter(_names(flagged[column]))


def _names(lists: Iterable[Collection[str]]) -> Iterator[str]:
    for names in lists:
        yield from names
