"""What a comparison of two versions finds: the types of `cgaudit diff --json`.

A `Diff` is made of JSON's types, so that what is printed, rendered and gated is what was written.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

#: Of a relabelling; ``renamed`` where one label became another wholesale.
Verdict = Literal["supported", "contradicted", "undecided", "renamed"]
Kind = Literal["added", "removed", "relabelled", "redrawn", "edited", "moved", "unchanged"]

Sided = Literal["a", "b"]

SIDES: tuple[Sided, ...] = ("a", "b")
#: What may happen to samples besides another label.
BESIDES: tuple[Kind, ...] = ("added", "removed", "redrawn", "edited", "moved")


class Named(TypedDict):
    """A sample: b's id, and a's where it is another; a removed sample has only a's."""

    id: str
    id_a: str | None


class Moved(Named):
    """A sample and its scores in both versions."""

    label_score_a: float | None
    label_score_b: float | None


class Listed(Moved):
    """A sample that was added, removed, edited or moved, or whose score moved."""

    label: str | None


class Redrawn(Listed):
    """A box whose edges are others than before, its class the same."""

    #: Intersection over union of the two.
    overlap: float | None


class Issue(Listed):
    """A sample that is or was flagged."""

    kind: Kind
    suggested: str | None
    suggested_score: float | None
    reviewed: bool


class _Relabelled(Moved):
    to: str | None
    verdict: Verdict
    #: p(to) − p(from), or the nearest to zero that it can be.
    support: float | None
    suggested: str | None
    suggested_score: float | None
    reviewed: bool
    cg_score_a: float | None
    cg_score_b: float | None
    #: Of a box that was drawn anew as well: intersection over union of the two.
    overlap: NotRequired[float | None]
    #: Of a number: how much larger it is now; None where one of the two is no number.
    by: NotRequired[float | None]


# `from` is no name in Python.
_From = TypedDict("_From", {"from": str | None})


class Relabelled(_Relabelled, _From):
    """A sample with another label than before."""


class _Respelt(TypedDict):
    to: str
    count: int


_FromText = TypedDict("_FromText", {"from": str})


class Respelt(_Respelt, _FromText):
    """A label that is only written otherwise than before, and how many samples have it."""


class ByRipple(TypedDict):
    """Issues of samples that were not touched themselves."""

    resolved: int
    introduced: int


class Issues(TypedDict):
    """What became of the label issues.

    ``silenced`` are samples of b whose label the rest of the data contradicts, and which are no
    issue because b's review memory keeps them and a's did not: the change decides on itself.
    """

    resolved: list[Issue]
    introduced: list[Issue]
    persisting: list[Issue]
    silenced: list[Issue]
    by_ripple: ByRipple


class Ripple(TypedDict):
    """Untouched samples whose score moved by more than the tolerance."""

    tolerance: float
    count: int
    max: float | None
    mean: float | None
    up: int
    down: int
    largest: list[Listed]


class ClassChange(TypedDict):
    """What became of one class."""

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


class LearningOf(TypedDict):
    """How fast the labels of some samples are learned, mean −log p of the given label over epochs.

    ``n`` samples are in the training logs of both versions; the loss of ``faster`` is lower in b.
    """

    n: int
    faster: int
    mean_loss_a: float | None
    mean_loss_b: float | None


class Learned(Named):
    """A relabelled sample in both training logs; the epoch from which on it is learned, or None."""

    mean_loss_a: float | None
    mean_loss_b: float | None
    learned_a: int | None
    learned_b: int | None


class Learning(TypedDict):
    """Did changing labels change how fast they are learned; beside it, what was not touched."""

    relabelled: LearningOf
    untouched: LearningOf
    samples: list[Learned]


class MetricsChange(TypedDict):
    """The metrics of both versions and, where both have a number, b − a."""

    a: dict[str, Any]
    b: dict[str, Any]
    difference: dict[str, Any]


class Side(TypedDict):
    """One of the two versions."""

    revision: NotRequired[str]
    commit: NotRequired[str | None]
    provenance: dict[str, Any]


class Settings(TypedDict):
    """What counted as a change."""

    band: float
    tolerance: float
    ids_are_paths: bool


class Diff(TypedDict):
    """What changed from version a to version b, and what it did to label quality."""

    a: Side
    b: Side
    #: How many samples are of each kind.
    samples: dict[Kind, int]
    #: How many of the relabelled got each verdict; what a person confirmed counts apart.
    verdicts: dict[str, int]
    relabelled: list[Relabelled]
    #: No relabellings: `1` became `1.0`, ``cat `` became ``cat``.
    respelt: list[Respelt]
    added: list[Listed]
    removed: list[Listed]
    #: Of boxes alone.
    redrawn: NotRequired[list[Redrawn]]
    #: Not removed, though the workspace's scores do not have them: their files are not here.
    absent: list[Listed]
    edited: list[Listed]
    moved: list[Listed]
    warnings: list[str]
    issues: Issues
    ripple: Ripple
    classes: list[ClassChange]
    summary: MetricsChange
    #: Where both versions have a training log.
    learning: NotRequired[Learning]
    settings: Settings
