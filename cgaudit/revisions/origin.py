"""What makes data that DVC tracks, where it is not people: an import, or a stage."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from cgaudit.errors import RevisionError


class Origin(NamedTuple):
    """What makes a file or folder, which DVC therefore replaces.

    Attributes
    ----------
    path
        The file or folder, absolute.
    file
        The ``.dvc`` or ``dvc.yaml`` file that says so, absolute.
    stage
        The stage that makes it; None where it is imported.
    source
        What it is made from: a path in another repository, a URL, or what the stage reads.
    """

    path: Path
    file: Path
    stage: str | None
    source: str


def origins(dvc_root: Path) -> list[Origin]:
    """Return all data of a DVC project that something makes.

    Raises
    ------
    RevisionError
        DVC cannot tell: a ``dvc.yaml`` or ``.dvc`` file is damaged.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        return [found for stage in Repo(str(dvc_root)).index.stages for found in _made(stage)]
    except DvcException as error:
        raise RevisionError(
            f"DVC cannot tell what makes the data of {dvc_root}: {error}. `dvc status` says more."
        ) from None


def _made(stage: Any) -> Iterator[Origin]:  # noqa: ANN401 - dvc has no types
    # A frozen stage does not run, so what is changed in its outputs stays; imports are always that.
    if stage.is_import or (stage.cmd and not stage.frozen):
        for out in stage.outs:
            if out.is_in_repo:
                path = Path(os.path.realpath(out.fs_path))
                made_from = ", ".join(map(str, stage.deps))
                # The stage of a .dvc file that runs a command, as DVC 0 wrote them, has no name.
                name = (stage.name or Path(stage.path).name) if stage.cmd else None
                yield Origin(path, Path(os.path.realpath(stage.path)), name, made_from)
