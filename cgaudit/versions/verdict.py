"""Does the rest of the data agree with a new label? Asked of the leave-one-out probabilities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cgaudit.project import REVIEWED
from cgaudit.results.change import Respelt, Verdict
from cgaudit.wording.spelling import spelt
from cgaudit.wording.text import shown, visible

#: This many relabellings from one class to another support each other.
MANY_OF_A_PAIR = 10

#: Ids that a warning names.
_NAMED = 5

#: How many classes the scores table keeps the probabilities of.
_KEPT = 5


class Ground(NamedTuple):
    """What version b can judge a new label by.

    Attributes
    ----------
    known
        Labels that samples carry in b which were not relabelled: the others have nobody to speak
        for them but the change itself.
    renamed
        Labels that became another wholesale: the new name by the old one.
    """

    known: frozenset[str]
    renamed: Mapping[str, str]

    def can_judge(self, before: str | None, after: str) -> bool:
        """Tell whether both labels have a probability that the change did not make itself."""
        return after in self.known and (before is None or before in self.known)


def ground_of(
    labels_a: Iterable[str], labels_b: Mapping[str, int], relabelled: Iterable[tuple[str, str]]
) -> Ground:
    """Return what version b can judge its new labels by.

    Parameters
    ----------
    labels_a
        Every label of version a.
    labels_b
        How many samples carry each label in version b.
    relabelled
        (from, to) of each relabelled sample; samples without one of the two are left out.
    """
    pairs = Counter(relabelled)
    earlier, came, went = set(labels_a), Counter[str](), Counter[str]()
    for (before, after), n in pairs.items():
        came[after] += n
        went[before] += n
    return Ground(
        known=frozenset(label for label, n in labels_b.items() if n > came[label]),
        renamed={
            before: after
            for (before, after), n in pairs.items()
            # All that is left of the old name, and all that the new one was made of.
            if before not in labels_b and after not in earlier and n == went[before] == came[after]
        },
    )


class Judgement(NamedTuple):
    """A verdict and the figure it rests on.

    Attributes
    ----------
    verdict
        ``supported`` where `support` is above the band, ``contradicted`` where it is below minus
        the band, else ``undecided``; ``renamed`` where the label has another name now.
    support
        p(to) − p(from), or the end nearest to zero of what it can be where a label is outside of
        the kept classes; None where there is nothing to tell by.
    """

    verdict: Verdict
    support: float | None


def judge(
    before: str | None,
    after: str | None,
    labels: Sequence[str] | None,
    probabilities: Sequence[float] | None,
    band: float,
    ground: Ground,
) -> Judgement:
    """Judge a change of one sample's label by what the rest of the data says of the sample.

    Parameters
    ----------
    before, after
        The old and the new label; None for no label. A first label is weighed against the most
        probable other class. A label that was taken away leaves nothing to judge.
    labels, probabilities
        The most probable classes of the sample by version b's leave-one-out predictions, and their
        probabilities, the highest first. A class that is not among them has a probability between
        zero and the smallest of them.
    band : float
        Differences up to this are undecided.
    ground
        What version b can judge by: a label that nobody but the relabelled samples carries has no
        probability to compare, and one that nobody carries any more has none at all.
    """
    if after is None:
        return Judgement("undecided", None)
    if before is not None and ground.renamed.get(before) == after:
        return Judgement("renamed", None)
    if not ground.can_judge(before, after):
        return Judgement("undecided", None)
    if labels is None or probabilities is None or len(labels) == 0:
        return Judgement("undecided", None)
    known = dict(zip(labels, map(float, probabilities), strict=True))
    if before is None:
        before = next((name for name in labels if name != after), None)
    to_low, to_high = bounds(after, known)
    from_low, from_high = (0.0, 0.0) if before is None else bounds(before, known)
    low, high = to_low - from_high, to_high - from_low
    if low > band:
        return Judgement("supported", low)
    if high < -band:
        return Judgement("contradicted", high)
    return Judgement("undecided", min(max(0.0, low), high))


def bounds(label: str, known: dict[str, float]) -> tuple[float, float]:
    """Return between what the probability of a label lies, by those of the most probable ones."""
    if label in known:
        return known[label], known[label]
    return 0.0, min(known.values()) if len(known) >= _KEPT else 0.0


def renaming_warnings(ground: Ground) -> list[str]:
    """Say which labels have another name now: that is no claim about any sample."""
    return [
        f"{_named(before)} is called {_named(after)} now: all its samples were relabelled, and no "
        "other has the new label. That is a renaming, which the rest of the data cannot judge."
        for before, after in sorted(ground.renamed.items())
    ]


def respelling_warnings(respelt: Sequence[Respelt]) -> list[str]:
    """Say which labels are only written otherwise: that is no relabelling."""
    return [
        f"{' is written '.join(spelt([row['from'], row['to']]))} now, in {row['count']:,} "
        f"{'sample' if row['count'] == 1 else 'samples'}: no relabelling, but for who reads the "
        "labels as text."
        for row in respelt
    ]


def crowd_warnings(pairs: Iterable[tuple[str | None, str | None]]) -> list[str]:
    """Warn of relabellings that come in numbers: they teach the data the new label.

    Parameters
    ----------
    pairs
        (from, to) of each relabelled sample.
    """
    crowds = [(pair, n) for pair, n in Counter(pairs).items() if n >= MANY_OF_A_PAIR]
    return [
        f"{n} samples were relabelled from {_named(before)} to {_named(after)}. So many of one "
        "kind support each other: their verdicts look better than they are. Check a few by eye."
        for (before, after), n in sorted(crowds, key=lambda crowd: (-crowd[1], str(crowd[0])))
    ]


def _named(label: str | None) -> str:
    return "no label" if label is None else repr(label)


def silenced_warnings(ids: Sequence[str]) -> list[str]:
    """Say which samples a change itself declared to be no issue, though the data contradicts them.

    Parameters
    ----------
    ids
        Those of ``issues.silenced``.
    """
    if not ids:
        return []
    one = len(ids) == 1
    return [
        f"{len(ids):,} {'sample' if one else 'samples'} whose label the data contradicts "
        f"{'is' if one else 'are'} no issue because the change itself says so in {REVIEWED}: "
        f"{shown(map(visible, ids), _NAMED)}."
    ]
