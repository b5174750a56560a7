"""`cgaudit diff`: what changed between two versions, and what it did to label quality."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from cgaudit.errors import CgauditError, IncomparableError, StaleError
from cgaudit.evidence.sights import version_sights
from cgaudit.evidence.witnesses import witnesses_of
from cgaudit.featurize import open_store
from cgaudit.pages.change import DiffOptions, Versions, build_diff_context, render_diff
from cgaudit.pages.frame.asked import FindNeighbours, Sights
from cgaudit.params import Params
from cgaudit.pipeline.imported import with_imported
from cgaudit.pipeline.learning import with_learning
from cgaudit.progress import Announce, Progress
from cgaudit.results.change import Diff
from cgaudit.results.overview import Overview
from cgaudit.revisions import Repository, Revision
from cgaudit.verbs.unscored import unscored
from cgaudit.versions import (
    Pair,
    Version,
    by_concern,
    compare_versions,
    read_versions,
    set_absent_apart,
)


class Compared(NamedTuple):
    """Two versions and their comparison.

    Attributes
    ----------
    pair
        What was read, or computed.
    diff
        What differs.
    notes
        What to tell the user.
    """

    pair: Pair
    diff: Diff
    notes: list[str]


def diff(
    repository: Repository,
    a: Revision,
    b: Revision,
    params: Params,
    *,
    compute: bool = False,
    recompute: bool = False,
    progress: Mapping[str, Progress] | None = None,
    announce: Announce | None = None,
) -> Compared:
    """Compare the data at two revisions; nothing is checked out.

    Parameters
    ----------
    repository
        Where to read.
    a, b
        From `Repository.pair`.
    params
        Whose ``source`` and ``diff`` sections count here.
    compute
        Score a version that has no scores, in a temporary place (`read_or_compute`).
    recompute
        Score b's data anew, as a was scored, whatever scores it came with.
    progress, announce
        As for `read_or_compute`.

    Raises
    ------
    NoScoresError, MissingObjectError
        A version cannot be read.
    StaleError
        The two were computed differently, or one by a version of cgaudit with other tables.
    """
    # Here, because it brings torch, and most comparisons only read.
    if recompute:
        from cgaudit.pipeline.compute import recompute as computed

        pair, notes = computed(repository, a, b, progress, announce)
    elif compute:
        from cgaudit.pipeline.compute import read_or_compute

        pair, notes = read_or_compute(repository, a, b, params, progress, announce)
    else:
        pair, notes = read_versions(repository, a, b, tolerance=params.diff.tolerance), []
    try:
        found = compare_versions(pair, source=params.source, settings=params.diff)
    except IncomparableError as error:
        raise StaleError(_refused(error, repository.project.again)) from None
    warned = set_absent_apart(repository, pair, found, params.source)
    stale = [] if compute or recompute else unscored(repository, b)
    found["warnings"] = [*stale, *warned, *found["warnings"]]
    found = with_learning(repository, a, b, found)
    found = with_imported(repository, a, b, found)
    return Compared(pair, found, notes)


def _refused(error: IncomparableError, again: str) -> str:
    how = "`cgaudit init --upgrade`" if "recipe" in error.differences else "the same parameters"
    return (
        "The two versions were computed differently, so their scores cannot be compared: "
        f"{error.listed}. Commit the earlier data scored with {how} and `{again}`, and compare "
        "with that commit."
    )


def diff_page(repository: Repository, compared: Compared, params: Params) -> str:
    """Return the HTML page of a comparison, with the pictures or texts of both versions.

    Parameters
    ----------
    repository
        Where the pictures or texts are read, without a checkout.
    compared
        What `diff` returned.
    params
        Whose ``source``, ``report`` and ``diff`` sections count here.
    """
    options = DiffOptions(
        title=params.report.title,
        samples=params.diff.samples,
        thumbnail=params.report.thumbnail or DiffOptions.thumbnail,
    )
    a, b, apart = compared.pair
    contents = [
        dict(zip(it.scores.table["id"], it.scores.table["content_hash"], strict=True))
        for it in (a, b)
    ]
    with ExitStack() as stack:

        def sights(version: Version) -> Sights:
            scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="cgaudit-"))
            table, revision = version.scores.table, version.revision
            return version_sights(table, repository, revision, params.source, Path(scratch))

        def same(id_a: str, id_b: str) -> bool:
            return bool(contents[0][id_a] == contents[1][id_b])

        # Neighbours may be among what was only counted.
        neighbours = None if apart.n else _witnesses(repository, b, params)
        after = replace(sights(b), neighbours=neighbours)
        context = build_diff_context(
            by_concern(compared.diff),
            options=options,
            versions=Versions(sights(a), after, same, contents[1].get),
        )
    return render_diff(context)


def _witnesses(repository: Repository, version: Version, params: Params) -> FindNeighbours | None:
    """Return what finds neighbours of a version's samples; None where its features are not here."""
    features = repository.project.outputs.features
    if not features.exists() or not params.report.neighbours:
        return None
    try:
        scores = Overview.of(version.scores)
        return witnesses_of(scores, open_store(features), params.report.neighbours)
    except CgauditError:
        # They are those of another version: a page without neighbours is better than none.
        return None
