"""Decisions into labels: all of them or none, and never over a label that has changed since."""

from __future__ import annotations

import difflib
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from cgaudit.dataset import bytes_md5
from cgaudit.errors import DecisionError, MissingObjectError, RevisionError
from cgaudit.params import SourceParams
from cgaudit.project import REVIEWED, Project
from cgaudit.review.decisions import Decision, read_decisions
from cgaudit.review.memory import (
    no_reviews,
    read_reviewed,
    remember,
    reviewed_bytes,
)
from cgaudit.review.targets import Plan, Target, open_target
from cgaudit.review.transaction import Step, Transaction, staged
from cgaudit.revisions import Repository
from cgaudit.wording.spelling import canonical
from cgaudit.wording.text import most_like, nearest, shown


def apply_fixes(
    fixes: Path,
    *,
    project: Project,
    source: SourceParams,
    scores: pd.DataFrame | None,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Write a file of review decisions into the labels, and remember what was kept.

    A run that was killed is finished first.

    Parameters
    ----------
    fixes
        CSV, TSV or JSON (see `cgaudit.review.decisions.read_decisions`).
    project
        Has the data and the review memory.
    source
        Says where the labels are.
    scores
        The scores table of the data that was reviewed: ids and content hashes. Without it, rows
        that have ids can be relabelled and dropped, but nothing kept.
    dry_run
        Write nothing.

    Returns
    -------
    dict
        ``written``; the counts ``relabelled, dropped, kept, already`` (done before);
        ``conflicts``, a list of ``{id, action, what, decided_on, now}``, and where there are any
        nothing is written; ``changes``, a list of ``{id, action, from, to}``; ``new_labels``, a
        list of ``{label, samples, nearest, respelt}`` of those that no sample has yet; ``files``,
        the paths that change; ``diff``; ``resumed``, whether a killed run was finished.

    Raises
    ------
    DecisionError
        A decision is malformed, names an unknown sample, or cannot be written.
    ConflictError
        A killed run cannot be finished, because a file is in its way by now.
    """
    decisions = read_decisions(fixes)
    fingerprint = bytes_md5(fixes.read_bytes())
    known = _Known.of(scores)
    transaction = Transaction(project, _folders(project.root, source))
    earlier = None
    if dry_run:
        transaction.refuse_unfinished()
    else:
        earlier = transaction.recover()
    if earlier is not None and earlier["fixes"] == fingerprint:
        return {**earlier["result"], "resumed": True}
    target = open_target(project.root, source, known.ids)
    todo = _sorted_out(decisions, target, known, fixes)
    _refuse_unfetched(todo.already, project, source)
    plan = _planned(todo, project, target, known)
    result = {
        "written": not dry_run and not todo.conflicts,
        "relabelled": len(todo.relabel),
        "dropped": len(todo.drop),
        "kept": len(todo.keep),
        "already": len(todo.already),
        "conflicts": todo.conflicts,
        "changes": todo.changes,
        "new_labels": _new_labels(todo.relabel.values(), target.labels().values()),
        "files": [_shown(path, project.root) for path in plan.files()],
        "diff": plan.diff,
        "resumed": earlier is not None,
    }
    if result["written"]:
        note = {"fixes": fingerprint, "result": result}
        _write(plan, todo, target, transaction, note)
    return result


def _new_labels(chosen: Iterable[str], known: Iterable[str | None]) -> list[dict[str, Any]]:
    """Return the labels that no sample has yet, each with the known one that is most like it.

    One that is only another spelling of a known label says so: ``respelt``.
    """
    there = {label for label in known if label is not None}
    counts = Counter(label for label in chosen if label not in there)
    spellings = {canonical(label): label for label in sorted(there)} if counts else {}
    return [
        {
            "label": label,
            "samples": n,
            "nearest": spellings.get(canonical(label)) or most_like(label, there),
            "respelt": canonical(label) in spellings,
        }
        for label, n in sorted(counts.items())
    ]


class _Known(NamedTuple):
    """What the scores table says of the samples."""

    ids: list[str] | None
    hashes: Mapping[str, str | None]

    @classmethod
    def of(cls, scores: pd.DataFrame | None) -> _Known:
        if scores is None:
            return cls(None, {})
        hashes = scores["content_hash"].astype(object).where(scores["content_hash"].notna(), None)
        return cls(scores["id"].tolist(), dict(zip(scores["id"], hashes, strict=True)))


@dataclass
class _Todo:
    """Decisions, by what is to be done about them."""

    relabel: dict[str, str] = field(default_factory=dict)
    drop: list[str] = field(default_factory=list)
    keep: dict[str, str] = field(default_factory=dict)
    already: list[str] = field(default_factory=list)
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)


def _sorted_out(decisions: Sequence[Decision], target: Target, known: _Known, fixes: Path) -> _Todo:
    labels = target.labels()
    todo = _Todo()
    unknown: list[str] = []
    for decision in decisions:
        identity = decision.id
        if identity not in labels:
            (todo.already if _is_done(decision, target, known) else unknown).append(identity)
            continue
        now = labels[identity]
        if decision.action == "relabel" and decision.label == now:
            todo.already.append(identity)
        elif conflict := _conflict(decision, now, known):
            todo.conflicts.append(conflict)
        else:
            _assign(todo, decision, now)
    if unknown:
        raise DecisionError(
            f"{fixes} decides on samples that are not there: {shown(unknown)}. Nothing was "
            f"written.{nearest(unknown[0], labels)}"
        )
    return todo


def _is_done(decision: Decision, target: Target, known: _Known) -> bool:
    """Tell whether a sample is not there because the decision was carried out before."""
    if decision.id not in known.hashes:
        return False
    if decision.action == "relabel" and decision.label is not None:
        return target.is_done(decision.id, decision.label, known.hashes[decision.id])
    return decision.action == "drop"


def _refuse_unfetched(gone: Sequence[str], project: Project, source: SourceParams) -> None:
    """Raise where a sample that seems to have been dropped before was only never fetched."""
    if not gone or not (project.root / source.path).is_dir():
        return
    try:
        presence = Repository.around(project).presence(source.path)
    except (RevisionError, MissingObjectError):
        return
    if absent := sorted(presence.unfetched.intersection(gone)):
        raise DecisionError(
            f"{shown(absent)} of {source.path} cannot be decided on: their files are not here, and "
            f"were never fetched. Run `dvc pull {source.path}` first. Nothing was written."
        )


def _conflict(decision: Decision, now: str | None, known: _Known) -> dict[str, Any] | None:
    content = known.hashes.get(decision.id)
    for what, decided_on, is_now in (
        ("label", decision.given_label, now),
        ("content", decision.content_hash, content),
    ):
        if decided_on is not None and decided_on != is_now:
            return {
                "id": decision.id,
                "action": decision.action,
                "what": what,
                "decided_on": decided_on,
                "now": is_now,
            }
    return None


def _assign(todo: _Todo, decision: Decision, now: str | None) -> None:
    if decision.action == "keep":
        todo.keep[decision.id] = now or ""
        return
    if decision.label is None:
        todo.drop.append(decision.id)
    else:
        todo.relabel[decision.id] = decision.label
    todo.changes.append(
        {"id": decision.id, "action": decision.action, "from": now, "to": decision.label}
    )


def _planned(todo: _Todo, project: Project, target: Target, known: _Known) -> Plan:
    """Return the changes to labels and review memory as one plan."""
    plan = target.plan(todo.relabel, todo.drop) if todo.relabel or todo.drop else Plan()
    unhashed = [identity for identity in todo.keep if known.hashes.get(identity) is None]
    if unhashed:
        raise DecisionError(
            f"What was kept ({shown(unhashed)}) is remembered by its content hash, which the "
            "scores hold. There are none of these samples: run `dvc repro` or `dvc pull`."
        )
    file = project.reviewed
    before = file.read_bytes() if file.exists() else reviewed_bytes(no_reviews())
    kept = [(identity, known.hashes[identity] or "", todo.keep[identity]) for identity in todo.keep]
    memory = remember(read_reviewed(before, str(file)), kept, [*todo.relabel, *todo.drop])
    after = reviewed_bytes(memory)
    if after == before:
        return plan
    diff = difflib.unified_diff(
        before.decode("utf-8-sig").splitlines(keepends=True) if file.exists() else [],
        after.decode().splitlines(keepends=True),
        f"a/{REVIEWED}",
        f"b/{REVIEWED}",
        n=0,
    )
    return Plan(plan.diff + "".join(diff), {**plan.contents, file: after}, plan.steps)


def _write(
    plan: Plan, todo: _Todo, target: Target, transaction: Transaction, note: dict[str, Any]
) -> None:
    try:
        for file, content in plan.contents.items():
            staged(file).write_bytes(content)
        if todo.relabel or todo.drop:
            target.verify(todo.relabel, todo.drop)
    except BaseException:
        for file in plan.contents:
            staged(file).unlink(missing_ok=True)
        raise
    replacements = [Step("replace", staged(file), file) for file in plan.contents]
    if steps := [*plan.steps, *replacements]:
        transaction.run(steps, note)


def _folders(base: Path, source: SourceParams) -> list[Path]:
    root = base / source.path
    labels = base / (source.labels or source.path)
    return [root if root.is_dir() else root.parent, labels.parent]


def _shown(path: Path, base: Path) -> str:
    return Path(os.path.relpath(path, base)).as_posix()
