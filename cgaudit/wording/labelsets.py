"""Sets of labels as text: the one notation that scores, decisions and comparisons share.

A set is written as JSON, its labels sorted: ``["cat", "dog"]``; ``[]`` says that no label applies.
A sample without a label has no text at all.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import NamedTuple

#: What says in words that no label applies.
NONE_APPLIES = "no label"


class SetNotation(NamedTuple):
    """How the data writes several labels in one cell, where it does not use a list.

    Attributes
    ----------
    separator
        What stands between two labels; None where a cell is a list, or one label.
    """

    separator: str | None = None


def set_as_text(labels: Iterable[str]) -> str:
    """Return a set of labels as it is written."""
    return json.dumps(sorted(set(labels)), ensure_ascii=False)


def set_in(text: str) -> tuple[str, ...] | None:
    """Return the labels that a text lists, sorted, each once; None where it is no list of texts."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list) or not all(isinstance(it, str) and it for it in found):
        return None
    return tuple(sorted(set(found)))


def known_set(text: str | None) -> frozenset[str]:
    """Return the labels of a cell of a scores table, which was checked; none where it is empty."""
    return frozenset(() if text is None else set_in(text) or ())


def canonical_set(text: str) -> str:
    """Return a text as sets are written, whatever its spaces and order; others as they are."""
    labels = set_in(text)
    return text if labels is None else set_as_text(labels)


def in_words(labels: Collection[str]) -> str:
    """Return a set of labels to read: ``cat, dog``."""
    return ", ".join(sorted(labels)) or NONE_APPLIES


def change_in_words(before: Collection[str], after: Collection[str]) -> str:
    """Return what a set gained and lost: ``+dog −cat``."""
    gained, lost = (sorted({*a} - {*b}) for a, b in ((after, before), (before, after)))
    return " ".join([*(f"+{it}" for it in gained), *(f"−{it}" for it in lost)])
