"""What a comparison of two versions finds: the types of `cgaudit diff --json`.

A `Diff` is made of JSON's types, so that what is printed, rendered and gated is what was written.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from cgaudit.results.imported import ImportedChange
from cgaudit.results.learning import Learning
from cgaudit.results.named import Named

#: Of a relabelling; ``renamed`` where one label became another wholesale.
Verdict = Literal["supported", "contradicted", "undecided", "renamed"]
Kind = Literal["added", "removed", "relabelled", "redrawn", "edited", "moved", "unchanged"]

Sided = Literal["a", "b"]

SIDES: tuple[Sided, ...] = ("a", "b")
#: What may happen to samples besides another label.
BESIDES: tuple[Kind, ...] = ("added", "removed", "redrawn", "edited", "moved")


class Moved(Named):
    """A sample and its scores in both versions.

    Attributes
    ----------
    label_score_a, label_score_b
        In either version; None where the sample is not there or has no label.
    """

    label_score_a: float | None
    label_score_b: float | None


class Listed(Moved):
    """A sample that was added, removed, edited or moved, or whose score moved.

    Attributes
    ----------
    label
        In b; of a sample that was removed, in a.
    """

    label: str | None


class Redrawn(Listed):
    """A box whose edges are others than before, its class the same.

    Attributes
    ----------
    overlap
        Intersection over union of the two.
    """

    overlap: float | None


class Issue(Listed):
    """A sample that is or was flagged.

    Attributes
    ----------
    kind
        What became of the sample.
    suggested, suggested_score
        The label that the rest of the data suggests, and its probability.
    reviewed
        Whether a person decided that the label stands.
    """

    kind: Kind
    suggested: str | None
    suggested_score: float | None
    reviewed: bool


class _Relabelled(Moved):
    """A sample with another label, but for the label that it had.

    Attributes
    ----------
    to
        The label in b; None where it has none any more.
    verdict
        What the rest of the data, by version b, says of it.
    support
        p(to) − p(from), or the nearest to zero that it can be.
    suggested, suggested_score
        The label that the rest of the data suggests in b, and its probability.
    reviewed
        Whether a person decided that the label stands.
    cg_score_a, cg_score_b
        In either version.
    overlap
        Of a box that was drawn anew as well: intersection over union of the two.
    by
        Of a number: how much larger it is now; None where one of the two is no number.
    added, taken
        Of several labels: those that it got, and those that it had.
    """

    to: str | None
    verdict: Verdict
    support: float | None
    suggested: str | None
    suggested_score: float | None
    reviewed: bool
    cg_score_a: float | None
    cg_score_b: float | None
    overlap: NotRequired[float | None]
    by: NotRequired[float | None]
    added: NotRequired[list[str]]
    taken: NotRequired[list[str]]


# `from` is no name in Python.
_From = TypedDict("_From", {"from": str | None})


class Relabelled(_Relabelled, _From):
    """A sample with another label than before.

    Attributes
    ----------
    from
        The label in a; None where it had none.
    """


class _Respelt(TypedDict):
    """A label in b, and how many have it.

    Attributes
    ----------
    to
        How it is written in b.
    count
        Samples that have it.
    """

    to: str
    count: int


_FromText = TypedDict("_FromText", {"from": str})


class Respelt(_Respelt, _FromText):
    """A label that is only written otherwise than before, and how many samples have it.

    Attributes
    ----------
    from
        How it was written in a.
    """


class ByRipple(TypedDict):
    """Issues of samples that were not touched themselves.

    Attributes
    ----------
    resolved, introduced
        How many of those that were resolved and introduced.
    """

    resolved: int
    introduced: int


class Issues(TypedDict):
    """What became of the label issues.

    Attributes
    ----------
    resolved
        Issues of a that are none in b.
    introduced
        Issues of b that were none in a.
    persisting
        Issues of both.
    silenced
        Samples of b whose label the rest of the data contradicts, and which are no issue because
        b's review memory keeps them and a's did not: the change decides on itself.
    by_ripple
        Those of samples that were not touched.
    """

    resolved: list[Issue]
    introduced: list[Issue]
    persisting: list[Issue]
    silenced: list[Issue]
    by_ripple: ByRipple


class Ripple(TypedDict):
    """Untouched samples whose score moved by more than the tolerance.

    Attributes
    ----------
    tolerance
        By how much a score must move to count.
    count
        How many moved.
    max, mean
        By how much; None where none did.
    up, down
        How many scores rose and fell.
    largest
        Those that moved most.
    """

    tolerance: float
    count: int
    max: float | None
    mean: float | None
    up: int
    down: int
    largest: list[Listed]


class ClassChange(TypedDict):
    """What became of one class.

    Attributes
    ----------
    label
        The class.
    n_a, n_b
        Its labelled samples.
    issues_a, issues_b
        Those of them that are flagged.
    label_quality_a, label_quality_b
        Their mean label_score; None where there are none.
    added, removed
        Samples of it that came and went.
    relabelled_to, relabelled_from
        Samples that got this label, and that lost it.
    """

    label: str
    n_a: int
    n_b: int
    issues_a: int
    issues_b: int
    label_quality_a: float | None
    label_quality_b: float | None
    added: int
    removed: int
    relabelled_to: int
    relabelled_from: int


class MetricsChange(TypedDict):
    """The metrics of both versions and, where both have a number, b − a.

    Attributes
    ----------
    a, b
        The metrics of the version, as in summary.json, without its maps.
    difference
        b − a.
    """

    a: dict[str, Any]
    b: dict[str, Any]
    difference: dict[str, Any]


class Side(TypedDict):
    """One of the two versions.

    Attributes
    ----------
    revision
        What was asked for.
    commit
        Its SHA; None for the workspace.
    provenance
        How its scores were computed.
    """

    revision: NotRequired[str]
    commit: NotRequired[str | None]
    provenance: dict[str, Any]


class Settings(TypedDict):
    """What counted as a change.

    Attributes
    ----------
    band
        How far apart two probabilities must be for a verdict.
    tolerance
        By how much a score must move to count as ripple.
    ids_are_paths
        Whether samples were matched by content first, their ids being only paths.
    """

    band: float
    tolerance: float
    ids_are_paths: bool


class Diff(TypedDict):
    """What changed from version a to version b, and what it did to label quality.

    Attributes
    ----------
    a, b
        The two versions.
    samples
        How many samples are of each kind.
    verdicts
        How many of the relabelled got each verdict; what a person confirmed counts apart.
    relabelled
        Samples with another label.
    respelt
        No relabellings: `1` became `1.0`, ``cat `` became ``cat``.
    added, removed
        Samples that one version alone has.
    redrawn
        Boxes whose edges are others; of boxes alone.
    absent
        Not removed, though the workspace's scores do not have them: their files are not here.
    edited
        Samples of the same id with another content.
    moved
        Samples of the same content in another place.
    warnings
        What to know before trusting the figures.
    issues
        What became of the label issues.
    ripple
        Scores that moved though their samples were not touched.
    classes
        What became of each class.
    summary
        The metrics of both.
    learning
        Where both versions have a training log.
    imported
        Where both versions have scores of other tools: how each column moved.
    settings
        What counted as a change.
    """

    a: Side
    b: Side
    samples: dict[Kind, int]
    verdicts: dict[str, int]
    relabelled: list[Relabelled]
    respelt: list[Respelt]
    added: list[Listed]
    removed: list[Listed]
    redrawn: NotRequired[list[Redrawn]]
    absent: list[Listed]
    edited: list[Listed]
    moved: list[Listed]
    warnings: list[str]
    issues: Issues
    ripple: Ripple
    classes: list[ClassChange]
    summary: MetricsChange
    learning: NotRequired[Learning]
    imported: NotRequired[list[ImportedChange]]
    settings: Settings


def of_sets(diff: Diff) -> bool:
    """Tell whether the samples of a comparison may have several labels."""
    task: object = diff["b"]["provenance"].get("task")
    return task == "multilabel"
