"""A DVC project in a git repository, and what is in it at a revision."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from cgaudit.errors import MissingObjectError, NotTrackedError, RevisionError
from cgaudit.project import LOCK, Project
from cgaudit.revisions.dvc import DvcFiles, add
from cgaudit.revisions.folder import cache_of, is_cached
from cgaudit.revisions.git import Git
from cgaudit.revisions.oddfiles import CONFIG, refuse_odd_commit, refuse_odd_files
from cgaudit.revisions.outputs import Output, made_by, outputs
from cgaudit.revisions.presence import Presence, presence
from cgaudit.revisions.remote import default_remote, is_on_remote, named_remote, remote_urls
from cgaudit.revisions.revision import WORKSPACE, Contents, Revision
from cgaudit.revisions.workspace import Change, bytes_here, changes


class Repository:
    """A DVC project in a git repository, of which it may be a sub-folder.

    Parameters
    ----------
    project
        Paths that are read are relative to its folder.
    dvc_root
        The folder that holds ``.dvc``.
    git
        The repository around both.
    """

    def __init__(self, project: Project, dvc_root: Path, git: Git) -> None:
        self.project = project
        self.dvc_root = dvc_root
        self.git = git
        self._files: dict[str | None, DvcFiles] = {}

    @classmethod
    def around(cls, project: Project) -> Repository:
        """Return the repository around a project.

        Raises
        ------
        RevisionError
            The folder is not in a git repository, there is no DVC in it, or something else lies
            where DVC reads a file.
        """
        project = Project(project.root.resolve())
        git = Git.containing(project.root)
        root = git.root.resolve()
        for folder in (project.root, *project.root.parents):
            if (folder / ".dvc").is_dir():
                refuse_odd_files(project.root, folder)
                return cls(project, folder, Git(root))
            if folder == root:
                break
        raise RevisionError(
            f"{project.root} is in a git repository without DVC. Run `dvc init`, then "
            "`cgaudit init`."
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
        RevisionError
            It is no file in the working tree, or DVC cannot read its own files.
        """
        file = self.project.root / path
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
        files.download(self.project.root / path, destination, str(revision))

    def holds(self, path: str, revision: Revision) -> str | None:
        """Return ``"file"`` or ``"directory"``, or None where a commit has no such path."""
        self.in_git(path)
        return self._dvc(revision.commit).kind(self._absolute(path), str(revision))

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
        return self._dvc(revision.commit).md5s(self._absolute(path), str(revision))

    def presence(self, path: str) -> Presence:
        """Return how the files of some data in the working tree stand against what DVC lists.

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
        file, here = self._absolute(path), Revision(WORKSPACE, None)
        if not file.is_relative_to(self.dvc_root):
            return Presence(path, 0)
        now = self._dvc(None).standing(file, str(here))
        cache = cache_of(self.dvc_root)
        return presence(path, now, self._listed_at_head(path), partial(is_cached, cache))

    def _listed_at_head(self, path: str) -> Mapping[str, str | None]:
        """Return what HEAD lists of a folder, with MD5s, where the working tree lists other files.

        Empty, too, where that cannot be told.
        """
        try:
            head = self.revision("HEAD")
            recorded = self.recorded_md5(path, head)
            if recorded is None or recorded == self.recorded_md5(path, self.revision(WORKSPACE)):
                return {}
            return self.md5s(path, head) if self.holds(path, head) == "directory" else {}
        except (RevisionError, MissingObjectError):
            return {}

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
        files = self._dvc(revision.commit)
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
        return outputs(self.git.root, self.dvc_root)

    def remotes(self) -> list[str]:
        """Return the URLs of the project's DVC remotes, as its configuration is now."""
        return remote_urls(self.dvc_root)

    def default_remote(self, revision: Revision | None = None) -> str | None:
        """Return the name of the DVC remote that is pushed to, None where there is none.

        Parameters
        ----------
        revision
            Whose ``.dvc/config`` counts alone; None for the configuration in force, in which this
            machine's own files count too.

        Raises
        ------
        RevisionError
            The configuration is damaged.
        """
        if revision is None:
            return default_remote(self.dvc_root)
        path = self.dvc_root / ".dvc" / "config"
        if revision.commit is None:
            content = bytes_here(path, CONFIG)
        else:
            content = self.git.blob(revision.commit, self.in_git(str(path))) or b""
        return named_remote(content, f"{CONFIG} at {revision}")

    def is_pushed(self, path: str, revision: Revision) -> bool | None:
        """Tell whether a file's content is on the default remote; None where that cannot be told.

        That is where DVC does not track the file, or the remote keeps files by version.

        Parameters
        ----------
        path
            Relative to the project.
        revision
            A commit, or the working tree for what dvc.lock records there.

        Raises
        ------
        MissingObjectError
            It is in a folder whose listing can be had nowhere.
        RevisionError
            The remote cannot be asked.
        """
        md5 = self.recorded_md5(path, revision)
        return None if md5 is None else is_on_remote(self.dvc_root, md5)

    def check_remote(self) -> None:
        """Ask the default remote something.

        Raises
        ------
        RevisionError
            It cannot be asked: no access, no network, or DVC lacks what it takes for its kind.
        """
        is_on_remote(self.dvc_root, "0" * 32)

    def recorded_md5(self, path: str, revision: Revision) -> str | None:
        """Return the MD5 that DVC records of a path at a revision, None where it does not track it.

        Raises
        ------
        MissingObjectError
            It is in a folder whose listing can be had nowhere.
        """
        return self._dvc(revision.commit).md5(self.project.root / path, str(revision))

    def changes(self) -> list[Change]:
        """Return what differs from the last ``dvc repro``, as ``dvc status`` tells it.

        Raises
        ------
        RevisionError
            DVC cannot tell.
        """
        return changes(self.project.root)

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

    def track(self, path: str) -> None:
        """Give a file of the project to DVC, as ``dvc add`` does.

        Raises
        ------
        RevisionError
            DVC refuses.
        """
        add(self.project.root, path)

    def _absolute(self, path: str) -> Path:
        """Return where a path of the project lies; the data of a monorepo may be outside of it."""
        return Path(os.path.normpath(self.project.root / path))

    def _read_here(self, path: str, file: Path) -> Contents:
        try:
            return Contents(bytes_here(file, path))
        except FileNotFoundError:
            pass
        data = self._dvc(None).read(file, str(Revision(WORKSPACE, None)))
        note = (
            f"{path} is not in the workspace: read the version that {LOCK} records. If data or "
            "labels changed since, run `dvc repro` first."
        )
        return Contents(data, (note,))

    def _dvc(self, commit: str | None) -> DvcFiles:
        if commit not in self._files:
            if commit is not None and self.git.is_partial():
                self.git.complete(commit)
            if commit is not None:
                refuse_odd_commit(self.git, commit)
            self._files[commit] = DvcFiles(self.git.root, self.dvc_root, commit)
        return self._files[commit]
