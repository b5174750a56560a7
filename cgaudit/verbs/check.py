"""`cgaudit check`: limits on label quality, and what a version of the data makes of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from cgaudit.errors import (
    CgauditError,
    IncomparableError,
    MissingObjectError,
    NoScoresError,
    StaleError,
)
from cgaudit.params import CheckParams, ClassLimits, DiffParams, Params, SourceParams
from cgaudit.paramsfile import read_params
from cgaudit.progress import Announce, Progress
from cgaudit.project import PARAMS, REVIEWED
from cgaudit.results.change import ClassChange, Diff
from cgaudit.results.form import scores_name
from cgaudit.results.gate import Checked, Limit, loosened
from cgaudit.results.metrics import issue_rate
from cgaudit.revisions import Repository, Revision
from cgaudit.verbs.unscored import unscored
from cgaudit.versions import Pair, compare_versions, opened_version, read_pair, silenced_warnings

_UNLABELLED = "no sample has a label"
_UNSEEN = "nobody has looked for near-duplicates: set score.outliers: true"
#: Limits on the whole of a version: the metric of each, and why there may be none.
ABSOLUTE = {
    "max_issue_rate": ("label_issue_rate", _UNLABELLED),
    "min_label_quality": ("label_quality", _UNLABELLED),
    "max_duplicate_conflicts": ("n_duplicate_conflicts", _UNSEEN),
    "max_split_leaks": ("n_split_leaks", _UNSEEN),
    "max_typical_residual": ("typical_residual", "the labels are no numbers (score.task)"),
    "max_overlap_issues": ("n_overlap_issues", "the samples are no boxes (source.kind)"),
}

#: Limits that compare two versions.
RELATIVE = ("max_introduced", "max_contradicted", "max_quality_drop", "max_silenced")

#: Changes that a limit names.
_NAMED = 5


class Guard(NamedTuple):
    """What a change is held to that is not its own.

    Attributes
    ----------
    revision
        Where the limits are from.
    limits, settings
        Sections of its parameters.
    loosened
        What the change would let through afterwards; this is a limit of its own.
    """

    revision: Revision
    limits: CheckParams
    settings: DiffParams
    loosened: list[str]


class _Figure(NamedTuple):
    value: float | None
    detail: str = ""


class _Read(NamedTuple):
    """Two versions, the later twice where the earlier is left out, or why there is none."""

    pair: Pair | None
    neutral: str | None
    notes: list[str]


def guard(repository: Repository, name: str, b: Revision) -> Guard | None:
    """Return the limits of a revision, which version b cannot have changed.

    None where that revision has no parameters: the audit is younger.

    Raises
    ------
    RevisionError
        There is no such revision.
    ParamsError
        Its parameters are malformed.
    """
    revision = repository.revision(name)
    before = _params(repository, revision)
    if before is None:
        return None
    return Guard(revision, before.check, before.diff, loosened(before, _params(repository, b)))


def _params(repository: Repository, revision: Revision) -> Params | None:
    found = repository.find(PARAMS, revision)
    return None if found is None else read_params(found.data, f"{PARAMS} at {revision}")


def check_revisions(
    repository: Repository,
    a: Revision,
    b: Revision,
    *,
    limits: CheckParams,
    source: SourceParams,
    settings: DiffParams,
    missing_is_neutral: bool = False,
    recompute: bool = False,
    guarded: Guard | None = None,
    progress: Mapping[str, Progress] | None = None,
    announce: Announce | None = None,
) -> Checked:
    """Hold the data at revision b to its limits, the relative ones against revision a.

    Revision a is read only where it is needed: for a relative limit, or to score b as it was.

    Parameters
    ----------
    repository
        Where to read.
    a, b
        From `Repository.pair`.
    limits, source, settings
        Sections of the parameters.
    missing_is_neutral
        Where scores cannot be had (a pull request without secrets, a version before the audit),
        skip the limits that need them instead of failing.
    recompute
        Score b's data anew, as a was scored, instead of believing the scores that it came with.
    guarded
        From `guard`: its limits and settings count instead.
    progress, announce
        As for `recompute` of `cgaudit.pipeline.compute`.

    Returns
    -------
    Checked
        As `check`; ``neutral`` says why limits were skipped, else None.

    Raises
    ------
    NoScoresError, MissingObjectError
        Scores cannot be had, and that is not neutral.
    StaleError
        The two versions were computed differently.
    """
    if guarded is not None:
        limits, settings = guarded.limits, guarded.settings
    harmless = (NoScoresError, MissingObjectError) if missing_is_neutral else ()
    if recompute:
        read = _recomputed(repository, a, b, harmless, progress, announce)
    else:
        read = _read(repository, a, b, limits, settings, harmless)
    if read.pair is None:
        result = _nothing_checked(limits, read.neutral or "")
    else:
        try:
            diff = compare_versions(read.pair, source=source, settings=settings)
        except IncomparableError as error:
            raise StaleError(
                f"{error} A change is held to its limits where both versions were scored alike: "
                "score the earlier data as the later one "
                f"(`{repository.project.again}`), commit it, and check against that commit."
            ) from None
        result = check(diff, limits, neutral=read.neutral)
    recomputed = recompute and read.pair is not None
    if guarded is not None and b.commit is None and not recomputed:
        result["limits"].append(_stale(repository))
    elif not recomputed:
        read.notes.extend(unscored(repository, b))
    return _with_trust(result, read, b, guarded, recomputed=recomputed)


def _read(
    repository: Repository,
    a: Revision,
    b: Revision,
    limits: CheckParams,
    settings: DiffParams,
    harmless: tuple[type[CgauditError], ...],
) -> _Read:
    with ExitStack() as stack:
        try:
            later = stack.enter_context(opened_version(repository, b))
        except harmless as reason:
            return _Read(None, str(reason), [])
        earlier, neutral = later, None
        if any(getattr(limits, limit) is not None for limit in RELATIVE):
            try:
                earlier = stack.enter_context(opened_version(repository, a))
            except harmless as reason:
                neutral = str(reason)
        return _Read(read_pair(earlier, later, tolerance=settings.tolerance), neutral, [])


def _recomputed(
    repository: Repository,
    a: Revision,
    b: Revision,
    harmless: tuple[type[CgauditError], ...],
    progress: Mapping[str, Progress] | None,
    announce: Announce | None,
) -> _Read:
    # Here, because it brings torch.
    from cgaudit.pipeline.compute import recompute

    try:
        pair, notes = recompute(repository, a, b, progress, announce)
    except harmless as reason:
        return _Read(None, str(reason), [])
    return _Read(pair, None, notes)


def _stale(repository: Repository) -> Limit:
    """Hold the workspace to what is recorded of it: scores of other data are forged or old.

    What is absent (a clone before ``dvc pull``) is not counted.
    """
    lock = repository.home.lock
    changes = repository.changes_behind(scores_name(repository.project))
    what = ", ".join(f"{it.path or it.stage} ({it.how})" for it in changes[:_NAMED])
    more = f" and {len(changes) - _NAMED:,} more" if len(changes) > _NAMED else ""
    detail = f"not as {lock} has it: {what}{more}" if changes else f"all is as {lock} has it"
    return _row("max_stale", 0, _Figure(len(changes), detail))


def _with_trust(
    result: Checked, read: _Read, b: Revision, guarded: Guard | None, *, recomputed: bool
) -> Checked:
    """Add where the limits are from, and a limit on how far the change may loosen them."""
    rows, notes = result["limits"], [*read.notes, *result["notes"]]
    if guarded is not None:
        n = len(guarded.loosened)
        what = "; ".join(guarded.loosened[:_NAMED]) or f"{PARAMS} of {b} loosens none"
        what += f"; and {n - _NAMED:,} more" if n > _NAMED else ""
        rows = [*rows, _row("max_loosened", 0, _Figure(n, what))]
        if not recomputed:
            notes.insert(0, f"The scores of {b} are taken as they came, not computed anew.")
        notes.insert(0, f"The limits are those of {guarded.revision}.")
    done = _result(rows, result["neutral"])
    return {
        **done,
        "limits_from": None if guarded is None else str(guarded.revision),
        "recomputed": recomputed,
        "notes": notes,
    }


def check(diff: Diff, limits: CheckParams, *, neutral: str | None = None) -> Checked:
    """Hold a comparison to limits.

    Parameters
    ----------
    diff
        What `compare` or `diff_versions` returned: version b is held to the absolute limits.
    limits
        Those that are None are left out.
    neutral
        Why there is no version a; the relative limits are skipped then.

    Returns
    -------
    Checked
        A row for each limit that is set.
    """
    rows = [*_whole(diff, limits), *_by_class(diff["classes"], limits)]
    for limit, figure in _relative(diff).items():
        threshold = getattr(limits, limit)
        if threshold is None:
            continue
        if neutral is not None:
            figure = _Figure(None, neutral)
        rows.append(_row(limit, threshold, figure, skipped=neutral is not None))
    silenced = silenced_warnings([row["id"] for row in diff["issues"]["silenced"]])
    return {**_result(rows, neutral), "notes": silenced}


def _nothing_checked(limits: CheckParams, reason: str) -> Checked:
    rows = [
        _row(limit, threshold, _Figure(None, reason), skipped=True)
        for limit in (*ABSOLUTE, *RELATIVE)
        if (threshold := getattr(limits, limit)) is not None
    ]
    rows += [
        _row(limit, threshold, _Figure(None, reason), label=label, skipped=True)
        for label, of_class in [("any", limits.any_class), *limits.classes.items()]
        for limit, threshold in _set(of_class)
    ]
    return _result(rows, reason)


def _result(rows: list[Limit], neutral: str | None) -> Checked:
    return {
        "ok": all(row["ok"] is not False for row in rows),
        "neutral": neutral,
        "limits": rows,
        "limits_from": None,
        "recomputed": False,
        "notes": [],
    }


def _row(
    limit: str,
    threshold: float,
    figure: _Figure,
    *,
    label: str | None = None,
    skipped: bool = False,
) -> Limit:
    value, detail = figure
    holds = value is not None and (
        value <= threshold if limit.startswith("max_") else value >= threshold
    )
    return {
        "limit": limit,
        "class": label,
        "threshold": threshold,
        "value": value,
        "ok": None if skipped else holds,
        "detail": detail,
    }


def _whole(diff: Diff, limits: CheckParams) -> Iterator[Limit]:
    metrics = diff["summary"]["b"]
    for limit, (metric, lacking) in ABSOLUTE.items():
        threshold = getattr(limits, limit)
        if threshold is not None:
            value = metrics.get(metric)
            yield _row(limit, threshold, _Figure(value, lacking if value is None else ""))


def _by_class(classes: Sequence[ClassChange], limits: CheckParams) -> Iterator[Limit]:
    present = {row["label"]: row for row in classes if row["n_b"]}
    for label, of_class in limits.classes.items():
        for limit, threshold in _set(of_class):
            figure = (
                _class_figure(limit, present[label])
                if label in present
                else _Figure(None, "no sample has this label")
            )
            yield _row(limit, threshold, figure, label=label)
    others = [row for label, row in present.items() if label not in limits.classes]
    for limit, threshold in _set(limits.any_class):
        rows = [
            _row(limit, threshold, _class_figure(limit, row), label=row["label"]) for row in others
        ]
        yield from _telling(rows)


def _telling(rows: list[Limit]) -> list[Limit]:
    """Return the broken ones; where all classes hold, the one nearest to its limit."""
    broken = [row for row in rows if not row["ok"]]
    return broken or sorted(rows, key=_to_limit)[:1]


def _to_limit(row: Limit) -> float:
    return math.inf if row["value"] is None else abs(row["value"] - row["threshold"])


def _set(of_class: ClassLimits) -> list[tuple[str, float]]:
    return [(limit, value) for limit, value in of_class if value is not None]


def _class_figure(limit: str, row: ClassChange) -> _Figure:
    samples = f"{row['n_b']:,} samples"
    if limit == "min_label_quality":
        return _Figure(row["label_quality_b"], samples)
    return _Figure(issue_rate(row["issues_b"], row["n_b"]), samples)


def _relative(diff: Diff) -> dict[str, _Figure]:
    issues, summary = diff["issues"], diff["summary"]
    drop = summary["difference"].get("label_quality")
    introduced, rippled = len(issues["introduced"]), issues["by_ripple"]["introduced"]
    return {
        "max_introduced": _Figure(
            introduced, f"{introduced - rippled:,} by the change itself, {rippled:,} rippled"
        ),
        "max_contradicted": _Figure(
            diff["verdicts"]["contradicted"], f"of {len(diff['relabelled']):,} relabelled"
        ),
        "max_quality_drop": _Figure(
            None if drop is None else -drop or 0.0,
            f"{summary['a']['label_quality']} → {summary['b']['label_quality']}",
        ),
        "max_silenced": _Figure(
            len(issues["silenced"]), f"by decisions that the change adds to {REVIEWED}"
        ),
    }
