"""What there is to read of a version of the data."""

from __future__ import annotations

import operator
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from cgaudit.errors import NoScoresError, NotTrackedError
from cgaudit.params import SourceParams
from cgaudit.project import NAMED, REVIEWED
from cgaudit.results.form import FORMS, scores_name
from cgaudit.results.metrics import Metrics, read_metrics
from cgaudit.results.parts import parts_for
from cgaudit.results.table import OpenedScores, Scores, open_scores
from cgaudit.review import no_reviews, read_reviewed
from cgaudit.revisions import Fetched, Repository, Revision
from cgaudit.versions.apart import set_apart
from cgaudit.versions.counted import NOTHING_APART, Apart
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


@dataclass(frozen=True)
class OpenedVersion:
    """What is known of the data at one revision, but for the rows of its scores.

    Attributes
    ----------
    revision, metrics, reviewed, notes
        As of `Version`.
    scores
        The scores table, to be read while the context lasts that opened it.
    """

    revision: Revision
    scores: OpenedScores
    metrics: Metrics
    reviewed: pd.DataFrame
    notes: tuple[str, ...] = ()

    def read(self) -> Version:
        """Return the version with all its scores.

        Raises
        ------
        StaleError
            They are damaged.
        """
        return self.with_scores(self.scores.read())

    def with_scores(self, scores: Scores) -> Version:
        """Return the version with what was read of its scores."""
        return Version(self.revision, scores, self.metrics, self.reviewed, self.notes)


class Pair(NamedTuple):
    """Two versions to compare.

    Attributes
    ----------
    a, b
        The earlier and the later one. Of large ones the scores are those that differ, or that
        something is to be said of.
    apart
        What was counted of the others.
    """

    a: Version
    b: Version
    apart: Apart = NOTHING_APART

    def ids_are_paths(self, source: SourceParams) -> bool:
        """Tell whether b's ids only say where the samples lie, rather than who they are."""
        table = self.b.scores.table
        if source.id_column is not None:
            return False
        if self.apart.ids_are_paths is not None:
            return self.apart.ids_are_paths
        if "path" in table.columns:
            return bool((table["id"] == table["path"]).all())
        return look_like_paths(table["id"].tolist())


@contextmanager
def opened_version(repository: Repository, revision: Revision) -> Iterator[OpenedVersion]:
    """Open the scores of a revision, and read its metrics and its review memory.

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
    with tempfile.TemporaryDirectory(prefix="cgaudit-") as scratch:
        name, found = _fetched(repository, revision, Path(scratch))
        memory = repository.find(REVIEWED, revision)
        yield OpenedVersion(
            revision,
            open_scores(found.path, f"{name} at {revision}"),
            _metrics(repository, revision, NAMED.summary.as_posix()),
            read_reviewed(memory.data, f"{REVIEWED} at {revision}") if memory else no_reviews(),
            found.notes,
        )


def read_version(repository: Repository, revision: Revision) -> Version:
    """Read the scores, the metrics and the review memory of a revision.

    Raises
    ------
    NoScoresError, MissingObjectError, StaleError
        As `opened_version`.
    """
    with opened_version(repository, revision) as opened:
        return opened.read()


def read_versions(repository: Repository, a: Revision, b: Revision, *, tolerance: float) -> Pair:
    """Read both versions, each as `read_version` does, as `read_pair` reads them."""
    # The later version first: without it there is nothing to say, whatever the earlier one is.
    with opened_version(repository, b) as later, opened_version(repository, a) as earlier:
        return read_pair(earlier, later, tolerance=tolerance)


def read_pair(a: OpenedVersion, b: OpenedVersion, *, tolerance: float) -> Pair:
    """Read two versions to compare; of those that are more than a block, only what differs.

    Parameters
    ----------
    a, b
        The earlier and the later one; the same twice to look at one.
    tolerance
        By how much a score must move to count as moved.

    Raises
    ------
    StaleError
        Scores are damaged.
    """
    if _is_one_block(a) and _is_one_block(b):
        later = b.read()
        return Pair(later if a is b else a.read(), later)
    kept = {*a.reviewed["content_hash"], *b.reviewed["content_hash"]}
    if kept and b.scores.provenance.of_numbers:
        # How numbers are written tells what a decision on one is about, and all of them tell that.
        return Pair(a.read(), b.read())
    with tempfile.TemporaryDirectory(prefix="cgaudit-") as scratch:
        reduced = set_apart(
            a.scores, b.scores, kept=kept, tolerance=tolerance, scratch=Path(scratch)
        )
    return Pair(a.with_scores(reduced.a), b.with_scores(reduced.b), reduced.apart)


def _is_one_block(version: OpenedVersion) -> bool:
    return parts_for(version.scores.stored.n) == 1


def _fetched(repository: Repository, revision: Revision, scratch: Path) -> tuple[str, Fetched]:
    """Return what the scores of a revision are called, in whichever form, and where they lie."""
    names = [form.as_posix() for form in FORMS]
    if revision.commit is None:
        # Of the other form there may be an older version on record.
        names.sort(key=partial(operator.ne, scores_name(repository.project)))
    for name in names:
        try:
            return name, repository.fetch(name, revision, scratch)
        except NotTrackedError:
            continue
    raise NoScoresError(_no_scores(names[0], revision, repository.project.again))


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
