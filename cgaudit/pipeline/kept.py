"""What an earlier run of `cgaudit select` kept, on disk or with DVC."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from cgaudit.errors import CgauditError
from cgaudit.project import LOCK, NAMED, Project
from cgaudit.revisions import WORKSPACE, Repository
from cgaudit.selection import Selection, read_selection


class Earlier(NamedTuple):
    """An earlier selection, and where it is from, for the user."""

    selection: Selection
    says: str


def earlier_selection(project: Project) -> Earlier | None:
    """Return the selection of an earlier run; None where there is none.

    It is looked for in its place on disk, then in the version that dvc.lock records (DVC removes
    the outputs of a stage before it runs it), then in that of HEAD.
    """
    return next(_found(project), None)


def _found(project: Project) -> Iterator[Earlier]:
    path = project.outputs.selection
    if path.exists():
        yield Earlier(read_selection(path), f"that in {path}")
    for name, says in ((WORKSPACE, f"that of {LOCK}"), ("HEAD", "that of HEAD")):
        # No repository, no such commit, no such file in it, or one that nobody has.
        try:
            repository = Repository.around(project)
            data = repository.read(NAMED.selection.as_posix(), repository.revision(name)).data
            yield Earlier(read_selection(data, says), says)
        except CgauditError:
            continue


def still_there(earlier: Selection, table: pd.DataFrame) -> list[int]:
    """Return the rows of a table that an earlier selection kept, in the order of their ranks.

    A sample stays itself while its content and its label do, whatever becomes of its id; of
    several with one content and label, as many stay as were kept, those of the same ids first.

    Parameters
    ----------
    earlier
        The selection.
    table
        Of samples now: columns ``id``, ``label`` and ``content_hash``.
    """
    kept = earlier.table[earlier.table["keep"]].sort_values("rank")
    ids = set(kept["id"])
    places: dict[tuple[str | None, str | None], list[int]] = defaultdict(list)
    for rank, label, content in kept[["rank", "label", "content_hash"]].itertuples(index=False):
        places[label, content].append(int(rank))
    rows: dict[tuple[str | None, str | None], list[int]] = defaultdict(list)
    identities = table[["label", "content_hash"]].itertuples(index=False, name=None)
    for row, identity in enumerate(identities):
        if identity in places:
            rows[identity].append(row)
    known = table["id"].isin(ids).to_numpy()
    found: list[tuple[int, int]] = []
    for identity, its in rows.items():
        first = sorted(its, key=lambda row: not known[row])
        found += zip(places[identity], first, strict=False)
    return [row for _, row in sorted(found)]
