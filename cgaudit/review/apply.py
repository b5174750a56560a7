"""Decisions into labels: all of them or none, and never over a label that has changed since."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, cast

import pandas as pd

from cgaudit.dataset import file_md5
from cgaudit.errors import DecisionError, MissingObjectError, RevisionError
from cgaudit.files import STAGED, Scratch, keep_mode, refuse_special, sweep, sync
from cgaudit.lock import alone
from cgaudit.params import SourceParams
from cgaudit.project import REVIEWED, Project
from cgaudit.reading.files import bytes_md5
from cgaudit.results.applied import Applied, Changed, Conflict
from cgaudit.review.decisions import Decision, read_decisions
from cgaudit.review.derived import refuse_derived
from cgaudit.review.labels import Labels
from cgaudit.review.memory import (
    Remembered,
    no_reviews,
    read_reviewed,
    remember,
    reviewed_bytes,
)
from cgaudit.review.plan import Content, Plan, Target
from cgaudit.review.targets import open_target
from cgaudit.review.transaction import Step, Transaction
from cgaudit.revisions import Repository
from cgaudit.wording.text import nearest, shown


def apply_fixes(
    fixes: Path,
    *,
    project: Project,
    source: SourceParams,
    scores: pd.DataFrame | None,
    task: str = "classification",
    dry_run: bool = False,
) -> Applied:
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
        Of the data that was reviewed ids and content hashes, and where boxes lay. Without it,
        rows that have ids can be relabelled and dropped, but nothing kept.
    task
        ``score.task``: under ``"regression"`` labels are numbers, written as the others are, and
        two that write one number are one label; under ``"multilabel"`` a label is a set, and is
        written as the table writes sets.
    dry_run
        Write nothing.

    Raises
    ------
    DecisionError
        A decision is malformed, names an unknown sample, or cannot be written; or the labels are
        made by something that would undo it (an import, a stage).
    ConflictError
        Files have changed since a run was killed, or while this one read them.
    BusyError
        Another process is at work on the project.
    """
    decisions = read_decisions(fixes)
    fingerprint = bytes_md5(fixes.read_bytes())
    transaction = Transaction(project, _folders(project.root, source))
    with nullcontext() if dry_run else alone(project, "apply"):
        earlier = _recovered(transaction, dry_run)
        if earlier is not None and earlier["fixes"] == fingerprint:
            return cast("Applied", {**earlier["result"], "resumed": True})
        known = _Known.of(scores, decisions)
        target = open_target(project.root, source, known.ids, scores, task)
        labels = Labels.of(target.labels().values(), task)
        todo = _sorted_out(decisions, target, known, labels, fixes)
        labels.refuse(todo.relabel)
        _refuse_unfetched(todo.already, project, source)
        plan = _planned(todo, project, target, known)
        refuse_derived(project, plan)
        result = _result(todo, plan, labels, project)
        result["written"] = not dry_run and not todo.conflicts
        result["resumed"] = earlier is not None
        if result["written"]:
            note = {"fixes": fingerprint, "result": result}
            _write(plan, todo, target, transaction, note)
    return result


def _recovered(transaction: Transaction, dry_run: bool) -> Any:  # noqa: ANN401 - the note's JSON
    """Finish a killed run and return its note; None where there was none."""
    if not dry_run:
        return transaction.recover()
    if transaction.unfinished():
        raise DecisionError(
            "An earlier `cgaudit apply` was cut short. Run it again without --dry-run to finish it."
        )
    return None


def _result(todo: _Todo, plan: Plan, labels: Labels, project: Project) -> Applied:
    return {
        "relabelled": len(todo.relabel),
        "dropped": len(todo.drop),
        "kept": len(todo.keep),
        "already": len(todo.already),
        "conflicts": todo.conflicts,
        "changes": todo.changes,
        "new_labels": labels.new(todo.relabel.values()),
        "files": [_shown(path, project.root) for path in plan.files()],
        "diff": plan.diff,
        "written": False,
        "resumed": False,
    }


class _Known(NamedTuple):
    """What the scores table says: the ids of all samples, the contents of those decided on."""

    ids: list[str] | None
    hashes: Mapping[str, str | None]

    @classmethod
    def of(cls, scores: pd.DataFrame | None, decisions: Sequence[Decision]) -> _Known:
        if scores is None:
            return cls(None, {})
        decided = scores[scores["id"].isin({it.id for it in decisions})]
        hashes = decided["content_hash"].astype(object).where(decided["content_hash"].notna(), None)
        return cls(scores["id"].tolist(), dict(zip(decided["id"], hashes, strict=True)))


@dataclass
class _Todo:
    """Decisions, by what is to be done about them."""

    relabel: dict[str, str] = field(default_factory=dict)
    drop: list[str] = field(default_factory=list)
    keep: dict[str, str] = field(default_factory=dict)
    by: dict[str, Decision] = field(default_factory=dict)
    already: list[str] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    changes: list[Changed] = field(default_factory=list)


