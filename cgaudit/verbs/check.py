"""`cgaudit check`: limits on label quality, and what a version of the data makes of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cgaudit.errors import IncomparableError, MissingObjectError, NoScoresError, StaleError
from cgaudit.params import CheckParams, ClassLimits, DiffParams, SourceParams
from cgaudit.results.change import ClassChange, Diff
from cgaudit.results.gate import Checked, Limit
from cgaudit.results.metrics import issue_rate
from cgaudit.revisions import Repository, Revision
from cgaudit.versions import compare_versions, read_version

#: Limits that compare two versions.
RELATIVE = ("max_introduced", "max_contradicted", "max_quality_drop")


class _Figure(NamedTuple):
    value: float | None
    detail: str = ""


def check_revisions(
    repository: Repository,
    a: Revision,
    b: Revision,
    *,
    limits: CheckParams,
    source: SourceParams,
    settings: DiffParams,
    missing_is_neutral: bool = False,
) -> Checked:
    """Hold the data at revision b to its limits, the relative ones against revision a.

    Revision a is read only where a relative limit is set.

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
    harmless = (NoScoresError, MissingObjectError) if missing_is_neutral else ()
    try:
        later = read_version(repository, b)
    except harmless as reason:
        return _nothing_checked(limits, str(reason))
    earlier, neutral = later, None
    if any(getattr(limits, limit) is not None for limit in RELATIVE):
        try:
            earlier = read_version(repository, a)
        except harmless as reason:
            neutral = str(reason)
    try:
        diff = compare_versions(earlier, later, source=source, settings=settings)
    except IncomparableError as error:
        raise StaleError(
            f"{error} A change is held to its limits where both versions were scored alike: score "
            "the earlier data as the later one (`dvc repro`), commit it, and check against that "
            "commit."
        ) from None
    return check(diff, limits, neutral=neutral)


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
    return _result(rows, neutral)


def _nothing_checked(limits: CheckParams, reason: str) -> Checked:
    rows = [
        _row(limit, threshold, _Figure(None, reason), skipped=True)
        for limit in ("max_issue_rate", "min_label_quality", *RELATIVE)
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
    for limit, metric in (
        ("max_issue_rate", "label_issue_rate"),
        ("min_label_quality", "label_quality"),
    ):
        threshold = getattr(limits, limit)
        if threshold is not None:
            detail = "" if metrics[metric] is not None else "no sample has a label"
            yield _row(limit, threshold, _Figure(metrics[metric], detail))


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
    }
