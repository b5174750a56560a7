"""What a history shows: the types of `cgaudit history --json`."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class Dated(TypedDict):
    """A version of the data; None for a figure that it does not have.

    Attributes
    ----------
    commit
        Its SHA.
    date
        Of the commit, in UTC: YYYY-MM-DD.
    subject
        The first line of its message.
    tags
        The tags on it.
    n_samples, n_label_issues, label_issue_rate, label_quality, complexity
        As in summary.json.
    typical_residual
        Where labels are numbers: as in summary.json.
    recomputed
        Whether it was scored with other parameters than the version before.
    added, removed, relabelled
        Samples that changed since the version before, with ``--moves``; None where that cannot be
        told.
    """

    commit: str
    date: str
    subject: str
    tags: list[str]
    n_samples: int | None
    n_label_issues: int | None
    label_issue_rate: float | None
    label_quality: float | None
    complexity: float | None
    recomputed: bool
    typical_residual: NotRequired[float]
    added: NotRequired[int | None]
    removed: NotRequired[int | None]
    relabelled: NotRequired[int | None]


class Timeline(TypedDict):
    """The versions of the data.

    Attributes
    ----------
    versions
        The oldest first.
    notes
        What was left out, and why.
    """

    versions: list[Dated]
    notes: list[str]
