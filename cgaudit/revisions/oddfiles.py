"""What lies where DVC reads its own files, looked at before DVC does.

DVC waits for a FIFO for ever, and expands the aliases of YAML without a bound.
"""

from __future__ import annotations

import re
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
