"""Files at a commit as git itself keeps them, with the contents that Git LFS has of them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path

from cgaudit.errors import MissingObjectError, NotTrackedError, RevisionError
from cgaudit.revisions.blobs import Blobs, reading
from cgaudit.revisions.git import Entry, Git
from cgaudit.revisions.lfs import LONGEST_POINTER, Lfs, pointer_of
from cgaudit.revisions.sink import Sink


class GitFiles:
    """The files of one commit. Links are followed to what the same commit holds.

    Parameters
    ----------
    git
        The repository.
    lfs
        Its contents that Git LFS keeps.
    commit
        A full hash; None where there is nothing but the files of the working tree themselves.
    """

    def __init__(self, git: Git, lfs: Lfs, commit: str | None) -> None:
        self._git = git
        self._lfs = lfs
        self._commit = commit

    def read(self, path: Path, where: str) -> bytes:
        """Return a file's bytes.

        Raises
        ------
        NotTrackedError
            The commit has no such file.
        MissingObjectError
            It has, but the content was never fetched.
        DamagedObjectError
            What Git LFS has is not what was recorded.
        """
        entry = self._entry(path)
        if entry is None or entry.kind != "blob":
            raise NotTrackedError(f"{self._name(path)} is not part of {where}.")
        content = io.BytesIO()
        with reading(self._git) as blobs:
            self._pour(blobs, entry, content, where)
        return content.getvalue()

    def kind(self, path: Path, where: str) -> str | None:
        """Return ``"file"``, ``"directory"``, or None where the commit has no such path.

        Raises
        ------
        RevisionError
            It is another repository, a submodule, which is not looked into.
        """
        if self._commit is not None and path == self._git.root:
            return "directory"
        entry = self._entry(path)
        if entry is not None and entry.kind == "commit":
            raise RevisionError(
                f"{self._name(path)} at {where} is a submodule: its versions are those of another "
                "repository. Audit it there."
            )
        return None if entry is None else {"blob": "file", "tree": "directory"}[entry.kind]

    def md5s(self, path: Path, where: str) -> dict[str, str | None]:
        """Return the files below a folder, relative to it, with their MD5s.

        Git knows contents by other hashes, so all of them are read; none is kept in memory.

        Raises
        ------
        MissingObjectError, DamagedObjectError
            As `read`.
        """
        found: dict[str, str | None] = {}
        with reading(self._git) as blobs:
            for name, entry in self._below(path).items():
                digest = _Digest()
                self._pour(blobs, entry, digest, where)
                found[name] = digest.hexdigest()
        return found

    def download(self, path: Path, destination: Path, where: str) -> None:
        """Copy a file or a whole folder out of the commit to `destination`.

        Raises
        ------
        NotTrackedError, MissingObjectError, DamagedObjectError
            As `read`.
        """
        if self.kind(path, where) == "directory":
            names = self._below(path)
            destination.mkdir(parents=True, exist_ok=True)
            self.download_files(path, {name: destination / name for name in names}, where)
        else:
            destination.write_bytes(self.read(path, where))

    def download_files(self, folder: Path, files: Mapping[str, Path], where: str) -> None:
        """Copy some of the files below a folder.

        Whatever is at a destination is replaced: nothing is written through a link.

        Raises
        ------
        NotTrackedError, MissingObjectError, DamagedObjectError
            As `read`.
        """
        if not files:
            return
        there = self._below(folder)
        with reading(self._git) as blobs:
            for name, file in files.items():
                if name not in there:
                    raise NotTrackedError(f"{self._name(folder / name)} is not part of {where}.")
                file.parent.mkdir(parents=True, exist_ok=True)
                file.unlink(missing_ok=True)
                with file.open("xb") as out:
                    self._pour(blobs, there[name], out, where)

    def oid(self, path: Path) -> str | None:
        """Return git's hash of a file or folder; None where the commit has none."""
        entry = self._entry(path)
        return None if entry is None else entry.oid

    def _pour(self, blobs: Blobs, entry: Entry, out: Sink, where: str) -> None:
        head = _Head(out)
        if not blobs.pour(entry.oid, head):
            raise MissingObjectError(
                f"{entry.name} at {where} is not in this clone: `git fetch` it, or clone without "
                "--filter."
            )
        pointer = pointer_of(head.held)
        if pointer is None:
            head.let_go()
        else:
            self._lfs.pour(pointer, out, entry.name, where)

    def _below(self, folder: Path) -> dict[str, Entry]:
        """Return the files below a folder by their names relative to it, links followed."""
        if self._commit is None:
            return {}
        start = self._name(folder)
        found = {}
        for entry in self._git.tree(self._commit, start, recursive=True):
            name = entry.name if start == "." else entry.name.removeprefix(f"{start}/")
            file = self._followed(entry)
            if file is not None and file.kind == "blob":
                found[name] = file
        return found

    def _entry(self, path: Path) -> Entry | None:
        if self._commit is None:
            return None
        entries = self._git.tree(self._commit, self._name(path))
        return self._followed(entries[0]) if len(entries) == 1 else None

    def _followed(self, entry: Entry) -> Entry | None:
        """Return what a link leads to in the same commit; None where it leads out, or nowhere."""
        if not entry.is_link or self._commit is None:
            return entry
        oid = self._git.followed(self._commit, entry.name)
        return None if oid is None else Entry("100644", "blob", oid, entry.name)

    def _name(self, path: Path) -> str:
        return path.relative_to(self._git.root).as_posix()


class _Head:
    """Holds the first bytes back until it is clear that they are no pointer."""

    def __init__(self, out: Sink) -> None:
        self.held = b""
        self._out = out
        self._holds = True

    def write(self, block: bytes) -> int:
        if self._holds and len(self.held) + len(block) <= LONGEST_POINTER:
            self.held += block
            return len(block)
        self.let_go()
        return self._out.write(block)

    def let_go(self) -> None:
        """Pass on what was held back."""
        self._out.write(self.held)
        self.held, self._holds = b"", False


class _Digest:
    """Takes the MD5 of what is written, and forgets it."""

    def __init__(self) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)

    def write(self, block: bytes) -> int:
        self._md5.update(block)
        return len(block)

    def hexdigest(self) -> str:
        return self._md5.hexdigest()
