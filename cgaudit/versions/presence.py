"""Changes of a workspace that are none of the data: files that are not here, or in no version."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from cgaudit.errors import MissingObjectError, RevisionError
from cgaudit.params import SourceParams
from cgaudit.results.change import Diff
from cgaudit.results.named import Named
from cgaudit.revisions import Gap, Repository, gaps
from cgaudit.versions.boxes import are_boxes
from cgaudit.versions.read import Pair, Version
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


def set_absent_apart(
    repository: Repository, pair: Pair, diff: Diff, source: SourceParams
) -> list[str]:
    """Take the samples that are only absent out of the removed; return what is to be told.

    That is also said of added samples that DVC does not list yet.

    Parameters
    ----------
    repository
        Where the versions were read.
    pair
        The versions; there is nothing to say where b is a commit.
    diff
        Their comparison; its ``removed``, ``absent`` and what counts the removed are changed.
    source
        Names the data.
    """
    a, b = pair.a, pair.b
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
        removed = _of(a, "path" if presence.by_name else "content_hash", gone)
        lacking = set(presence.absent) if presence.by_name else set(presence.lacking)
        files = _of(b, "path", came)
    absent = {it for it, at in zip(gone, removed, strict=False) if at in lacking}
    _move(diff, absent)
    unlisted = set(presence.unlisted)
    added = sum(file in unlisted for file in files)
    told, lists = [], "git" if repository.dvc is None else "DVC"
    if absent:
        told.append(
            f"{plural(len(absent), 'sample')} absent, not removed: {len(absent):,} of the "
            f"{len(removed):,} that the scores here lack. Their files belong to {source.path} and "
            f"are not here. `{mended[True]}`, then `{repository.project.again}`."
        )
    if added:
        told.append(
            f"{plural(added, 'sample')} of the {len(diff['added']):,} added are in no version yet: "
            f"{lists} does not list their files. `{mended[False]}`."
        )
    return told


def _move(diff: Diff, absent: Collection[str]) -> None:
    """Count removed samples, by a's id, as absent: their issues are not resolved."""

    def is_absent(row: Named) -> bool:
        return (row["id_a"] or row["id"]) in absent

    moved = [row for row in diff["removed"] if is_absent(row)]
    diff["absent"] = moved
    diff["removed"] = [row for row in diff["removed"] if not is_absent(row)]
    diff["samples"]["removed"] -= len(moved)
    resolved = diff["issues"]["resolved"]
    diff["issues"]["resolved"] = [
        row for row in resolved if row["kind"] != "removed" or not is_absent(row)
    ]
    labels = Counter(row["label"] for row in moved)
    for row in diff["classes"]:
        row["removed"] -= labels[row["label"]]


def _of(version: Version, column: str, ids: Iterable[str]) -> list[str | None]:
    """Return a column's values of some samples; none where the table has no such column."""
    table = version.scores.table
    if column not in table:
        return []
    values = dict(zip(table["id"], table[column], strict=True))
    return [values[sample] for sample in ids]
