"""What lies where DVC reads its own files, looked at before DVC does.

DVC waits for a FIFO for ever, and expands the aliases of YAML without a bound.
"""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from cgaudit.errors import RevisionError
from cgaudit.project import LOCK, PARAMS, PIPELINE
from cgaudit.reading.files import Damage, bytes_of
from cgaudit.reading.text import refuse_laughs
from cgaudit.revisions.git import SHORT, Git

CONFIG = ".dvc/config"
_OF_DVC = re.compile(
    rf"(^|/)([^/]+\.dvc|{re.escape(LOCK)}|{re.escape(PIPELINE)}|{re.escape(PARAMS)})$"
)


def refuse_odd_files(project: Path, dvc_root: Path) -> None:
    """Refuse what DVC would not survive in the working tree.

    Raises
    ------
    RevisionError
        Naming it: something that is no file, or YAML whose aliases multiply.
    """
    places = [dvc_root / CONFIG, dvc_root / f"{CONFIG}.local"]
    for folder in {project, dvc_root}:
        places += [folder / PIPELINE, folder / LOCK, folder / PARAMS, *folder.glob("?*.dvc")]
    for place in places:
        try:
            refuse_laughs(bytes_of(place))
        except FileNotFoundError:
            continue
        except Damage as damage:
            name = place.relative_to(dvc_root).as_posix()
            raise RevisionError(
                f"{name} cannot be read: {damage}. Restore it: `git restore {name}`."
            ) from None


def refuse_pipes(paths: Iterable[Path], project: Path) -> None:
    """Refuse a pipe, a device or a socket at or below one of the paths, which DVC would wait for.

    Parameters
    ----------
    paths
        Files and folders that DVC is about to read, absolute.
    project
        Where it is asked; names are told relative to it.

    Raises
    ------
    RevisionError
        Naming it.
    """
    for path in paths:
        if (odd := next(_pipes(path), None)) is not None:
            name = shlex.quote(Path(os.path.relpath(odd, project)).as_posix())
            raise RevisionError(
                f"{name} is a pipe, a device or a socket, and DVC would wait for whoever writes to "
                f"it. Remove it: `rm {name}`."
            )


def _pipes(path: Path) -> Iterator[Path]:
    folders = [path] if path.is_dir() else []
    if _waits(path):
        yield path
    while folders:
        with suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry.path))
                # The kind of a plain file is known without a look at it.
                elif not entry.is_file() and _waits(Path(entry.path)):
                    yield Path(entry.path)


def _waits(path: Path) -> bool:
    """Tell whether what is at a path, links followed, is neither a file, a folder nor nothing."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def refuse_odd_commit(git: Git, commit: str) -> None:
    """Refuse a commit that holds what DVC would not survive.

    Raises
    ------
    RevisionError
        Naming the file.
    """
    names = [name for name in git.names(commit) if _OF_DVC.search(name)]
    for name, data in zip(names, git.blobs([(commit, name) for name in names]), strict=True):
        try:
            refuse_laughs(data or b"")
        except Damage as damage:
            raise RevisionError(
                f"{name} at {commit[:SHORT]} cannot be read: {damage}. Compare with another "
                "revision, or mend the file and commit it again."
            ) from None
