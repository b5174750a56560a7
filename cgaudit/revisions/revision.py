"""A version of the data, and what is read of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cgaudit.revisions.git import SHORT

WORKSPACE = "workspace"


@dataclass(frozen=True)
class Revision:
    """A version of the data: a commit, or the files as they lie in the working tree.

    Attributes
    ----------
    name
        As the user said it.
    commit
        The full hash; None for the working tree.
    """

    name: str
    commit: str | None

    def __str__(self) -> str:
        if self.commit is None:
            return "the workspace"
        short = self.commit[:SHORT]
        return short if self.commit.startswith(self.name) else f"{self.name} ({short})"


class Contents(NamedTuple):
    """A file at a revision, and what its reader should know about where it came from."""

    data: bytes
    notes: tuple[str, ...] = ()


class Fetched(NamedTuple):
    """Where a file or folder of a revision lies on the disk, and what its reader should know."""

    path: Path
    notes: tuple[str, ...] = ()
