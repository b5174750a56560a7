"""What DVC raises, as errors of ours that name the cause.

DVC reads what anybody may have committed (.dvc files, dvc.lock, dvc.yaml, .dvc/config), and passes
on what its parsers and the client libraries of remotes raise: any exception at all. So whatever
comes out of DVC's own work, and of nothing else, is turned into a message here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cgaudit.errors import CgauditError, RevisionError
from cgaudit.project import LOCK
from cgaudit.revisions.git import Git
from cgaudit.wording.text import one_line, shown

_READ_BY_DVC = re.compile(
    r"(\.dvc|(^|/)(dvc\.lock|dvc\.yaml|params\.yaml|\.dvc/config|\.dvcignore))$"
)


@contextmanager
def asking_dvc(root: Path, where: str, commit: str | None = None) -> Iterator[None]:
    """Turn what DVC raises while it reads a repository's own files into an error of ours.

    Nothing but calls of DVC belongs into the context.

    Parameters
    ----------
    root
        The top of the git working tree.
    where
        The version that is read, for the message.
    commit
        Its hash; None for the working tree.

    Raises
    ------
    RevisionError
        DVC raised something.
    """
    try:
        _spare_a_home()
        yield
    except CgauditError:
        raise
    except Exception as error:
        raise RevisionError(_unreadable(error, root, where, commit)) from error


def _spare_a_home() -> None:
    """Leave the user's settings out where their home lies below a file: DVC expects a folder."""
    from dvc.dirs import global_config_dir, system_config_dir
    from dvc.env import DVC_GLOBAL_CONFIG_DIR

    try:
        Path(global_config_dir()).stat()
    except NotADirectoryError:
        # The machine's settings, which are read before, once more.
        os.environ[DVC_GLOBAL_CONFIG_DIR] = system_config_dir()
    except OSError:
        return


def described(error: BaseException) -> str:
    """Return an exception as one line: its kind, and what it says."""
    return f"{type(error).__name__}: {one_line(error)}"


def _unreadable(error: Exception, root: Path, where: str, commit: str | None) -> str:
    git = Git(root)
    conflicts = [name for name in git.in_conflict(commit) if _READ_BY_DVC.search(name)]
    if not conflicts:
        remedy = _configured() if _is_of_config(error) else _mended(commit)
        return f"DVC cannot read its own files at {where} ({described(error)}). {remedy}"
    what = (
        f"At {where}, {shown(conflicts)} has the conflict markers (<<<<<<<) of a merge, so DVC "
        "cannot read it."
    )
    return f"{what} {_merged(conflicts, git, commit)}"


def _merged(conflicts: Sequence[str], git: Git, commit: str | None) -> str:
    """Return how to get rid of conflict markers."""
    if commit is not None:
        return "Compare with another revision, or mend that file and commit it again."
    generated = [name for name in conflicts if name.rpartition("/")[2] == LOCK]
    if generated != conflicts:
        return "Choose between the two sides there (docs/two-branches.md), then `dvc repro`."
    if git.is_merging():
        return f"Take either side, `git checkout --ours {' '.join(generated)}`, then `dvc repro`."
    return f"Go back to a whole one, `git checkout HEAD~1 {' '.join(generated)}`, then `dvc repro`."


def _is_of_config(error: Exception) -> bool:
    from dvc.config import ConfigError
    from voluptuous import Invalid

    return isinstance(error, ConfigError | Invalid)


def _configured() -> str:
    return (
        "Mend .dvc/config or .dvc/config.local, `git checkout HEAD~1 -- .dvc/config` takes back "
        "the last change: DVC reads that of the working tree for every revision."
    )


def _mended(commit: str | None) -> str:
    if commit is not None:
        return "Compare with another revision."
    return "`git diff HEAD` shows what was changed in them; `git restore FILE` undoes it."
