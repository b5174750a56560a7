"""Two revisions in, their comparison out."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass

import pandas as pd

from cgaudit.diff.compare import compare, with_difference
from cgaudit.diff.match import look_like_paths
from cgaudit.errors import NoScoresError, NotTrackedError, StaleError
from cgaudit.params import DiffParams, SourceParams
from cgaudit.project import NAMED, REVIEWED
from cgaudit.results.change import Diff, Side
from cgaudit.results.metrics import Metrics
from cgaudit.results.table import Scores, read_scores
from cgaudit.review.memory import no_reviews, read_reviewed
from cgaudit.revisions import Repository, Revision


@dataclass(frozen=True)
class Version:
    """What is known of the data at one revision.

    Attributes
    ----------
    revision
        Where it was read.
    scores
        The scores table.
    metrics
        Those of summary.json; empty where there is none.
    reviewed
        The review memory.
    notes
        What the reader should know of where these were found.
    """

    revision: Revision
    scores: Scores
    metrics: Metrics
    reviewed: pd.DataFrame
    notes: tuple[str, ...] = ()


def read_version(repository: Repository, revision: Revision) -> Version:
    """Read the scores, the metrics and the review memory of a revision.

    Parameters
    ----------
    repository, revision
        Where to read.

    Raises
    ------
    NoScoresError
        The revision has no scores.
    MissingObjectError
        It has, but their content can be had nowhere.
    StaleError
        They were written by a version of cgaudit that wrote other tables.
    """
    path = NAMED.scores.as_posix()
    try:
        contents = repository.read(path, revision)
    except NotTrackedError:
        raise NoScoresError(_no_scores(path, revision)) from None
    memory = repository.find(REVIEWED, revision)
    return Version(
        revision,
        read_scores(io.BytesIO(contents.data), f"{path} at {revision}"),
        _metrics(repository, revision, NAMED.summary.as_posix()),
        read_reviewed(memory.data, f"{REVIEWED} at {revision}") if memory else no_reviews(),
        contents.notes,
    )


def diff_versions(a: Version, b: Version, *, settings: DiffParams, ids_are_paths: bool) -> Diff:
    """Compare two versions that were read.

    Returns
    -------
    Diff
        As `compare`; ``a`` and ``b`` also name the ``revision`` and the ``commit``, ``summary``
        also has what summary.json alone knows.

    Raises
    ------
    IncomparableError
        The two were computed differently.
    """
    diff = compare(
        a.scores,
        b.scores,
        ids_are_paths=ids_are_paths,
        band=settings.band,
        tolerance=settings.tolerance,
        reviewed=b.reviewed,
    )
    diff["a"] = _side(a, diff["a"])
    diff["b"] = _side(b, diff["b"])
    # The figures of the table hold: they heed the review memory as it is now.
    summary = diff["summary"]
    diff["summary"] = with_difference(
        a.metrics.figures() | summary["a"], b.metrics.figures() | summary["b"]
    )
    diff["warnings"] = [*a.notes, *b.notes, *diff["warnings"]]
    return diff


def _side(version: Version, side: Side) -> Side:
    return {
        "revision": str(version.revision),
        "commit": version.revision.commit,
        "provenance": side["provenance"],
    }


def diff_revisions(
    repository: Repository,
    a: Revision,
    b: Revision,
    *,
    source: SourceParams,
    settings: DiffParams,
) -> Diff:
    """Compare the data at two revisions; nothing is checked out.

    Parameters
    ----------
    repository
        Where to read.
    a, b
        From `Repository.pair`.
    source
        Says whether the ids are a column's.
    settings
        Band and tolerance.

    Returns
    -------
    Diff
        As `diff_versions`.

    Raises
    ------
    NoScoresError, MissingObjectError, StaleError
        As `read_version` and `compare`.
    """
    versions = read_versions(repository, a, b)
    return compare_versions(*versions, source=source, settings=settings)


def read_versions(repository: Repository, a: Revision, b: Revision) -> tuple[Version, Version]:
    """Read both versions, each as `read_version` does."""
    # The later version first: without it there is nothing to say, whatever the earlier one is.
    later = read_version(repository, b)
    return read_version(repository, a), later


def compare_versions(a: Version, b: Version, *, source: SourceParams, settings: DiffParams) -> Diff:
    """Compare two versions of the data that `source` describes.

    Returns and raises as `diff_versions`.
    """
    return diff_versions(a, b, settings=settings, ids_are_paths=ids_are_paths(b, source))


def ids_are_paths(version: Version, source: SourceParams) -> bool:
    """Tell whether a version's ids only say where the samples lie, rather than who they are."""
    table = version.scores.table
    if source.id_column is not None:
        return False
    if "path" in table.columns:
        return bool((table["id"] == table["path"]).all())
    return look_like_paths(table["id"].tolist())


def _no_scores(path: str, revision: Revision) -> str:
    if revision.commit is None:
        return (
            f"There is no {path} in the workspace. Run `dvc repro` to compute it, or let "
            "`cgaudit diff --compute` score the data in a temporary place."
        )
    return (
        f"{revision} has no {path}: it is older than the audit, or was committed without it. Let "
        "`cgaudit diff --compute` score its data in a temporary place, or compare with a later "
        "revision; the first that has scores is the last line of `cgaudit history`."
    )


def _metrics(repository: Repository, revision: Revision, path: str) -> Metrics:
    found = repository.find(path, revision)
    if found is None:
        return Metrics()
    try:
        metrics = Metrics.of_json(json.loads(found.data))
    except ValueError:
        metrics = None
    if metrics is None:
        raise StaleError(f"{path} at {revision} is no JSON object. Run `cgaudit score` again.")
    return metrics
