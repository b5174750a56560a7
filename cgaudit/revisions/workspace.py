"""How the files of a DVC project stand against dvc.lock, as ``dvc status`` tells it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cgaudit.errors import RevisionError
from cgaudit.reading.files import Damage, bytes_of
from cgaudit.revisions.outside import run_dvc

#: DVC's words for a stage of which nothing changed.
_NO_CHANGE = frozenset({"always changed"})
#: DVC's words for a file that is not what was recorded.
_DIFFERENT = frozenset({"modified", "new", "added"})


class Change(NamedTuple):
    """Something that is not what dvc.lock or a ``.dvc`` file records.

    Attributes
    ----------
    stage
        The stage, or the ``.dvc`` file.
    side
        ``"deps"``, ``"outs"``, or ``"stage"`` where its command or parameters changed.
    path
        Relative to the folder that was asked about; empty for a command.
    how
        DVC's word: ``modified``, ``deleted``, ``new``, ``not in cache``, …
    """

    stage: str
    side: str
    path: str
    how: str

    @property
    def differs(self) -> bool:
        """Whether something is another than was recorded, rather than only not here.

        What is absent (a clone before ``dvc pull``) says nothing of what was made of it, and a
        stage that always runs has not changed. A parameter that was recorded and is gone has.
        """
        if self.side == "stage":
            return self.how not in _NO_CHANGE
        return self.how in _DIFFERENT


def changes(project: Path) -> list[Change]:
    """Return what differs from the last ``dvc repro`` or ``dvc commit``.

    Raises
    ------
    RevisionError
        DVC cannot tell.
    """
    done = run_dvc(project, "status", "--json", "--no-updates")
    if done.returncode:
        raise RevisionError(f"`dvc status` failed in {project}: {done.stderr.strip()}")
    found: dict[str, list[Any]] = json.loads(done.stdout or "{}")
    return [change for stage, entries in found.items() for change in _changes(stage, entries)]


def bytes_here(file: Path, path: str, most: int | None = None) -> bytes:
    """Return the bytes of a file of the working tree.

    Parameters
    ----------
    path
        What a message calls it.
    most
        Read no more than so many; None for all.

    Raises
    ------
    FileNotFoundError
        There is none.
    RevisionError
        It is no plain file, or is too large.
    """
    try:
        return bytes_of(file, most)
    except Damage as damage:
        raise RevisionError(
            f"{path} in the workspace cannot be read: {damage}. Restore it: `git restore {path}` "
            f"or `dvc checkout {path}`."
        ) from None


def _changes(stage: str, entries: list[Any]) -> Iterator[Change]:
    for entry in entries:
        if isinstance(entry, str):
            yield Change(stage, "stage", "", entry)
            continue
        for kind, paths in entry.items():
            side = kind.removeprefix("changed ")
            for path, how in paths.items():
                yield from _change(stage, side, path, how)


def _change(stage: str, side: str, path: str, how: str | Mapping[str, str]) -> Iterator[Change]:
    if isinstance(how, str):
        yield Change(stage, side, path, how)
    else:  # The parameters of a file, by their name.
        yield from (Change(stage, "stage", name, word) for name, word in how.items())