def _sorted_out(
    decisions: Sequence[Decision], target: Target, known: _Known, are: Labels, fixes: Path
) -> _Todo:
    labels = target.labels()
    todo = _Todo()
    unknown: list[str] = []
    for decision in decisions:
        identity = decision.id
        if identity not in labels:
            (todo.already if _is_done(decision, target, known) else unknown).append(identity)
            continue
        now = labels[identity]
        if decision.action == "relabel" and are.same(decision.label, now):
            todo.already.append(identity)
        elif conflict := _conflict(decision, now, known, are):
            todo.conflicts.append(conflict)
        else:
            _assign(todo, decision, now, are)
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
        repository = Repository.around(project)
        presence = repository.presence(source.path)
    except (RevisionError, MissingObjectError):
        return
    if absent := sorted(presence.unfetched.intersection(gone)):
        raise DecisionError(
            f"{shown(absent)} of {source.path} cannot be decided on: their files are not here, and "
            f"were never fetched. Run `{repository.home.pull(source.path)}` first. Nothing was "
            "written."
        )


def _conflict(decision: Decision, now: str | None, known: _Known, are: Labels) -> Conflict | None:
    content = known.hashes.get(decision.id)
    for what, decided_on, is_now in (
        ("label", decision.given_label, now),
        ("content", decision.content_hash, content),
    ):
        differs = not are.same(decided_on, is_now) if what == "label" else decided_on != is_now
        if decided_on is not None and differs:
            return {
                "id": decision.id,
                "action": decision.action,
                "what": what,
                "decided_on": decided_on,
                "now": is_now,
            }
    return None


def _assign(todo: _Todo, decision: Decision, now: str | None, are: Labels) -> None:
    todo.by[decision.id] = decision
    if decision.action == "keep":
        todo.keep[decision.id] = now or ""
        return
    label = None if decision.label is None else are.written(decision.label)
    if label is None:
        todo.drop.append(decision.id)
    else:
        todo.relabel[decision.id] = label
    todo.changes.append({"id": decision.id, "action": decision.action, "from": now, "to": label})


def _planned(todo: _Todo, project: Project, target: Target, known: _Known) -> Plan:
    """Return the changes to labels and review memory as one plan."""
    plan = target.plan(todo.relabel, todo.drop) if todo.relabel or todo.drop else Plan()
    unhashed = [identity for identity in todo.keep if known.hashes.get(identity) is None]
    if unhashed:
        raise DecisionError(
            f"What was kept ({shown(unhashed)}) is remembered by its content hash, which the "
            f"scores hold. There are none of these samples: run `{project.again}`, or name "
            "the folder that `cgaudit audit` wrote (--audit)."
        )
    file = project.reviewed
    refuse_special(file)
    there = file.read_bytes() if file.exists() else None
    before = reviewed_bytes(no_reviews()) if there is None else there
    decided = list(_remembered(todo, known))
    memory = remember(read_reviewed(before, str(file)), decided, [*todo.relabel, *todo.drop])
    after = reviewed_bytes(memory)
    if after == before:
        return plan
    diff = difflib.unified_diff(
        [] if there is None else before.decode("utf-8-sig").splitlines(keepends=True),
        after.decode().splitlines(keepends=True),
        f"a/{REVIEWED}",
        f"b/{REVIEWED}",
        n=0,
    )
    content = Content(
        lambda path: path.write_bytes(after), None if there is None else bytes_md5(there)
    )
    return Plan(plan.diff + "".join(diff), {**plan.contents, file: content}, plan.steps)


def _remembered(todo: _Todo, known: _Known) -> Iterator[Remembered]:
    """Yield what is kept, and what was changed where somebody said who they were, or why."""
    for decision in todo.by.values():
        if decision.action != "keep" and decision.reviewer is None and not decision.comment:
            continue
        label = (todo.keep if decision.action == "keep" else todo.relabel).get(decision.id)
        yield Remembered(
            decision.id,
            known.hashes.get(decision.id) or decision.content_hash or "",
            label or "",
            decision.action,
            *(text or "" for text in (decision.reviewer, decision.decided_at, decision.comment)),
        )


def _write(
    plan: Plan, todo: _Todo, target: Target, transaction: Transaction, note: dict[str, Any]
) -> None:
    scratches: list[Scratch] = []
    staged: dict[Path, Path] = {}
    try:
        for file, content in plan.contents.items():
            sweep(file.parent, STAGED)
            scratches.append(Scratch(file.parent, STAGED))
            staged[file] = scratches[-1].path / file.name
            content.write(staged[file])
            keep_mode(staged[file], file)
            sync(staged[file])
        if todo.relabel or todo.drop:
            target.verify(staged, todo.relabel, todo.drop)
        replacements = [
            Step("replace", copy, file, plan.contents[file].was, file_md5(copy))
            for file, copy in staged.items()
        ]
        if steps := [*plan.steps, *replacements]:
            transaction.run(steps, note)
    finally:
        for scratch in scratches:
            # What a run that was cut short is finished from stays.
            (scratch.leave if transaction.unfinished() else scratch.remove)()


def _folders(base: Path, source: SourceParams) -> list[Path]:
    root = base / source.path
    labels = base / (source.labels or source.path)
    return [root if root.is_dir() else root.parent, labels.parent]


def _shown(path: Path, base: Path) -> str:
    return Path(os.path.relpath(path, base)).as_posix()
