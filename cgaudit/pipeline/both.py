"""What lies beside the scores, read from both versions of a comparison."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cgaudit.revisions import Repository, Revision

T = TypeVar("T")


def read_both(
    repository: Repository,
    a: Revision,
    b: Revision,
    path: Path,
    read: Callable[[bytes, str], T],
) -> tuple[T, T] | None:
    """Return a file as both versions have it, None where either has none.

    Parameters
    ----------
    repository, a, b
        Where it is read.
    path
        Relative to the project.
    read
        Its reader, which takes its bytes and what to call it in an error.

    Raises
    ------
    MissingObjectError
        Its content can be had nowhere.
    StaleError
        It is damaged.
    """
    name = path.as_posix()

    def at(revision: Revision) -> T | None:
        found = repository.find(name, revision)
        return None if found is None else read(found.data, f"{name} at {revision}")

    before, after = at(a), at(b)
    return None if before is None or after is None else (before, after)
