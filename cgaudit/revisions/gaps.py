"""What to tell of data of which not all is here, or not all is in a version."""

from __future__ import annotations

from collections.abc import Iterable

from cgaudit.revisions.presence import Gap
from cgaudit.revisions.repository import Repository


def gaps(repository: Repository, paths: Iterable[str]) -> list[Gap]:
    """Return how data that lies in the working tree differs from what its home lists.

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
    return [gap for path in paths for gap in repository.home.gaps(repository.presence(path))]
