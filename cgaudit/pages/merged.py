"""What `cgaudit review` did, for a terminal."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cgaudit.project import CONFLICTS_PAGE
from cgaudit.wording import terminal
from cgaudit.wording.numbers import count, figure, percent, plural
from cgaudit.wording.sections import Section, name


def shared_text(pages: Sequence[tuple[str, Path, int, int]]) -> str:
    """Return which pages were written for whom.

    Parameters
    ----------
    pages
        Of each reviewer: the name, the page, how many samples it is for, and how many of them are
        on every page.
    """
    lines = [
        f"{terminal.line(who)}: {plural(n, 'sample')}, {count(common)} on every page: {path}"
        for who, path, n, common in pages
    ]
    return "\n".join([*lines, "", "Each downloads decisions; then: cgaudit review merge FILE…"])


def merged_text(result: Mapping[str, Any], merging: Sequence[str]) -> str:
    """Return what became of the decisions.

    Parameters
    ----------
    result
        What `cgaudit.verbs.review.merge` returned.
    merging
        The arguments that name the decisions, for the command that settles conflicts.
    """
    conflicts = Section(
        "Decisions in conflict",
        ("sample", "who", "decision", "label", "when"),
        [
            [name(row["id"]), name(it["reviewer"]), it["action"], name(it.get("label")),
             it.get("decided_at", "")]
            for row in result["conflicts"]
            for it in row["decisions"]
        ],
    )  # fmt: skip
    stale = Section(
        "Left out: the label or the content is another now, or the sample is gone",
        ("sample", "who", "decision", "decided on"),
        [
            [name(row["id"]), name(row["reviewer"]), row["action"], name(row.get("given_label"))]
            for row in result["stale"]
        ],
    )
    return terminal.page(_said(result, merging), [conflicts, stale])


def _said(result: Mapping[str, Any], merging: Sequence[str]) -> str:
    n = sum(result["reviewers"].values())
    who = ", ".join(f"{terminal.line(it)} {k:,}" for it, k in result["reviewers"].items())
    lines = [
        f"{plural(n, 'decision')} ({who}): {plural(result['merged'], 'sample')} decided, "
        f"{count(len(result['conflicts']))} in conflict, {count(len(result['stale']))} on older "
        f"data, {count(result['superseded'])} superseded",
        _agreed(result["agreement"]),
        f"Wrote {result['out']}.",
    ]
    if result["compared_with"] is None:
        lines.append("No scores are here: whether labels have changed since, `apply` will tell.")
    lines.append(_then(result, merging))
    return "\n".join(lines)


def _agreed(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return "No two reviewers decided on the same sample: how far they agree cannot be told."
    people = " and ".join(terminal.line(it) for it in found["reviewers"])
    samples = plural(found["samples"], "sample")
    if found["kappa"] is None:
        return f"{people} gave one and the same answer to {samples}: kappa cannot be told."
    interval = (
        f"95 % interval {figure(found['low'], 2)} to {figure(found['high'], 2)}, bootstrap"
        if found["low"] is not None
        else "too few for an interval"
    )
    return (
        f"Agreement of {people} on {samples}: {found['measure']} {figure(found['kappa'], 2)} "
        f"({interval}); the same answer by {percent(found['observed'])}"
    )


def _then(result: Mapping[str, Any], merging: Sequence[str]) -> str:
    again = " ".join(["cgaudit review merge", *map(shlex.quote, merging)])
    if result["conflicts"] and result["page"]:
        return (
            f"Decide the conflicts in {result['page']}, then: {again} --settle FILE "
            "(or leave them, and go on)"
        )
    if result["conflicts"]:
        return f"For a page of the conflicts: {again} --page {CONFLICTS_PAGE}"
    return f"Then: cgaudit apply {shlex.quote(result['out'])}"
