"""Changes of a workspace that are none of the data: files that are not here, or in no version."""

from __future__ import annotations

from collections.abc import Iterable

from cgaudit.errors import MissingObjectError, RevisionError
from cgaudit.params import SourceParams
from cgaudit.results.change import Diff
from cgaudit.revisions import Gap, Repository, gaps
from cgaudit.versions.boxes import are_boxes
from cgaudit.versions.read import Version
from cgaudit.wording.numbers import plural


def data_gaps(repository: Repository, source: SourceParams) -> list[Gap]:
    """Return how data and labels in the workspace differ from what DVC lists.

    There are none where DVC cannot tell.

    Parameters
    ----------
    repository
        Of the project.
    source
        Names data and labels, relative to the project.
    """
    paths = [path for path in (source.path, source.labels) if path is not None]
    try:
        return gaps(repository, paths)
    except (MissingObjectError, RevisionError):
        return []


def presence_warnings(
    repository: Repository, a: Version, b: Version, diff: Diff, source: SourceParams
) -> list[str]:
    """Tell removed samples that are only absent, and added ones that DVC does not list yet.

    Parameters
    ----------
    repository
        Where the versions were read.
    a, b
        The versions; there is nothing to say where b is a commit.
    diff
        Their comparison.
    source
        Names the data.
    """
    if b.revision.commit is not None or not (diff["removed"] or diff["added"]):
        return []
    try:
        presence = repository.presence(source.path)
        mended = {gap.is_lack: gap.remedy for gap in gaps(repository, [source.path])}
    except (MissingObjectError, RevisionError):
        return []
    gone = [row["id_a"] or row["id"] for row in diff["removed"]]
    came = [row["id"] for row in diff["added"]]
    # A box is here where its picture is.
    if are_boxes(a.scores.table, b.scores.table):
        removed, lacking = _of(a, "picture", gone), {*presence.absent, *presence.forgotten}
        files = _of(b, "picture", came)
    else:
        removed, lacking = _of(a, "content_hash", gone), set(presence.lacking)
        files = _of(b, "path", came)
    absent = sum(one in lacking for one in removed)
    unlisted = set(presence.unlisted)
    added = sum(file in unlisted for file in files)
    told = []
    if absent:
        told.append(
            f"{plural(absent, 'sample')} of the {len(removed):,} removed are absent, not removed: "
            f"their files belong to {source.path} and are not here. `{mended[True]}`, then `dvc "
            "repro`."
        )
    if added:
        told.append(
            f"{plural(added, 'sample')} of the {len(diff['added']):,} added are in no version yet: "
            f"DVC does not list their files. `{mended[False]}`."
        )
    return told


def _of(version: Version, column: str, ids: Iterable[str]) -> list[str | None]:
    """Return a column's values of some samples; none where the table has no such column."""
    table = version.scores.table
    if column not in table:
        return []
    values = dict(zip(table["id"], table[column], strict=True))
    return [values[sample] for sample in ids]
