"""What a DVC project tracks: the outputs of its stages and of its ``.dvc`` files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    """

    path: Path
    file: Path
    stage: str | None
    command: str
    is_import: bool
    made_from: str
    frozen: bool

    @property
    def is_derived(self) -> bool:
        """Whether DVC brings it back as it was: what is imported, and what a stage makes anew."""
        return self.is_import or bool(self.command and not self.frozen)


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
        )
