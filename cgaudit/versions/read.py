"""What there is to read of a version of the data."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from cgaudit.errors import NoScoresError, NotTrackedError
from cgaudit.params import SourceParams
from cgaudit.project import NAMED, REVIEWED
from cgaudit.results.metrics import Metrics, read_metrics
from cgaudit.results.table import Scores, read_scores
from cgaudit.review import no_reviews, read_reviewed
from cgaudit.revisions import Repository, Revision
from cgaudit.versions.match import look_like_paths


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
        raise NoScoresError(_no_scores(path, revision, repository.project.again)) from None
    memory = repository.find(REVIEWED, revision)
    return Version(
        revision,
        read_scores(contents.data, f"{path} at {revision}"),
        _metrics(repository, revision, NAMED.summary.as_posix()),
        read_reviewed(memory.data, f"{REVIEWED} at {revision}") if memory else no_reviews(),
        contents.notes,
    )


def read_versions(repository: Repository, a: Revision, b: Revision) -> tuple[Version, Version]:
    """Read both versions, each as `read_version` does."""
    # The later version first: without it there is nothing to say, whatever the earlier one is.
    later = read_version(repository, b)
    return read_version(repository, a), later


def ids_are_paths(version: Version, source: SourceParams) -> bool:
    """Tell whether a version's ids only say where the samples lie, rather than who they are."""
    table = version.scores.table
    if source.id_column is not None:
        return False
    if "path" in table.columns:
        return bool((table["id"] == table["path"]).all())
    return look_like_paths(table["id"].tolist())


def _no_scores(path: str, revision: Revision, again: str) -> str:
    if revision.commit is None:
        return (
            f"There is no {path} in the workspace. Run `{again}` to compute it, or let "
            "`cgaudit diff --compute` score the data in a temporary place."
        )
    return (
        f"{revision} has no {path}: it is older than the audit, or was committed without it. Let "
        "`cgaudit diff --compute` score its data in a temporary place, or compare with a later "
        "revision; the first that has scores is the last line of `cgaudit history`."
    )


def _metrics(repository: Repository, revision: Revision, path: str) -> Metrics:
    found = repository.find(path, revision)
    return Metrics() if found is None else read_metrics(found.data, f"{path} at {revision}")
