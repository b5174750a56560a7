"""Several changes to files as one: a process that is killed leaves none, or all after the next run.

The new contents lie beside the files they replace, and the list of what is to be done is written
last, in one go. From then on the change holds: whoever finds the list does what it says. Each step
can be done again without harm, and is done only to what it was planned for: the list holds the
hashes of what goes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from cgaudit.dataset import file_md5
from cgaudit.errors import ConflictError, DecisionError, MachineError, OutputError
from cgaudit.files import STAGED, refuse_private, remove_ignored, sweep, sync, write_own
from cgaudit.project import Project

Kind = Literal["move", "replace", "remove"]
_KINDS: dict[str, Kind] = {"move": "move", "replace": "replace", "remove": "remove"}


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
    was
        The MD5 of what is moved, replaced or removed; None where there is nothing yet.
    new
        The MD5 of what takes the place of another.
    """

    kind: Kind
    path: Path
    target: Path | None = None
    was: str | None = None
    new: str | None = None


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
        self._root = Path(os.path.realpath(project.root))
        self._journal = project.journal
        self._folders = [Path(os.path.realpath(folder)) for folder in (project.root, *folders)]

    def run(self, steps: Sequence[Step], note: object) -> None:
        """Do the steps; `note` (JSON's types) is what `recover` returns if this is cut short.

        Raises
        ------
        ConflictError
            A file is not what it was when the steps were planned; nothing was changed.
        OutputError
            A step would touch what is git's or DVC's.
        MachineError
            The system refused a step; the next run goes on from there.
        """
        for step in steps:
            for path in (step.path, step.target):
                if path is not None:
                    refuse_private(path)
        self._refuse_changed(steps)
        content = {"steps": [self._written(step) for step in steps], "note": note}
        write_own(content, self._journal)
        self._do(steps)

    def unfinished(self) -> bool:
        """Tell whether something was cut short."""
        return self._journal.exists()

    def recover(self) -> Any:  # noqa: ANN401 - the note's JSON
        """Finish what was cut short and return its note; None where nothing was.

        Raises
        ------
        DecisionError
            The journal cannot be read, or names files elsewhere.
        ConflictError
            A file has been changed since. What is left of the journal is given up, and said.
        MachineError
            As `run`.
        """
        read = self._read()
        if read is None:
            return None
        steps, note = read
        try:
            self._refuse_changed(steps)
        except ConflictError as error:
            self._give_up(steps)
            raise ConflictError(
                f"An earlier `cgaudit apply` was cut short, and since then {error} What was left "
                "of that run is not written over it. Look at what is there now, then run "
                "`cgaudit apply` again: it decides by that."
            ) from None
        self._do(steps)
        return note

    def _read(self) -> tuple[list[Step], Any] | None:
        try:
            content = json.loads(self._journal.read_bytes())
            steps = [
                Step(
                    _KINDS[kind], self._absolute(path), target and self._absolute(target), was, new
                )
                for kind, path, target, was, new in content["steps"]
            ]
            return steps, content["note"]
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError, RecursionError):
            raise DecisionError(
                f"{self._journal}, the list of what an earlier `cgaudit apply` was about to do, "
                "is damaged. Look at `git status` and `dvc status`, then remove that file."
            ) from None

    def _do(self, steps: Sequence[Step]) -> None:
        try:
            for step in steps:
                _do(step)
            for folder in {step.target.parent for step in steps if step.target is not None}:
                sync(folder)
        except OSError as error:
            after = "Some of the decisions are carried out, and the next run goes on from there. "
            raise MachineError(error, after) from error
        self._give_up(steps)

    def _give_up(self, steps: Sequence[Step]) -> None:
        """Remove what was staged for the steps, then forget them: only they say where it is."""
        for step in steps:
            if step.path.parent.name.startswith(STAGED):
                remove_ignored(step.path.parent)
        self._journal.unlink()
        sweep(self._journal.parent)

    def _refuse_changed(self, steps: Sequence[Step]) -> None:
        for step in steps:
            if (why := _changed(step)) is not None:
                raise ConflictError(why)

    def _written(self, step: Step) -> list[str | None]:
        path = os.path.relpath(step.path, self._root)
        target = None if step.target is None else os.path.relpath(step.target, self._root)
        return [step.kind, path, target, step.was, step.new]

    def _absolute(self, path: str) -> Path:
        file = Path(os.path.normpath(self._root / path))
        folder = Path(os.path.realpath(file.parent))
        try:
            refuse_private(file)
            inside = any(folder.is_relative_to(allowed) for allowed in self._folders)
        except OutputError:
            inside = False
        if not inside:
            raise DecisionError(
                f"{self._journal} names {path!r}, which is outside of the data. Remove the journal "
                "if you did not interrupt `cgaudit apply` here."
            )
        return file


def _changed(step: Step) -> str | None:
    """Return what a file is not any more that a step was planned for; None where it holds.

    A step that was carried out before holds as well.
    """
    path, target = step.path, step.target
    if target is None:
        return _differs(path, step.was, None)
    if step.kind == "replace":
        if (why := _differs(target, step.was, step.new)) is not None:
            return why
        done = _md5(target) == step.new
        return None if done or _md5(path) == step.new else f"{path} has gone."
    here, there = os.path.lexists(path), os.path.lexists(target)
    if here and there:
        return f"{target}, where {path} would be moved, exists by now."
    return _differs(path if here else target, step.was)


def _differs(path: Path, *expected: str | None) -> str | None:
    now = _md5(path)
    if now in expected:
        return None
    return f"{path} has {'gone' if now is None else 'been edited'}."


def _md5(path: Path) -> str | None:
    return file_md5(path) if path.is_file() else None


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
