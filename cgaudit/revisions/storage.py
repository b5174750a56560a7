"""Files at a revision through DVC.

The only importer of dvc, and only where it is needed: the import alone takes half a second.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from cgaudit.errors import MissingObjectError, NotTrackedError, RevisionError

T = TypeVar("T")


class DvcFiles:
    """The files that DVC tracks in one revision, read from the cache, else from a remote.

    Parameters
    ----------
    root
        The top of the git working tree.
    dvc_root
        The folder that holds ``.dvc``.
    commit
        A full hash; None reads what ``dvc.lock`` and the ``.dvc`` files of the working tree record.
    """

    def __init__(self, root: Path, dvc_root: Path, commit: str | None) -> None:
        self._root = root
        self._dvc_root = dvc_root
        self._commit = commit
        self._files = self._open()

    def read(self, path: Path, where: str) -> bytes:
        """Return a file's bytes.

        Parameters
        ----------
        path
            Absolute, in the working tree.
        where
            The revision, for messages.

        Raises
        ------
        NotTrackedError
            The revision has no such file.
        MissingObjectError
            It has, but the content can be had nowhere.
        """
        name = self._name(path)
        if self._kind(name, path, where) != "file":
            raise NotTrackedError(f"{self._shown(path)} is not part of {where}.")
        content: bytes = self._fetched(lambda: self._files.cat_file(name), path, where)
        return content

    def download(self, path: Path, destination: Path, where: str) -> None:
        """Copy a file or a whole folder out of the revision to `destination`.

        Raises
        ------
        NotTrackedError, MissingObjectError
            As `read`.
        """
        name = self._name(path)
        if self._kind(name, path, where) is None:
            raise NotTrackedError(f"{self._shown(path)} is not part of {where}.")
        self._fetched(lambda: self._files.get(name, str(destination), recursive=True), path, where)

    def _kind(self, name: str, path: Path, where: str) -> str | None:
        def kind() -> str | None:
            try:
                found: str = self._files.info(name)["type"]
            except FileNotFoundError:
                return None
            return found

        # Even this may need the remote: the listing of a folder is an object of its own.
        return self._fetched(kind, path, where)

    def _fetched(self, fetch: Callable[[], T], path: Path, where: str) -> T:
        # A remote may fail with any exception of its own client library (no credentials, no
        # network, no such bucket), and DVC passes them on as they are.
        try:
            return fetch()
        except Exception as error:
            failure = error
        # A commit is read with its own .dvc/config. One that is older than the remote knows none,
        # so try again with the remotes of today.
        if self._commit is not None:
            self._files = self._open(self._remotes())
            try:
                return fetch()
            except Exception as error:
                failure = error
        raise MissingObjectError(
            f"{self._shown(path)} at {where} is tracked by DVC, but its content is neither in the "
            f"cache nor on a remote ({type(failure).__name__}: {failure}). Whoever computed it "
            "must `dvc push` it; if that was done, check the remote and your access with "
            "`dvc pull`."
        ) from failure

    def _open(self, config: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - untyped dvc
        from dvc.api import DVCFileSystem
        from dvc.repo import Repo

        if self._commit is None:
            return DVCFileSystem(str(self._dvc_root))
        if self._dvc_root == self._root:
            return DVCFileSystem(str(self._root), rev=self._commit, config=config)
        # DVC hands `config` to the repository at the top only; a `dvc init --subdir` project below
        # it is made by the factory.
        factory = partial(Repo, config=config) if config else None
        return DVCFileSystem(str(self._root), rev=self._commit, subrepos=True, repo_factory=factory)

    def _remotes(self) -> dict[str, Any]:
        from dvc.api import DVCFileSystem

        today = DVCFileSystem(str(self._dvc_root)).repo.config
        core = {"remote": today["core"]["remote"]} if "remote" in today["core"] else {}
        return {"core": core, "remote": {name: dict(it) for name, it in today["remote"].items()}}

    def _name(self, path: Path) -> str:
        start = self._dvc_root if self._commit is None else self._root
        return path.relative_to(start).as_posix()

    def _shown(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()


def remote_urls(dvc_root: Path) -> list[str]:
    """Return the URLs of the remotes that a DVC project is configured with."""
    from dvc.api import DVCFileSystem

    remotes = DVCFileSystem(str(dvc_root)).repo.config["remote"]
    return [str(remote["url"]) for remote in remotes.values()]


def add(folder: Path, path: str) -> None:
    """Run ``dvc add`` on a path in a folder.

    Raises
    ------
    RevisionError
        It fails.
    """
    command = [sys.executable, "-m", "dvc", "add", "--quiet", path]
    done = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RevisionError(f"`dvc add {path}` failed in {folder}: {done.stderr.strip()}")
