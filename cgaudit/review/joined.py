"""Decisions of several reviewers as one: what agrees, what does not, and what is of older data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from cgaudit.errors import DecisionError
from cgaudit.numerics.agreement import Agreement, agreement
from cgaudit.review.decisions import Decision
from cgaudit.wording.text import shown


class Known(NamedTuple):
    """What a sample is now: its label and content, None where it has none."""

    label: str | None
    content_hash: str | None


class Joined(NamedTuple):
    """What became of decisions: each is in one of these, or another of the same reviewer is.

    Attributes
    ----------
    merged
        One decision a sample, sorted by id: all who decided on it agree, or it was settled.
    conflicts
        What was decided on samples on which people disagree, by sample.
    stale
        Decisions on another label or content than the sample has now, or on none that is there.
    superseded
        Decisions that the same reviewer replaced by a later one, and those settled otherwise.
    agreement
        Of those who decided on the same samples; None where no two did.
    asked
        The reviewers that the agreement is of, and on how many samples.
    """

    merged: list[Decision]
    conflicts: Mapping[str, list[Decision]]
    stale: list[Decision]
    superseded: list[Decision]
    agreement: Agreement | None
    asked: tuple[list[str], int]


def join(
    decisions: Sequence[Decision],
    settled: Sequence[Decision] = (),
    known: Mapping[str, Known] | None = None,
) -> Joined:
    """Join what several people decided; the order in which it comes does not matter.

    Parameters
    ----------
    decisions
        Each with its reviewer.
    settled
        Decisions that stand whatever others said: conflicts that were looked at together.
    known
        What the samples are now; None where that is not known, and then decisions on one sample
        must have been made on the same label and content.

    Raises
    ------
    DecisionError
        A decision does not say who made it, or the settled ones contradict each other.
    """
    nameless = [it.id for it in decisions if it.reviewer is None]
    if nameless:
        raise DecisionError(f"Nobody says who decided on {shown(nameless)}.")
    current, stale = _apart(sorted({*decisions}, key=_order), known)
    latest, superseded = _latest(current)
    final, old = _apart(sorted({*settled}, key=_order), known)
    by_sample: dict[str, list[Decision]] = defaultdict(list)
    for decision in latest:
        by_sample[decision.id].append(decision)
    settling = _settling(final)
    merged: list[Decision] = list(settling.values())
    conflicts: dict[str, list[Decision]] = {}
    for sample, made in by_sample.items():
        if sample in settling:
            superseded += [it for it in made if it.outcome != settling[sample].outcome]
        elif _agree(made):
            merged.append(_as_one(made))
        else:
            conflicts[sample] = made
    found, asked = _agreement(by_sample)
    merged.sort(key=lambda it: it.id)
    return Joined(merged, dict(sorted(conflicts.items())), [*stale, *old], superseded, found, asked)


def _order(decision: Decision) -> tuple[str, ...]:
    """Return a key that does not depend on where a decision comes from."""
    return tuple(text or "" for text in (decision.id, decision.reviewer, *decision[1:]))


def _apart(
    decisions: Sequence[Decision], known: Mapping[str, Known] | None
) -> tuple[list[Decision], list[Decision]]:
    """Return decisions on what samples are now, and those on what they were."""
    if known is None:
        return list(decisions), []
    fits = [_fits(it, known) for it in decisions]
    return (
        [it for it, fit in zip(decisions, fits, strict=True) if fit],
        [it for it, fit in zip(decisions, fits, strict=True) if not fit],
    )


def _fits(decision: Decision, known: Mapping[str, Known]) -> bool:
    now = known.get(decision.id)
    return now is not None and all(
        was is None or was == is_now
        for was, is_now in (
            (decision.given_label, now.label),
            (decision.content_hash, now.content_hash),
        )
    )


def _latest(decisions: Sequence[Decision]) -> tuple[list[Decision], list[Decision]]:
    """Return what each reviewer said last of each sample, and what that replaced.

    Where nobody said when, two decisions of one reviewer that differ both stand: they are a
    conflict.
    """
    said: dict[tuple[str, str | None], list[Decision]] = defaultdict(list)
    for decision in decisions:
        said[decision.id, decision.reviewer].append(decision)
    latest: list[Decision] = []
    replaced: list[Decision] = []
    for made in said.values():
        last = max(it.decided_at or "" for it in made)
        standing = [it for it in made if (it.decided_at or "") == last or it.decided_at is None]
        # The same said twice counts once.
        kept = list({it.outcome: it for it in standing}.values())
        latest += kept
        replaced += [it for it in made if it not in kept]
    return latest, replaced


def _agree(made: Sequence[Decision]) -> bool:
    """Tell whether all decisions on a sample are the same, and on the same thing."""
    return (
        len({it.outcome for it in made}) == 1
        and len({it.given_label for it in made} - {None}) <= 1
        and len({it.content_hash for it in made} - {None}) <= 1
    )


def _as_one(made: Sequence[Decision]) -> Decision:
    """Return decisions that agree as one, of all who made them."""
    first = made[0]
    comments = dict.fromkeys(it.comment for it in made if it.comment)
    return first._replace(
        reviewer=", ".join(sorted({it.reviewer or "" for it in made})),
        given_label=next((it.given_label for it in made if it.given_label is not None), None),
        content_hash=next((it.content_hash for it in made if it.content_hash is not None), None),
        decided_at=max((it.decided_at for it in made if it.decided_at), default=None),
        comment="; ".join(comments) or None,
    )


def _settling(settled: Sequence[Decision]) -> dict[str, Decision]:
    latest, _ = _latest([it._replace(reviewer=it.reviewer or "") for it in settled])
    outcomes: dict[str, set[object]] = defaultdict(set)
    for decision in latest:
        outcomes[decision.id].add(decision.outcome)
    if twice := sorted(sample for sample, said in outcomes.items() if len(said) > 1):
        raise DecisionError(
            f"What settles conflicts contradicts itself on {shown(twice)}. Keep one decision for "
            "each sample."
        )
    return {it.id: it._replace(reviewer=it.reviewer or None) for it in latest}


def _agreement(
    by_sample: Mapping[str, Sequence[Decision]],
) -> tuple[Agreement | None, tuple[list[str], int]]:
    """Return how far reviewers agree: as many of them as decided on the most samples together."""
    answered = {
        sample: {it.reviewer or "": it.outcome for it in made}
        for sample, made in by_sample.items()
        if len(made) == len({it.reviewer for it in made}) and len(made) > 1
    }
    everybody = sorted({name for said in answered.values() for name in said})
    common = [said for said in answered.values() if len(said) == len(everybody)]
    if not common:
        return None, ([], 0)
    outcomes = sorted({said[name] for said in common for name in everybody}, key=repr)
    number = {outcome: place for place, outcome in enumerate(outcomes)}
    answers = np.array([[number[said[name]] for name in everybody] for said in common])
    return agreement(answers, len(outcomes)), (everybody, len(common))
