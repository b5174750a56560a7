"""Changes to labels as they are planned, and where labels can be changed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from cgaudit.errors import DecisionError
from cgaudit.review.transaction import Step

#: Where DVC keeps a file of a known content.
_CACHED = re.compile(r"/[0-9a-f]{2}/[0-9a-f]{30}$")


class Content(NamedTuple):
    """New contents of a file.

    Attributes
    ----------
    write
        Writes them to a path.
    was
        The MD5 of the old ones, None where there are none.
    """

    write: Callable[[Path], object]
    was: str | None


@dataclass(frozen=True)
class Plan:
    """What is to be done to the files.

    Attributes
    ----------
    diff
        The same for people, in the form that git uses.
    contents
        Files and what they are to hold.
    steps
        Files that move or go.
    """

    diff: str = ""
    contents: Mapping[Path, Content] = field(default_factory=dict)
    steps: Sequence[Step] = ()

    def files(self) -> list[Path]:
        """Return every file that changes, moves or goes."""
        return [*self.contents, *(step.path for step in self.steps)]

    def places(self) -> list[Path]:
        """Return `files`, and where files move to."""
        return [*self.files(), *(step.target for step in self.steps if step.target is not None)]


class Target(Protocol):
    """Labels as they are now, and how they are changed."""

    def labels(self) -> Mapping[str, str | None]:
        """Return the label of every sample that is there, by id."""
        ...

    def is_done(self, identity: str, label: str, content_hash: str | None) -> bool:
        """Tell whether a sample that is no longer there is so because it has the label by now."""
        ...

    def plan(self, relabel: Mapping[str, str], drop: Collection[str]) -> Plan:
        """Return what gives samples new labels and takes others away.

        Raises
        ------
        DecisionError
            A label cannot be written there.
        """
        ...

    def verify(
        self, staged: Mapping[Path, Path], relabel: Mapping[str, str], drop: Collection[str]
    ) -> None:
        """Read back what was staged, by the file whose place it is to take.

        Raises
        ------
        DecisionError
            They are not what was planned.
        """
        ...


def refuse_link(file: Path) -> None:
    """Refuse a table that is a link to one elsewhere: a file in its place would leave that behind.

    A link into DVC's cache is DVC's way to put the file there.
    """
    if file.is_symlink() and not _CACHED.search(os.path.realpath(file)):
        raise DecisionError(
            f"{file} is a link to {os.path.realpath(file)}. Name that file itself as the labels "
            "(source.labels in params.yaml), so that decisions are written where it lies."
        )
