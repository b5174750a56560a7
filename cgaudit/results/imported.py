"""How scores of other tools moved between two versions: a part of `cgaudit diff --json`."""

from __future__ import annotations

from typing import TypedDict

from cgaudit.results.named import Named


class ImportedMove(Named):
    """A sample and its value in both versions.

    Attributes
    ----------
    value_a, value_b
        In either version.
    """

    value_a: float
    value_b: float


class ImportedChange(TypedDict):
    """How one column of another tool moved, over the samples that have a value in both versions.

    Attributes
    ----------
    column
        Its name.
    n
        Samples with a value in both.
    rank_correlation
        Spearman's, of the values in a and b; None of few samples or equal values.
    up, down
        How many values rose and fell.
    median_a, median_b
        Of these samples; None where there are none.
    largest
        The samples whose values moved most, at most 20.
    """

    column: str
    n: int
    rank_correlation: float | None
    up: int
    down: int
    median_a: float | None
    median_b: float | None
    largest: list[ImportedMove]
