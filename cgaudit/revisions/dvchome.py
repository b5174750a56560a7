"""A dataset whose versions DVC keeps, beside what git has of them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from cgaudit.errors import MissingObjectError, RevisionError
from cgaudit.project import LOCK, Project
from cgaudit.revisions.dvc import DvcFiles, add
from cgaudit.revisions.dvcgaps import dvc_gaps
from cgaudit.revisions.folder import cache_of, is_cached
from cgaudit.revisions.git import Git
from cgaudit.revisions.hashes import known_md5s
from cgaudit.revisions.oddfiles import CONFIG, refuse_odd_commit, refuse_pipes
from cgaudit.revisions.outputs import Output, outputs
from cgaudit.revisions.presence import Gap, Presence, presence
from cgaudit.revisions.remote import default_remote, is_on_remote, named_remote, remote_urls
from cgaudit.revisions.revision import WORKSPACE, Revision
from cgaudit.revisions.workspace import Change, bytes_here, changes

_HERE = str(Revision(WORKSPACE, None))


class DvcHome:
    """Keeps versions with DVC.

    Parameters
    ----------
    project
        Paths that are asked about are relative to its folder.
    root
        The folder that holds ``.dvc``.
    git
        The repository around both.
    """

    lock = LOCK
    announced: str | None = None

    def __init__(self, project: Project, root: Path, git: Git) -> None:
        self.root = root
        self._project = project
        self._git = git
        self._files: dict[str | None, DvcFiles] = {}

    def files(self, commit: str | None) -> DvcFiles:
        """Return the files of a commit; None for what dvc.lock records of the working tree.

        Raises
        ------
        RevisionError
            DVC cannot read its own files, or would not survive it.
        """
        if commit not in self._files:
            if commit is not None and self._git.is_partial():
                self._git.complete(commit)
            if commit is not None:
                refuse_odd_commit(self._git, commit)
            self._files[commit] = DvcFiles(self._git.root, self.root, commit)
        return self._files[commit]

    def presence(self, path: str) -> Presence:
        """Return how the files of some data stand against what DVC lists.

        Raises
        ------
        MissingObjectError
            The listing of a folder can be had nowhere.
        RevisionError
            What DVC itself reads is damaged.
        """
        file = self._project.place(path)
        if not file.is_relative_to(self.root):
            return Presence(path, 0)
        now = self.files(None).standing(file, _HERE)
        cache = cache_of(self.root)
        return presence(path, now, self._listed_at_head(path), partial(is_cached, cache))

    def _listed_at_head(self, path: str) -> Mapping[str, str | None]:
        """Return what HEAD lists of a folder, with MD5s, where the working tree lists other files.

        Empty, too, where that cannot be told.
        """
        try:
            head = self._git.commit("HEAD")
            recorded = self.recorded(path, head)
            if recorded is None or recorded == self.recorded(path, None):
                return {}
            files, file = self.files(head), self._project.place(path)
            return files.md5s(file, "HEAD") if files.kind(file, "HEAD") == "directory" else {}
        except (RevisionError, MissingObjectError):
            return {}

    def gaps(self, presence: Presence) -> Iterator[Gap]:
        """Yield data that is not all here, and files that are in no version."""
        return dvc_gaps(presence, self._project, self.outputs)

    def outputs(self) -> list[Output]:
        """Return all that DVC tracks in the working tree, the data of other projects too.

        Raises
        ------
        RevisionError
            One of DVC's own files cannot be read.
        """
        return outputs(self._git.root, self.root)

    def recorded(self, path: str, commit: str | None) -> str | None:
        """Return the MD5 that DVC records of a path, None where it does not track it.

        Raises
        ------
        MissingObjectError
            It is in a folder whose listing can be had nowhere.
        """
        where = str(Revision(WORKSPACE if commit is None else commit, commit))
        return self.files(commit).md5(self._project.root / path, where)

    def changes(self) -> list[Change]:
        """Return what differs from the last ``dvc repro``, as ``dvc status`` tells it.

        Raises
        ------
        RevisionError
            DVC cannot tell.
        """
        tracked = {path for it in self.outputs() for path in (it.path, *it.reads)}
        refuse_pipes(sorted(tracked), self._project.root)
        return changes(self._project.root)

    def known_md5s(self, folder: Path) -> dict[str, str]:
        """Return the MD5s that DVC has noted of files of the working tree."""
        return known_md5s(self.root, folder)

    def pull(self, path: str) -> str:
        """Return the command that fetches the contents of a path."""
        return f"dvc pull {shlex.quote(path)}"

    def remotes(self) -> list[str]:
        """Return the URLs of the DVC remotes, as the configuration is now."""
        return remote_urls(self.root)

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
            return default_remote(self.root)
        path = self.root / ".dvc" / "config"
        if revision.commit is None:
            content = bytes_here(path, CONFIG)
        else:
            name = path.relative_to(self._git.root).as_posix()
            content = self._git.blob(revision.commit, name) or b""
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
        md5 = self.recorded(path, revision.commit)
        return None if md5 is None else is_on_remote(self.root, md5)

    def check_remote(self) -> None:
        """Ask the default remote something.

        Raises
        ------
        RevisionError
            It cannot be asked: no access, no network, or DVC lacks what it takes for its kind.
        """
        is_on_remote(self.root, "0" * 32)

    def head(self) -> str:
        """Return the hash of the commit that is checked out."""
        return self._git.commit("HEAD")

    def track(self, path: str) -> None:
        """Give a file of the project to DVC, as ``dvc add`` does.

        Raises
        ------
        RevisionError
            DVC refuses.
        """
        add(self._project.root, path)
