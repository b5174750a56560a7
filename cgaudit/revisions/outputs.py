"""What a DVC project tracks: the outputs of its stages and of its ``.dvc`` files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cgaudit.project import PIPELINE
from cgaudit.revisions.failures import asking_dvc


@dataclass(frozen=True)
class Output:
    """A file or folder that DVC tracks.

    Attributes
    ----------
    path
        Absolute.
    file
        The ``.dvc`` file or dvc.yaml that names it, absolute.
    stage
        The stage's name; None for a ``.dvc`` file.
    command
        What the stage runs, one line a command; empty for a ``.dvc`` file.
    is_import
        Whether it is somebody else's (``dvc import``, ``dvc import-url``).
    made_from
        What the stage reads, or where it is imported from; empty for data that was added.
    frozen
        Whether the stage does not run any more.
    reads
        The files and folders that it is made from, absolute.
    """

    path: Path
    file: Path
    stage: str | None
    command: str
    is_import: bool
    made_from: str
    frozen: bool
    reads: tuple[Path, ...] = ()

    @property
    def is_derived(self) -> bool:
        """Whether DVC brings it back as it was: what is imported, and what a stage makes anew."""
        return self.is_import or bool(self.command and not self.frozen)

    def called(self, project: Path) -> str:
        """Return what DVC's commands, run in a folder, call its stage or ``.dvc`` file."""
        file = Path(os.path.relpath(self.file, project)).as_posix()
        if self.stage is None:
            return file
        return self.stage if file == PIPELINE else f"{file}:{self.stage}"


def outputs(root: Path, dvc_root: Path) -> list[Output]:
    """Return all that a DVC project tracks in the working tree.

    DVC is asked: paths may be made from variables, ``foreach`` and ``matrix``.

    Parameters
    ----------
    root
        The top of the git working tree.
    dvc_root
        The folder that holds ``.dvc``.

    Raises
    ------
    RevisionError
        One of the project's files cannot be read.
    """
    with asking_dvc(root, "the workspace"):
        from dvc.repo import Repo

        return list(_outputs(Repo(str(dvc_root)).index))


def made_by(outputs: Sequence[Output], path: Path) -> list[Output]:
    """Return the outputs of the stage that makes a file, and of all that it is made from in turn.

    Parameters
    ----------
    outputs
        All that the project tracks.
    path
        Of the file, absolute.

    Returns
    -------
    list
        Empty where no stage makes it.
    """
    found: list[Output] = []
    wanted = [path]
    while wanted:
        at = wanted.pop()
        for out in outputs:
            meets = at.is_relative_to(out.path) or out.path.is_relative_to(at)
            if meets and out not in found:
                found.append(out)
                wanted += out.reads
    return found


def _outputs(index: Any) -> Iterator[Output]:  # noqa: ANN401 - untyped dvc
    for out in index.outs:
        if out.protocol != "local":
            continue
        stage = out.stage
        command = stage.cmd if isinstance(stage.cmd, str) else "\n".join(stage.cmd or [])
        name = getattr(stage, "name", None)
        yield Output(
            Path(out.fs_path),
            Path(stage.path),
            name,
            command,
            bool(stage.is_import),
            ", ".join(map(str, stage.deps)),
            bool(stage.frozen),
            tuple(Path(dep.fs_path) for dep in stage.deps if dep.protocol == "local"),
        )
