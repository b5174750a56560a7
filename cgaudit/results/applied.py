"""What came of writing decisions into the labels: the types of `cgaudit apply --json`."""

from __future__ import annotations

from typing import TypedDict


class Conflict(TypedDict):
    """A decision on another label or content than there is now.

    Attributes
    ----------
    id
        Of the sample.
    action
        What was decided: keep, relabel or drop.
    what
        What has changed since: label or content.
    decided_on, now
        What it was, and what it is; None where there is none.
    """

    id: str
    action: str
    what: str
    decided_on: str | None
    now: str | None


# `from` is no name in Python.
_From = TypedDict("_From", {"from": str | None})


class _Changed(TypedDict):
    """A sample and its label to be.

    Attributes
    ----------
    id
        Of the sample.
    action
        relabel or drop.
    to
        The label that it gets; None where it is dropped.
    """

    id: str
    action: str
    to: str | None


class Changed(_Changed, _From):
    """A sample that is relabelled or dropped.

    Attributes
    ----------
    from
        The label that it has; None where it has none.
    """


class NewLabel(TypedDict):
    """A label that no sample has yet: it may be mistyped.

    Attributes
    ----------
    label
        As it was decided.
    samples
        How many get it.
    nearest
        The label that is most like it; None where none is.
    respelt
        Whether that is the same label, written otherwise.
    """

    label: str
    samples: int
    nearest: str | None
    respelt: bool


class Applied(TypedDict):
    """What became of a file of decisions.

    Attributes
    ----------
    written
        Whether anything was: not with ``--dry-run``, nor where a decision is in conflict.
    resumed
        Whether a run that was cut short was finished instead.
    relabelled, dropped, kept, already
        How many decisions of each kind; ``already`` were carried out before.
    conflicts
        Where there are any, nothing is written.
    changes
        What is done to labels and samples.
    new_labels
        Labels that no sample has yet.
    files
        Those that change.
    diff
        What changes in them.
    """

    written: bool
    resumed: bool
    relabelled: int
    dropped: int
    kept: int
    already: int
    conflicts: list[Conflict]
    changes: list[Changed]
    new_labels: list[NewLabel]
    files: list[str]
    diff: str
