"""Bytes at a revision, through git and DVC; nothing is checked out, nothing written.

This package alone talks to git and DVC.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from cgaudit.errors import NotTrackedError, RevisionError
from cgaudit.revisions.git import SHORT, Git
from cgaudit.revisions.storage import DvcFiles, add, remote_urls

WORKSPACE = "workspace"


@dataclass(frozen=True)
class Revision:
    """A version of the data: a commit, or the files as they lie in the working tree.

    Attributes
    ----------
    name
        As the user said it.
    commit
        The full hash; None for the working tree.
    """

    name: str
    commit: str | None

    def __str__(self) -> str:
        if self.commit is None:
            return "the workspace"
        short = self.commit[:SHORT]
        return short if self.commit.startswith(self.name) else f"{self.name} ({short})"


class Contents(NamedTuple):
    """A file at a revision, and what its reader should know about where it came from."""

    data: bytes
    notes: tuple[str, ...] = ()


class Repository:
    """A DVC project in a git repository, of which it may be a sub-folder.

    Parameters
    ----------
    project
        The folder of params.yaml and dvc.yaml: paths that are read are relative to it.
    dvc_root
        The folder that holds ``.dvc``.
    git
        The repository around both.
    """

    def __init__(self, project: Path, dvc_root: Path, git: Git) -> None:
        self.project = project
        self.dvc_root = dvc_root
        self.git = git
        self._files: dict[str | None, DvcFiles] = {}

    @classmethod
    def containing(cls, project: Path) -> Repository:
        """Return the repository around a project's folder.

        Raises
        ------
        RevisionError
            The folder is not in a git repository, or there is no DVC in it.
        """
        project = project.resolve()
        git = Git.containing(project)
        root = git.root.resolve()
        for folder in (project, *project.parents):
            if (folder / ".dvc").is_dir():
                return cls(project, folder, Git(root))
            if folder == root:
                break
        raise RevisionError(
            f"{project} is in a git repository without DVC. Run `dvc init`, then `cgaudit init`."
        )

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
        ``dvc pull``), the version that dvc.lock records is, and a note says so.

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
            DVC tracks it there, but its content can be had nowhere.
        """
        file = self.project / path
        if revision.commit is None:
            return self._read_here(path, file)
        committed = self.git.blob(revision.commit, self.in_git(path))
        if committed is not None:
            return Contents(committed)
        return Contents(self._dvc(revision.commit).read(file, str(revision)))

    def find(self, path: str, revision: Revision) -> Contents | None:
        """Return what `read` returns, or None where the revision has no such file."""
        try:
            return self.read(path, revision)
        except NotTrackedError:
            return None

    def download(self, path: str, revision: Revision, destination: Path) -> None:
        """Copy a file or folder as it was at a commit to `destination`.

        Parameters
        ----------
        path
            Relative to the project.
        revision
            A commit, not the workspace.
        destination
            The file or folder to write.
        """
        files = self._dvc(revision.commit)
        files.download(self.project / path, destination, str(revision))

    def in_git(self, path: str) -> str:
        """Return a path of the project relative to the top of the git repository."""
        return (self.project / path).relative_to(self.git.root).as_posix()

    def listed(self) -> list[str]:
        """Return the files below the project that git tracks or would, relative to it."""
        return self.git.files(self.project)

    def remotes(self) -> list[str]:
        """Return the URLs of the project's DVC remotes, as its configuration is now."""
        return remote_urls(self.dvc_root)

    def track(self, path: str) -> None:
        """Give a file of the project to DVC, as ``dvc add`` does.

        Raises
        ------
        RevisionError
            DVC refuses.
        """
        add(self.project, path)

    def _read_here(self, path: str, file: Path) -> Contents:
        if file.is_file():
            return Contents(file.read_bytes())
        data = self._dvc(None).read(file, str(Revision(WORKSPACE, None)))
        note = (
            f"{path} is not in the workspace: read the version that dvc.lock records. If data or "
            "labels changed since, run `dvc repro` first."
        )
        return Contents(data, (note,))

    def _dvc(self, commit: str | None) -> DvcFiles:
        if commit not in self._files:
            if commit is not None and self.git.is_partial():
                self.git.complete(commit)
            self._files[commit] = DvcFiles(self.git.root, self.dvc_root, commit)
        return self._files[commit]
