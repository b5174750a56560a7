"""Files at a revision through DVC.

The only importer of dvc, and only where it is needed: the import alone takes half a second.
"""

from __future__ import annotations

import io
import posixpath
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from cgaudit.errors import (
    DamagedObjectError,
    MissingObjectError,
    NotTrackedError,
    RevisionError,
)
from cgaudit.revisions.checked import pour, recorded
from cgaudit.revisions.failures import asking_dvc, described
from cgaudit.revisions.git import SHORT
from cgaudit.revisions.outside import run_dvc
from cgaudit.revisions.presence import Standing, standing
from cgaudit.revisions.remote import check_default

T = TypeVar("T")

#: Files that are copied at a time.
_DOWNLOADS = 8


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
        self._loaded = False
        with self._asking("the workspace" if commit is None else commit[:SHORT]):
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
        DamagedObjectError
            What DVC has is not what was recorded.
        RevisionError
            What DVC itself reads of the revision is damaged.
        """
        name = self._name(path)
        if self._kind(name, path, where) != "file":
            raise NotTrackedError(f"{self._shown(path)} is not part of {where}.")

        def fetch() -> bytes:
            content = io.BytesIO()
            pour(self._files, name, content)
            return content.getvalue()

        return self._fetched(fetch, path, where)

    def download(self, path: Path, destination: Path, where: str) -> None:
        """Copy a file or a whole folder out of the revision to `destination`.

        Raises
        ------
        NotTrackedError, MissingObjectError, DamagedObjectError
            As `read`.
        """
        kind = self._kind(self._name(path), path, where)
        if kind is None:
            raise NotTrackedError(f"{self._shown(path)} is not part of {where}.")
        if kind == "file":
            self.download_files(path.parent, {path.name: destination}, where)
            return
        names = self.md5s(path, where)
        destination.mkdir(parents=True, exist_ok=True)
        self.download_files(path, {name: destination / name for name in names}, where)

    def kind(self, path: Path, where: str) -> str | None:
        """Return ``"file"``, ``"directory"``, or None where the revision has no such path.

        Raises
        ------
        MissingObjectError
            The listing of a folder on the way can be had nowhere.
        """
        return self._kind(self._name(path), path, where)

    def md5s(self, path: Path, where: str) -> dict[str, str | None]:
        """Return the files below a folder, relative to it, and the MD5 that DVC has of each.

        It is None for a file of git's, and where DVC 2 took it after changing line ends.

        Raises
        ------
        MissingObjectError
            As `read`.
        RevisionError
            The listing, which anybody may have written, names a file outside of the folder.
        """
        name = self._name(path)
        found = self._fetched(lambda: self._files.find(name, detail=True), path, where)
        md5s = {posixpath.relpath(file, name): _md5(info) for file, info in found.items()}
        for inside in md5s:
            if inside == "." or inside.startswith("../"):
                raise RevisionError(
                    f"{path} at {where} lists a file that lies outside of it. Do not trust this "
                    "version of the data; nothing was written."
                )
        return md5s

    def download_files(self, folder: Path, files: Mapping[str, Path], where: str) -> None:
        """Copy some of the files below a folder, several at a time.

        Whatever is at a destination is replaced: nothing is written through a link.

        Parameters
        ----------
        folder
            Absolute, in the working tree.
        files
            Where each goes, by its path relative to the folder.
        where
            The revision, for messages.

        Raises
        ------
        MissingObjectError, DamagedObjectError
            As `read`.
        """
        start = self._name(folder)

        def fetch(name: str) -> None:
            file = files[name]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)
            with file.open("xb") as out:
                pour(self._files, posixpath.join(start, name), out)

        def fetch_all() -> None:
            first, *others = files
            # The first one alone: it loads what the threads then share.
            fetch(first)
            with ThreadPoolExecutor(_DOWNLOADS) as pool:
                for _ in pool.map(fetch, others):
                    pass

        if files:
            self._fetched(fetch_all, folder, where)

    def standing(self, path: Path, where: str) -> Standing:
        """Return what DVC lists of a file or folder, and what of it lies in the working tree.

        Raises
        ------
        MissingObjectError
            The listing of a folder can be had nowhere.
        """
        name = self._name(path)
        kind = self._kind(name, path, where)
        if kind is None:
            return Standing({}, frozenset())
        if kind == "file":
            info = self._fetched(lambda: self._files.info(name), path, where)
            return standing({path.name: info})
        found = self._fetched(lambda: self._files.find(name, detail=True), path, where)
        return standing({posixpath.relpath(file, name): info for file, info in found.items()})

    def md5(self, path: Path, where: str) -> str | None:
        """Return the MD5 that is recorded of a file or folder, None where DVC does not track it.

        Raises
        ------
        MissingObjectError
            It is in a folder whose listing can be had nowhere.
        """
        name = self._name(path)
        if self._kind(name, path, where) is None:
            return None
        md5: str | None = self._files.info(name).get("dvc_info", {}).get("md5")
        return md5

    def _kind(self, name: str, path: Path, where: str) -> str | None:
        def kind() -> str | None:
            try:
                info = self._files.info(name)
            except FileNotFoundError:
                return None
            return None if _only_declared(info) else str(info["type"])

        # Even this may need the remote: the listing of a folder is an object of its own.
        return self._fetched(kind, path, where)

    def _fetched(self, fetch: Callable[[], T], path: Path, where: str) -> T:
        with self._asking(where):
            self._load()
        # A remote may fail with any exception of its own client library (no credentials, no
        # network, no such bucket), and DVC passes them on as they are.
        try:
            return fetch()
        except DamagedObjectError:
            raise
        except Exception as error:
            failure = error
        # A commit is read with its own .dvc/config. One that is older than the remote knows none,
        # so try again with the remotes of today.
        check_default(self._dvc_root)
        if self._commit is not None:
            with self._asking(where):
                self._files = self._open(self._remotes())
            try:
                return fetch()
            except DamagedObjectError:
                raise
            except Exception as error:
                failure = error
        if isinstance(failure, ImportError):
            raise MissingObjectError(
                f"{self._shown(path)} at {where} cannot be read: DVC was installed without what "
                f"its remote takes ({described(failure)}). Install that, then run this again."
            ) from failure
        raise MissingObjectError(
            f"{self._shown(path)} at {where} is tracked by DVC, but its content is neither in the "
            f"cache nor on a remote ({described(failure)}). Whoever computed it must `dvc push` "
            "it; if that was done, check the remote and your access with `dvc pull`."
        ) from failure

    def _load(self) -> None:
        """Have DVC read its own files of this version, before anything is asked of a remote."""
        if self._loaded:
            return
        from dvc.config import RemoteConfigError
        from dvc_objects.fs.errors import RemoteMissingDepsError

        # A remote that cannot be used is no damage, and told when something is asked of it.
        with suppress(FileNotFoundError, RemoteConfigError, RemoteMissingDepsError, ImportError):
            self._files.info(self._name(self._dvc_root))
        self._loaded = True

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

    @contextmanager
    def _asking(self, where: str) -> Iterator[None]:
        """Have DVC read its own files; where it cannot, its configuration is blamed first.

        DVC reads that of the working tree for every revision.
        """
        try:
            with asking_dvc(self._root, where, self._commit):
                yield
        except RevisionError:
            check_default(self._dvc_root)
            raise

    def _name(self, path: Path) -> str:
        start = self._dvc_root if self._commit is None else self._root
        return path.relative_to(start).as_posix()

    def _shown(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()


def _only_declared(info: Mapping[str, Any]) -> bool:
    """Tell whether a stage names an output that it never made: there is nothing of it to fetch."""
    known = info.get("dvc_info")
    if not known or "fs_info" in info:
        return False
    entry = known.get("entry")
    return bool(known.get("isout")) and entry.hash_info is None and entry.meta is None


def _md5(info: Mapping[str, Any]) -> str | None:
    """Return the MD5 of a file's bytes from what DVC says of the file."""
    known = recorded(info)
    return known.digest if known.algorithm == "md5" else None


def add(folder: Path, path: str) -> None:
    """Run ``dvc add`` on a path in a folder.

    Raises
    ------
    RevisionError
        It fails.
    """
    done = run_dvc(folder, "add", "--quiet", path)
    if done.returncode:
        raise RevisionError(f"`dvc add {path}` failed in {folder}: {done.stderr.strip()}")
