"""What to tell of data of which not all is here, or not all is in a version."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cgaudit.project import LOCK
from cgaudit.revisions.outputs import Output
from cgaudit.revisions.presence import Presence
from cgaudit.revisions.repository import Repository
from cgaudit.wording.numbers import plural


class Gap(NamedTuple):
    """A difference between what DVC lists of some data and what lies there.

    Attributes
    ----------
    path
        Of the data.
    what
        In a sentence.
    remedy
        The command that mends it.
    is_lack
        Whether something is not here that belongs to the data.
    """

    path: str
    what: str
    remedy: str
    is_lack: bool


def gaps(repository: Repository, paths: Iterable[str]) -> list[Gap]:
    """Return how data that lies in the working tree differs from what DVC lists.

    Parameters
    ----------
    repository
        Whose.
    paths
        Of the data and its labels, relative to the project.

    Raises
    ------
    MissingObjectError
        The listing of a folder can be had nowhere.
    RevisionError
        What DVC itself reads is damaged.
    """
    return [gap for path in paths for gap in _gaps(repository, repository.presence(path))]


def _gaps(repository: Repository, presence: Presence) -> Iterator[Gap]:
    path, name = presence.path, shlex.quote(presence.path)
    if presence.absent:
        yield Gap(
            path,
            f"{plural(len(presence.absent), 'file')} of the {presence.listed:,} that DVC lists in "
            f"{path} are not here: absent, not removed from the data.",
            f"dvc pull {name}",
            True,
        )
    tracked = repository.tracked_by(path) if presence.forgotten or presence.unlisted else None
    if tracked is None:
        return
    if presence.forgotten:
        yield Gap(
            path,
            f"{plural(len(presence.forgotten), 'file')} that HEAD lists in {path} are not listed "
            "any more, and their contents were never fetched here: most likely a part of the data "
            "was taken for all of it.",
            f"git checkout HEAD -- {_record(repository, tracked)} && dvc pull {name}",
            True,
        )
    if presence.unlisted:
        yield Gap(
            path,
            f"{plural(len(presence.unlisted), 'file')} in {path} are in no version yet: DVC does "
            "not list them.",
            f"dvc commit --force {shlex.quote(tracked.called(repository.project.root))}",
            False,
        )


def _record(repository: Repository, tracked: Output) -> str:
    """Return the file that records what an output holds."""
    file = tracked.file if tracked.stage is None else tracked.file.with_name(LOCK)
    return shlex.quote(repository.relative(file))
