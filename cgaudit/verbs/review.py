"""`cgaudit review`: work shared out among several reviewers, and what they decided joined again."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

import numpy as np

from cgaudit.dataset import Notation
from cgaudit.errors import DecisionError, StaleError
from cgaudit.files import refuse_inputs, refuse_special, write_text
from cgaudit.numerics.rounding import number
from cgaudit.pages.audit import Part
from cgaudit.params import Params
from cgaudit.pipeline.inputs import owned
from cgaudit.project import Project
from cgaudit.results.columns import are_numbers, are_sets
from cgaudit.results.metrics import DIGITS
from cgaudit.results.overview import open_overview
from cgaudit.results.table import has_scores
from cgaudit.review import COLUMNS, Decision, Joined, Known, join, named, read_decisions, split
from cgaudit.verbs.report import Told, build_part
from cgaudit.wording.labelsets import canonical_set

#: How a file of decisions is called that says nothing of who made them: ``fixes-ada.json``.
_PREFIX = "fixes-"


class Page(NamedTuple):
    """A page for one reviewer, and how many samples it is for."""

    reviewer: str
    path: Path
    samples: int
    common: int


class AgreementFound(TypedDict):
    """How far reviewers agree, in the JSON of `merge`; None for what cannot be told."""

    measure: str
    reviewers: list[str]
    samples: int
    observed: float | None
    kappa: float | None
    low: float | None
    high: float | None


class Merged(TypedDict):
    """What became of the decisions of several reviewers: the JSON of `cgaudit review merge`."""

    reviewers: dict[str, int]
    merged: int
    conflicts: list[dict[str, Any]]
    stale: list[dict[str, Any]]
    superseded: int
    agreement: AgreementFound | None
    compared_with: str | None
    out: str
    page: str | None


def share_out(
    project: Project, params: Params, reviewers: str, overlap: float, out: Path, seed: int = 0
) -> list[Page]:
    """Write a page for each reviewer, with their part of what is flagged and a common part.

    Parameters
    ----------
    project
        Has the scores.
    params
        Whose ``source`` and ``report`` sections count here.
    reviewers
        Their names, with commas.
    overlap
        The share of the samples that all of them look at.
    out
        The folder of the pages.
    seed
        Of the draw.

    Raises
    ------
    DecisionError
        The names are none, or nothing is flagged.
    StaleError
        There are no scores.
    """
    names = named(reviewers)
    scores = open_overview(project.outputs.scores)
    table = scores.table
    flagged = table.loc[table["is_label_issue"].astype(bool), "id"].astype(str).tolist()
    if not flagged:
        raise DecisionError(f"{project.outputs.scores} flags nothing: there is nothing to review.")
    parts = split(flagged, names, overlap, seed)
    paths = {name: out / f"{name}.html" for name in names}
    refuse_inputs(paths.values(), owned(project, params))
    found = {name: Part(name, frozenset(parts.of(name))) for name in names}
    for name, page in build_part(project, params, Told.at(project.outputs, scores), found).items():
        write_text(page, paths[name])
    common = len(parts.common)
    return [Page(name, paths[name], len(parts.of(name)), common) for name in names]


def merge(
    project: Project,
    params: Params | None,
    files: Sequence[Path],
    *,
    settle: Path | None,
    out: Path,
    page: Path | None,
    arbiter: str,
) -> Merged:
    """Join decisions, write what stands to a file, and what does not to a page of its own.

    Parameters
    ----------
    project
        Whose scores say what the samples are now, where there are any.
    params
        Of the project; None where there is none, and then no page can be made.
    files
        Of decisions, as pages download them.
    settle
        A file of decisions that stand whatever others said.
    out
        The file to write, for `cgaudit apply`.
    page
        Where a page of the conflicts goes.
    arbiter
        Who decides on that page.

    Raises
    ------
    DecisionError
        A file is malformed, or the settled decisions contradict each other.
    """
    refuse_special(*files, *([settle] if settle else []))
    refuse_inputs([out, *([page] if page else [])], [*files, *([settle] if settle else [])])
    refuse_inputs([out, *([page] if page else [])], owned(project, params))
    decisions = [it for file in files for it in _read(file)]
    settled = _read(settle) if settle else []
    known, where, alike = _known(project, {it.id for it in (*decisions, *settled)})
    if alike is not None:
        decisions, settled = _written_alike(decisions, alike), _written_alike(settled, alike)
    joined = join(decisions, settled, known)
    write_text(_file_of(joined.merged), out)
    conflicts = joined.conflicts
    written = None
    if page is not None and conflicts and params is not None:
        part = Part(arbiter, conflicts.keys(), {k: _said(made) for k, made in conflicts.items()})
        told = Told.at(project.outputs)
        write_text(build_part(project, params, told, {arbiter: part})[arbiter], page)
        written = str(page)
    counts: dict[str, int] = {}
    for decision in decisions:
        counts[decision.reviewer or ""] = counts.get(decision.reviewer or "", 0) + 1
    return {
        "reviewers": dict(sorted(counts.items())),
        "merged": len(joined.merged),
        "conflicts": [_conflict(sample, made) for sample, made in conflicts.items()],
        "stale": [_row(it) for it in joined.stale],
        "superseded": len(joined.superseded),
        "agreement": _agreement(joined),
        "compared_with": where,
        "out": str(out),
        "page": written,
    }


def _read(file: Path) -> list[Decision]:
    """Return the decisions in a file; who made them is in it, or in its name."""
    name = file.stem.removeprefix(_PREFIX)
    return [it._replace(reviewer=it.reviewer or name) for it in read_decisions(file)]


#: Writes labels that are one in one way.
_Alike = Callable[[str], str]


def _known(
    project: Project, decided: Collection[str]
) -> tuple[Mapping[str, Known] | None, str | None, _Alike | None]:
    """Return what samples are that were decided on, and where that stands; None without scores.

    Of labels that are numbers or sets also how they are written; the samples' are then all written
    alike.
    """
    if not has_scores(project.outputs.scores):
        return None, None, None
    try:
        scores = open_overview(project.outputs.scores)
        table = scores.table
        rows = scores.rows(np.flatnonzero(table["id"].isin(decided)))
    except StaleError as error:
        raise DecisionError(*error.lines) from None
    columns = [rows[name].astype(object) for name in ("given_label", "content_hash")]
    labels, hashes = (it.where(it.notna(), None) for it in columns)
    known = {
        str(sample): Known(label, digest)
        for sample, label, digest in zip(rows["id"], labels, hashes, strict=True)
    }
    where = str(project.outputs.scores)
    if are_sets(table.columns):
        return known, where, canonical_set
    if not are_numbers(table.columns):
        return known, where, None
    alike = partial(_one_number, notation=Notation.of(table["given_label"].dropna()))
    return (
        {it: of._replace(label=of.label and alike(of.label)) for it, of in known.items()},
        where,
        alike,
    )


def _written_alike(decisions: Sequence[Decision], alike: _Alike) -> list[Decision]:
    """Return decisions on numbers or sets, each in one way: two that write one agree."""
    return [
        it._replace(
            label=it.label and alike(it.label), given_label=it.given_label and alike(it.given_label)
        )
        for it in decisions
    ]


def _one_number(label: str, notation: Notation) -> str:
    value = notation.read(label)
    return label if value is None else notation.write(value)


def _file_of(decisions: Sequence[Decision]) -> str:
    """Return the file that `cgaudit apply` reads, a row a line."""
    rows = [f"  {json.dumps(_row(it), ensure_ascii=False)}" for it in decisions]
    return "[\n" + ",\n".join(rows) + "\n]\n"


def _row(decision: Decision) -> dict[str, str]:
    return {name: text for name in COLUMNS if (text := getattr(decision, name)) is not None}


def _conflict(sample: str, made: Sequence[Decision]) -> dict[str, Any]:
    return {"id": sample, "decisions": [_row(it) for it in made]}


def _said(made: Sequence[Decision]) -> list[str]:
    return [
        f"{it.reviewer}: {it.action}{f' to {it.label}' if it.label is not None else ''}"
        f"{f' ({it.comment})' if it.comment else ''}"
        for it in made
    ]


def _agreement(joined: Joined) -> AgreementFound | None:
    found, (reviewers, samples) = joined.agreement, joined.asked
    if found is None:
        return None
    return {
        "measure": "Cohen's kappa" if len(reviewers) == 2 else "Fleiss' kappa",
        "reviewers": reviewers,
        "samples": samples,
        "observed": number(found.observed, DIGITS),
        "kappa": number(found.kappa, DIGITS),
        "low": number(found.low, DIGITS),
        "high": number(found.high, DIGITS),
    }
