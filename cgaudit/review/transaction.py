"""Several changes to files as one: a process that is killed leaves none, or all after the next run.

The new contents lie beside the files they replace, and the list of what is to be done is written
last, in one go. From then on the change holds: whoever finds the list does what it says. Each step
can be done again without harm.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from cgaudit.errors import ConflictError, DecisionError
from cgaudit.files import write_json
from cgaudit.project import Project


class Step(NamedTuple):
    """One change: a file to another place, put in the place of another, or away.

    Attributes
    ----------
    kind
        ``move``, ``replace`` (an existing target) or ``remove``.
    path
        The file.
    target
        Where it goes; None to remove it.
    """

    kind: Literal["move", "replace", "remove"]
    path: Path
    target: Path | None = None


def staged(path: Path) -> Path:
    """Return where new contents of a file are written before they take its place.

    The suffix stays, so that the contents can be read back and checked.
    """
    return path.with_name(f".{path.stem}.cgaudit{path.suffix}")


class Transaction:
    """Changes to files within some folders, done together.

    Parameters
    ----------
    project
        Keeps the journal.
    folders
        No file outside of these is touched, whatever a journal says.
    """

    def __init__(self, project: Project, folders: Iterable[Path]) -> None:
        self._root = project.root
        self._journal = project.journal
        self._folders = [folder.resolve() for folder in (project.root, *folders)]

    def run(self, steps: Sequence[Step], note: object) -> None:
        """Do the steps; `note` (JSON's types) is what `recover` returns if this is cut short.

        Raises
        ------
        ConflictError
            A file to move to exists.
        """
        content = {
            "steps": [
                [step.kind, self._relative(step.path), step.target and self._relative(step.target)]
                for step in steps
            ],
            "note": note,
        }
        write_json(content, self._journal)
        self._do(steps)

    def refuse_unfinished(self) -> None:
        """Raise where something was cut short.

        Raises
        ------
        DecisionError
            It was.
        """
        if self._journal.exists():
            raise DecisionError(
                "An earlier `cgaudit apply` was cut short. Run it again without --dry-run to "
                "finish it."
            )

    def recover(self) -> Any:  # noqa: ANN401 - the note's JSON
        """Finish what was cut short and return its note; None where nothing was.

        Raises
        ------
        DecisionError
            The journal cannot be read, or names files elsewhere.
        ConflictError
            A file to move to exists by now.
        """
        try:
            content = json.loads(self._journal.read_bytes())
            steps = [
                Step(kind, self._absolute(path), self._absolute(target) if target else None)
                for kind, path, target in content["steps"]
            ]
            note = content["note"]
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError):
            raise DecisionError(
                f"{self._journal} cannot be read. It was not written by cgaudit: remove it."
            ) from None
        self._do(steps)
        return note

    def _do(self, steps: Sequence[Step]) -> None:
        for step in steps:
            _do(step)
        self._journal.unlink()

    def _relative(self, path: Path) -> str:
        return os.path.relpath(path, self._root)

    def _absolute(self, path: str) -> Path:
        file = Path(os.path.normpath(self._root / path))
        folder = file.parent.resolve()
        if not any(folder.is_relative_to(allowed) for allowed in self._folders):
            raise DecisionError(
                f"{self._journal} names {path!r}, which is outside of the data. Remove the journal "
                "if you did not interrupt `cgaudit apply` here."
            )
        return file


def _do(step: Step) -> None:
    path, target = step.path, step.target
    if target is None:
        path.unlink(missing_ok=True)
    elif os.path.lexists(path):
        if step.kind == "move":
            if os.path.lexists(target):
                raise ConflictError(f"{path} cannot be moved to {target}, which exists by now.")
            target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
