"""`cgaudit history`: the metrics of every version, read from git in a handful of processes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from cgaudit.errors import (
    DecisionError,
    MissingObjectError,
    NoScoresError,
    RevisionError,
    StaleError,
)
from cgaudit.params import SourceParams
from cgaudit.project import NAMED, PARAMS
from cgaudit.reading.files import Damage
from cgaudit.reading.text import yaml_of
from cgaudit.results.figures import FIGURES, FIGURES_OF_NUMBERS, MOVES
from cgaudit.results.metrics import read_metrics
from cgaudit.results.timeline import Dated, Timeline
from cgaudit.revisions import Repository, Revision
from cgaudit.versions import OpenedVersion, match, opened_version, read_pair

#: Parts of the parameters that the figures depend on, beside the data.
_HOW = ("recipe", "featurize", "score")

_SUMMARY = NAMED.summary.as_posix()


class _Version(NamedTuple):
    commit: str
    time: int
    subject: str
    tags: list[str]


def history(
    repository: Repository,
    *,
    start: str = "HEAD",
    all_tags: bool = False,
    since: str | None = None,
    most: int | None = None,
    source: SourceParams | None = None,
) -> Timeline:
    """Return the metrics of each version of the data, the oldest first.

    Versions are the commits that changed the metrics, along first parents (a merged branch is one
    version), or the tags. No scores are opened unless `source` is given.

    Parameters
    ----------
    repository
        Where to read.
    start
        The newest commit to consider.
    all_tags
        Take the commits that have tags instead, wherever they are.
    since
        A date as git understands it.
    most
        At most so many, the newest.
    source
        Given, the scores are opened to count the samples that changed between neighbours.

    Raises
    ------
    RevisionError
        There is no such revision.
    """
    found = _tagged(repository, since) if all_tags else _commits(repository, start, since)
    wanted = [(it.commit, repository.in_git(_SUMMARY)) for it in found]
    wanted += [(it.commit, repository.in_git(PARAMS)) for it in found]
    blobs = list(repository.git.blobs(wanted))
    metrics, parameters = blobs[: len(found)], blobs[len(found) :]
    how = _Parameters()
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    for version, summary, params in zip(found, metrics, parameters, strict=True):
        if summary is None:
            continue
        figures = _figures(summary)
        if figures is None:
            notes.append(f"{version.commit[:7]} is left out: its summary.json is damaged.")
            continue
        rows.append({**_row(version), **figures, "how": how.of(params)})
    rows = rows[-most:] if most else rows
    hows = [row.pop("how") for row in rows]
    for row, before, after in zip(rows, [*hows[:1], *hows], hows, strict=False):
        row["recomputed"] = before != after
    if source is not None:
        _count_moves(repository, rows, source)
    return {"versions": cast("list[Dated]", rows), "notes": notes}


def _commits(repository: Repository, start: str, since: str | None) -> list[_Version]:
    path = repository.in_git(_SUMMARY)
    log = repository.git.commits_touching(path, repository.git.commit(start), since=since)
    tags = _tags(repository)
    return [_Version(it.sha, it.time, it.subject, tags.get(it.sha, [])) for it in reversed(log)]


def _tagged(repository: Repository, since: str | None) -> list[_Version]:
    tags = _tags(repository)
    log = repository.git.commits(reversed(tags), since=since)
    return [_Version(it.sha, it.time, it.subject, tags[it.sha]) for it in reversed(log)]


def _tags(repository: Repository) -> dict[str, list[str]]:
    """Return the names of the tags on each commit that has some."""
    tags: dict[str, list[str]] = {}
    for tag in repository.git.tags():
        tags.setdefault(tag.sha, []).append(tag.name)
    return tags


def _row(version: _Version) -> dict[str, Any]:
    return {
        "commit": version.commit,
        "date": datetime.fromtimestamp(version.time, UTC).date().isoformat(),
        "subject": version.subject,
        "tags": version.tags,
    }


def _figures(summary: bytes) -> dict[str, float | None] | None:
    try:
        metrics = read_metrics(summary, _SUMMARY)
    except StaleError:
        return None
    found = {it.key: getattr(metrics, it.key) for it in (*FIGURES, *FIGURES_OF_NUMBERS)}
    numbers = {it.key for it in FIGURES_OF_NUMBERS}
    return {key: value for key, value in found.items() if value is not None or key not in numbers}


class _Parameters:
    """Reads what decides the figures out of params.yaml, once for each of its versions."""

    def __init__(self) -> None:
        self._known: dict[bytes | None, object] = {}

    def of(self, content: bytes | None) -> object:
        if content not in self._known:
            self._known[content] = self._read(content)
        return self._known[content]

    @staticmethod
    def _read(content: bytes | None) -> object:
        try:
            document = yaml_of(content or b"")
        except Damage:
            return None
        section = (document if isinstance(document, dict) else {}).get("cgaudit") or {}
        if not isinstance(section, dict):
            return None
        how = {name: section.get(name) for name in _HOW}
        if isinstance(how["score"], dict):
            how["score"] = {key: how["score"][key] for key in how["score"] if key != "device"}
        return how


def _count_moves(
    repository: Repository, rows: Sequence[dict[str, Any]], source: SourceParams
) -> None:
    """Add the samples that changed since the version before to each row."""
    for row in rows:
        row.update(dict.fromkeys(MOVES))
    before, held = None, ExitStack()
    try:
        for row in rows:
            with ExitStack() as opening:
                after = _opened(repository, row["commit"], opening)
                if before is not None and after is not None:
                    row.update(_moves(before, after, source))
                held.close()
                before, held = after, opening.pop_all()
    finally:
        held.close()


def _moves(before: OpenedVersion, after: OpenedVersion, source: SourceParams) -> dict[str, int]:
    try:
        pair = read_pair(before, after, tolerance=math.inf)
    except StaleError:
        return {}
    tables = pair.a.scores.table, pair.b.scores.table
    by_path = pair.ids_are_paths(source)
    kinds = match(*tables, ids_are_paths=by_path, besides=pair.apart.labels)["kind"]
    return {move: int((kinds == move).sum()) for move in MOVES}


def _opened(repository: Repository, commit: str, stack: ExitStack) -> OpenedVersion | None:
    try:
        return stack.enter_context(opened_version(repository, Revision(commit, commit)))
    except (MissingObjectError, NoScoresError, StaleError, DecisionError, RevisionError):
        return None
