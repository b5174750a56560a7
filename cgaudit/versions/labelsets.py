"""Several labels a sample, in two versions: which were added and taken away, rightly or not.

A change of a set is judged label by label, by version b's leave-one-out probability that the label
is there. It is supported where the data speaks for every label that was added and against every one
that was taken away, and contradicted where it says the opposite of each; else it is undecided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from cgaudit.results.change import ClassChange
from cgaudit.results.columns import are_sets
from cgaudit.results.labels import health_by_label, label_counts
from cgaudit.results.metrics import Health
from cgaudit.versions.classes import classes_between
from cgaudit.versions.counted import Apart, Counted
from cgaudit.versions.verdict import MANY_OF_A_PAIR, Judgement, bounds
from cgaudit.wording.labelsets import known_set

#: Labels that a warning names.
_NAMED = 5


def both_sets(a: pd.DataFrame, b: pd.DataFrame) -> bool:
    """Tell whether the samples of two scores tables may have several labels."""
    return are_sets(a.columns) and are_sets(b.columns)


class SetChange(NamedTuple):
    """What became of a sample's labels.

    Attributes
    ----------
    added, taken
        Sorted; those that only one version has.
    judgement
        What the rest of the data says, by version b.
    """

    added: list[str]
    taken: list[str]
    judgement: Judgement


def judged_sets(
    rows: Sequence[Mapping[str, Any]], b: pd.DataFrame, band: float, known: Collection[str]
) -> list[SetChange]:
    """Return what became of the labels of each relabelled sample.

    Parameters
    ----------
    rows
        With ``given_label_a``, ``given_label_b``, ``predicted_label_b``, and ``row_b``, the number
        of its row in `b`.
    b
        The later scores table.
    band
        Answers whose probabilities differ by no more are undecided.
    known
        Labels that b can judge (`judgeable`).
    """
    labels, scores = (b[name].to_numpy() for name in ("top_labels", "top_scores"))
    found = []
    for row in rows:
        at = row["row_b"]
        top = dict(zip(labels[at], map(float, scores[at]), strict=True))
        before, after = row["given_label_a"], row["given_label_b"]
        was, now = known_set(before), known_set(after)
        answers = _answers(before, after, row["predicted_label_b"])
        judgement = judge_set(answers, top, band, known)
        found.append(SetChange(sorted(now - was), sorted(was - now), judgement))
    return found


def _answers(before: str | None, after: str | None, suggested: str) -> dict[str, bool]:
    """Return the labels on which a change gives an answer, and whether it says that they are there.

    A first set is weighed against what is suggested; one that was taken away gives none.
    """
    if after is None:
        return {}
    was, now = known_set(suggested if before is None else before), known_set(after)
    if before is None:
        return dict.fromkeys(now, True) | dict.fromkeys(was - now, False)
    return dict.fromkeys(now - was, True) | dict.fromkeys(was - now, False)


def judge_set(
    answers: Mapping[str, bool], top: Mapping[str, float], band: float, known: Collection[str]
) -> Judgement:
    """Judge the answers that a change gives: for each label, whether it is there.

    `support` is the difference of the probabilities of the new answer and the old one, of the label
    of which it is nearest to zero, or the nearest to zero that it can be.

    Parameters
    ----------
    answers
        By label.
    top
        How probable the most probable labels are to be there, by version b. Others are less so.
    band
        Differences up to this are undecided.
    known
        Labels that b can judge.
    """
    if not answers or not set(answers) <= set(known):
        return Judgement("undecided", None)
    spans = []
    for label, there in answers.items():
        low, high = bounds(label, dict(top))
        spans.append((2 * low - 1, 2 * high - 1) if there else (1 - 2 * high, 1 - 2 * low))
    if (least := min(low for low, _ in spans)) > band:
        return Judgement("supported", least)
    if (most := max(high for _, high in spans)) < -band:
        return Judgement("contradicted", most)
    return Judgement("undecided", min((min(max(0.0, a), b) for a, b in spans), key=abs))


def judgeable(rows: pd.DataFrame, apart: Apart) -> frozenset[str]:
    """Return the labels that version b can judge.

    Those that samples carry which the change did not give them, and that not all samples carry: a
    label on all of them is not scored.

    Parameters
    ----------
    rows
        The samples of both versions side by side.
    apart
        What neither table has, because it was counted already.
    """
    came = Counter(name for _, added, _ in _changes(rows) for name in added)
    later = label_counts(rows["given_label_b"], apart.labels)
    n = int(rows["given_label_b"].notna().sum()) + sum(apart.labels.values())
    return frozenset(name for name, uses in later.items() if came[name] < uses < n)


def unheard(rows: pd.DataFrame, known: Collection[str]) -> pd.Series[bool]:
    """Tell which relabelled rows got a label that b cannot judge: nothing flags it there."""
    found = pd.Series(False, index=rows.index)
    for at, added, _ in _changes(rows):
        found[at] = not set(added) <= set(known)
    return found


def _changes(rows: pd.DataFrame) -> Iterator[tuple[Any, frozenset[str], frozenset[str]]]:
    """Yield the index, the added and the taken labels of each relabelled row."""
    moved = rows[rows["kind"] == "relabelled"]
    for at, before, after in moved[["given_label_a", "given_label_b"]].itertuples(name=None):
        was, now = (known_set(it if isinstance(it, str) else None) for it in (before, after))
        yield at, now - was, was - now


def label_healths(table: pd.DataFrame, besides: Counted) -> dict[str, Health]:
    """Return the health of each label by its name, of a scores table and of what was counted."""
    labelled = table[table["given_label"].notna()]
    return health_by_label(labelled, {text: sums.n for text, sums in besides.by_class.items()})


def labels_of(
    rows: pd.DataFrame, before: Mapping[str, Health], after: Mapping[str, Health]
) -> list[ClassChange]:
    """Return what became of each label, by name: ``relabelled_to`` counts where it was added."""
    kinds = rows["kind"]
    changes = [(added, taken) for _, added, taken in _changes(rows)]
    counts = {
        "added": label_counts(rows.loc[kinds == "added", "given_label_b"]),
        "removed": label_counts(rows.loc[kinds == "removed", "given_label_a"]),
        "relabelled_to": Counter(name for added, _ in changes for name in added),
        "relabelled_from": Counter(name for _, taken in changes for name in taken),
    }
    return classes_between(counts, before, after)


def crowd_warnings_of_sets(changes: Sequence[SetChange]) -> list[str]:
    """Warn of labels that were added, or taken away, in numbers: they teach that to the data."""
    added = Counter(name for it in changes for name in it.added)
    taken = Counter(name for it in changes for name in it.taken)
    crowds = [
        (n, name, done)
        for counts, done in ((added, "added to"), (taken, "taken away from"))
        for name, n in counts.items()
        if n >= MANY_OF_A_PAIR
    ]
    return [
        f"{name!r} was {done} {n} samples. So many of one kind support each other: their verdicts "
        "look better than they are. Check a few by eye."
        for n, name, done in sorted(crowds, key=lambda it: (-it[0], it[1:]))[:_NAMED]
    ]
