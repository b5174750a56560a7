"""A dataset in a git repository, and what is in it at a revision."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from cgaudit.errors import NotTrackedError, RevisionError
from cgaudit.project import Project
from cgaudit.revisions.dvchome import DvcHome
from cgaudit.revisions.git import Git
from cgaudit.revisions.githome import GitHome
from cgaudit.revisions.home import Home
from cgaudit.revisions.lfs import LONGEST_POINTER, Lfs, pointer_of
from cgaudit.revisions.made import as_made
from cgaudit.revisions.oddfiles import refuse_odd_files
from cgaudit.revisions.outputs import Output, made_by
from cgaudit.revisions.presence import Presence
from cgaudit.revisions.revision import WORKSPACE, Contents, Fetched, Revision
from cgaudit.revisions.workspace import Change, bytes_here


class Repository:
    """A project in a git repository, of which it may be a sub-folder.

    Parameters
    ----------
    project
        Paths that are read are relative to its folder.
    git
        The repository around it.
    home
        What keeps its versions: DVC, or git by itself.
    """

    def __init__(self, project: Project, git: Git, home: Home) -> None:
        self.project = project
        self.git = git
        self.home = home

    @classmethod
    def around(cls, project: Project) -> Repository:
        """Return the repository around a project: with DVC where a ``.dvc`` folder says so.

        Raises
        ------
        RevisionError
            The folder is not in a git repository, or something else lies where DVC reads a file.
        """
        project = Project(project.root.resolve())
        git = Git(Git.containing(project.root).root.resolve())
        root = project.dvc_root
        if root is None:
            return cls(project, git, GitHome(project, git))
        refuse_odd_files(project.root, root)
        return cls(project, git, DvcHome(project, root, git))

    @property
    def dvc(self) -> DvcHome | None:
        """DVC's side of the home, None where there is no DVC."""
        return self.home if isinstance(self.home, DvcHome) else None

    def revision(self, name: str) -> Revision:
        """Return the revision of that name: a branch, tag, hash, ``HEAD~1``, or ``workspace``.

        Raises
        ------
        RevisionError
            There is none.
        """
        if name == WORKSPACE:
            return Revision(WORKSPACE, None)
        return Revision(name, self.git.commit(name))

    def pair(self, a: str | None = None, b: str | None = None) -> tuple[Revision, Revision]:
        """Return the two revisions that a command line names, as ``dvc diff`` understands them.

        Nothing is HEAD against the workspace, one name is that against the workspace, ``A...B`` is
        the merge base of both against B (what a pull request means), ``A..B`` is A against B.

        Raises
        ------
        RevisionError
            One of them does not exist, or a range is followed by a second name.
        """
        first = a or "HEAD"
        if ".." not in first:
            return self.revision(first), self.revision(b or WORKSPACE)
        if b is not None:
            raise RevisionError(f"{first!r} already names two revisions; leave out {b!r}.")
        start, dots, end = first.partition("..." if "..." in first else "..")
        left, right = self.revision(start or "HEAD"), self.revision(end or "HEAD")
        if dots == "..":
            return left, right
        # The workspace grows out of HEAD.
        heads = [revision.commit or self.git.commit("HEAD") for revision in (left, right)]
        return Revision(f"{start}...{end}", self.git.merge_base(*heads)), right

    def read(self, path: str, revision: Revision) -> Contents:
        """Return the bytes of a file at a revision.

        In the working tree the file itself is read. Where it is absent there (a clone before
        ``dvc pull``), the version that dvc.lock records is, and a note says so. Where git has the
        pointer of Git LFS, the content that it stands for is read.

        Parameters
        ----------
        path
            Relative to the project.
        revision
            From `revision` or `pair`.

        Raises
        ------
        NotTrackedError
            The revision has no such file.
        MissingObjectError
            It is kept there, but its content can be had nowhere.
        RevisionError
            It is no file in the working tree, or DVC cannot read its own files.
        """
        file = self.project.root / path
        if revision.commit is None:
            return self._read_here(path, file)
        committed = self._committed(path, revision.commit, revision)
        if committed is not None:
            return Contents(committed)
        return Contents(self.home.files(revision.commit).read(file, str(revision)))

    def find(self, path: str, revision: Revision) -> Contents | None:
        """Return what `read` returns, or None where the revision has no such file."""
        try:
            return self.read(path, revision)
        except NotTrackedError:
            return None

    def fetch(self, path: str, revision: Revision, scratch: Path) -> Fetched:
        """Return where a file or folder of a revision can be read in pieces.

        That is itself in the working tree, else a copy.

        Parameters
        ----------
        path
            Relative to the project.
        revision
            From `revision` or `pair`.
        scratch
            A folder for the copy.

        Raises
        ------
        NotTrackedError, MissingObjectError, RevisionError
            As `read`.
        """
        copy = scratch / Path(path).name
        if revision.commit is None:
            return self._fetch_here(path, copy)
        committed = self._committed(path, revision.commit, revision)
        if committed is None:
            self.download(path, revision, copy)
        else:
            copy.write_bytes(committed)
        return Fetched(copy)

    def download(self, path: str, revision: Revision, destination: Path) -> None:
        """Copy a file or folder as it was at a commit to `destination`.

        Parameters
        ----------
        path
            Relative to the project.
        revision
            A commit; of the workspace, what is recorded of it.
        destination
            The file or folder to write.
        """
        files = self.home.files(revision.commit)
        files.download(self.project.root / path, destination, str(revision))

    def holds(self, path: str, revision: Revision) -> str | None:
        """Return ``"file"`` or ``"directory"``, or None where a commit has no such path."""
        self.in_git(path)
        return self.home.files(revision.commit).kind(self._absolute(path), str(revision))

    def md5s(self, path: str, revision: Revision) -> dict[str, str | None]:
        """Return the files below a folder at a commit, relative to it, with their MD5s.

        The MD5 is None where DVC does not know it, as of a file that git itself holds.

        Raises
        ------
        MissingObjectError
            The folder's listing can be had nowhere.
        RevisionError
            A file's name climbs out of the folder.
        """
        return self.home.files(revision.commit).md5s(self._absolute(path), str(revision))

    def presence(self, path: str) -> Presence:
        """Return how the files of some data in the working tree stand against what is listed.

        Parameters
        ----------
        path
            Of the data, a file or a folder, relative to the project.

        Raises
        ------
        MissingObjectError
            The listing of a folder can be had nowhere.
        RevisionError
            What DVC itself reads is damaged.
        """
        return self.home.presence(path)

    def download_files(
        self, path: str, names: Sequence[str], revision: Revision, destination: Path
    ) -> None:
        """Copy some of the files that `md5s` lists to `destination`, by the same names.

        Raises
        ------
        MissingObjectError
            One of them can be had nowhere.
        DamagedObjectError
            What DVC has of one is not what was recorded.
        """
        files = self.home.files(revision.commit)
        wanted = {name: destination / name for name in names}
        files.download_files(self._absolute(path), wanted, str(revision))

    def in_git(self, path: str) -> str:
        """Return a path of the project relative to the top of the git repository.

        Raises
        ------
        RevisionError
            It lies outside of the repository.
        """
        file = self._absolute(path)
        if not file.is_relative_to(self.git.root):
            raise RevisionError(f"{path} lies outside of the git repository {self.git.root}.")
        return file.relative_to(self.git.root).as_posix()

    def relative(self, file: Path) -> str:
        """Return where a file of the repository lies, seen from the project."""
        return Path(os.path.relpath(file, self.project.root)).as_posix()

    def listed(self) -> list[str]:
        """Return the files below the project that git tracks or would, relative to it."""
        return self.git.files(self.project.root)

    def tracked_by(self, path: str) -> Output | None:
        """Return the output that a path of the project is or lies in, None where DVC has none."""
        file = self._absolute(path)
        found = (out for out in self.outputs() if file.is_relative_to(out.path))
        return next(found, None)

    def outputs(self) -> list[Output]:
        """Return all that DVC tracks in the working tree, the data of other projects too.

        Raises
        ------
        RevisionError
            One of DVC's own files cannot be read.
        """
        return self.home.outputs()

    def changes(self) -> list[Change]:
        """Return what differs from what was last computed, as ``dvc status`` tells it.

        Raises
        ------
        RevisionError
            DVC cannot tell.
        """
        return self.home.changes()

    def changes_behind(self, path: str) -> list[Change]:
        """Return what is not as it was when a file was made, the file itself included.

        That is what of `changes` differs and belongs to the stage that writes the file or to what
        that stage is made from; what only comes later has no part in it. Where no stage writes the
        file, nothing is known of what it was made from, and everything counts.

        Parameters
        ----------
        path
            Of the file, relative to the project.

        Raises
        ------
        RevisionError
            DVC cannot tell.
        """
        differing = [it for it in self.changes() if it.differs]
        if not differing:
            return []
        behind = made_by(self.outputs(), self._absolute(path))
        stages = {output.called(self.project.root) for output in behind}
        return [it for it in differing if not behind or it.stage in stages]

    def made_from(self, read: Sequence[str]) -> bytes:
        """Return the record of what the scores that lie here were made from, for git to keep.

        Parameters
        ----------
        read
            The files and folders that were read, relative to the project.
        """
        return as_made(self.project, self.git, read)

    def _absolute(self, path: str) -> Path:
        """Return where a path of the project lies; the data of a monorepo may be outside of it."""
        return self.project.place(path)

    def _committed(self, path: str, commit: str, revision: Revision) -> bytes | None:
        """Return the content of a file that git has, None where it has no such file."""
        name = self.in_git(path)
        found = self.git.blob(commit, name)
        return None if found is None else self._content(found, name, revision)

    def _read_here(self, path: str, file: Path) -> Contents:
        here = Revision(WORKSPACE, None)
        try:
            return Contents(self._content(bytes_here(file, path), path, here))
        except FileNotFoundError:
            pass
        data = self.home.files(None).read(file, str(here))
        return Contents(data, (self._recorded(path),))

    def _fetch_here(self, path: str, copy: Path) -> Fetched:
        file, here = self.project.root / path, Revision(WORKSPACE, None)
        if file.is_dir():
            return Fetched(file)
        try:
            head = bytes_here(file, path, LONGEST_POINTER + 1)
        except FileNotFoundError:
            self.download(path, here, copy)
            return Fetched(copy, (self._recorded(path),))
        if pointer_of(head) is None:
            return Fetched(file)
        copy.write_bytes(self._content(head, path, here))
        return Fetched(copy)

    def _recorded(self, path: str) -> str:
        return (
            f"{path} is not in the workspace: read the version that {self.home.lock} records. If "
            f"data or labels changed since, run `{self.project.again}` first."
        )

    @cached_property
    def _lfs(self) -> Lfs:
        return Lfs(self.git)

    def _content(self, data: bytes, path: str, revision: Revision) -> bytes:
        """Return what a file holds: that of Git LFS where the bytes are only a pointer to it."""
        pointer = pointer_of(data)
        if pointer is None:
            return data
        content = io.BytesIO()
        self._lfs.pour(pointer, content, path, str(revision))
        return content.getvalue()
