"""A dataset whose versions git keeps by itself, large files with Git LFS; DVC is not asked."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from cgaudit.errors import RevisionError
from cgaudit.project import Project
from cgaudit.reading.files import Damage, bytes_of
from cgaudit.revisions.git import SHORT, Git
from cgaudit.revisions.gitfiles import GitFiles
from cgaudit.revisions.lfs import LONGEST_POINTER, Lfs, is_lfs_pointer
from cgaudit.revisions.made import MADE, changes_since
from cgaudit.revisions.outputs import Output
from cgaudit.revisions.presence import Gap, Presence
from cgaudit.revisions.workspace import Change
from cgaudit.wording.numbers import plural


class GitHome:
    """Keeps versions in git alone.

    Parameters
    ----------
    project
        Paths that are asked about are relative to its folder.
    git
        The repository around it.
    """

    lock = MADE
    announced: str | None = (
        "there is no DVC here: data, labels and scores of a version are read from git alone."
    )

    def __init__(self, project: Project, git: Git) -> None:
        self._project = project
        self._git = git
        self._lfs = Lfs(git)
        self._files: dict[str | None, GitFiles] = {}

    def files(self, commit: str | None) -> GitFiles:
        """Return the files of a commit; none for the working tree, whose files are what they are.

        Raises
        ------
        RevisionError
            DVC kept that version.
        """
        if commit not in self._files:
            self._refuse_dvc(commit)
            self._files[commit] = GitFiles(self._git, self._lfs, commit)
        return self._files[commit]

    def _refuse_dvc(self, commit: str | None) -> None:
        """Refuse a commit that git alone does not have whole."""
        if commit is None:
            return
        folder = PurePosixPath(self._project.place(".").relative_to(self._git.root).as_posix())
        places = [at / ".dvc" / "config" for at in (folder, *folder.parents)]
        wanted = [(commit, str(place)) for place in places]
        if any(found is not None for found in self._git.blobs(wanted)):
            raise RevisionError(
                f"At {commit[:SHORT]} DVC keeps the data, and in the working tree there is no DVC. "
                f"Compare from a working tree that has it: `git worktree add ../there "
                f"{commit[:SHORT]}`, and run this there."
            )

    def presence(self, path: str) -> Presence:
        """Return how the files of some data stand against what git lists.

        A file is absent where only the pointer of Git LFS is there, or a sparse checkout leaves it
        out. One that was removed is removed.
        """
        place = self._project.place(path)
        if not place.is_relative_to(self._git.root):
            return Presence(path, 0)
        name = place.relative_to(self._git.root).as_posix()
        states = self._git.states(name)
        absent = [it for it, state in states.items() if self._is_absent(it, state)]
        unlisted = [] if not states else self._git.untracked(name)
        below = [sorted(_seen_from(name, it) for it in them) for them in (absent, unlisted)]
        return Presence(
            path,
            len(states),
            tuple(below[0]),
            tuple(it for it in below[1] if not any(part[0] == "." for part in it.split("/"))),
            unfetched=frozenset(below[0]),
            by_name=True,
        )

    def _is_absent(self, name: str, state: str) -> bool:
        file = self._git.root / name
        if state == "S":
            return not file.exists()
        try:
            if file.stat().st_size > LONGEST_POINTER:
                return False
            return is_lfs_pointer(bytes_of(file))
        except (OSError, Damage):
            return False

    def gaps(self, presence: Presence) -> Iterator[Gap]:
        """Yield data that is not all here, and files that are in no version."""
        path = presence.path
        if presence.absent:
            yield Gap(
                path,
                f"The contents of {plural(len(presence.absent), 'file')} of the "
                f"{presence.listed:,} that git lists in {path} are not here, only their names: "
                "absent, not removed from the data.",
                self.pull(path),
                True,
            )
        if presence.unlisted:
            yield Gap(
                path,
                f"{plural(len(presence.unlisted), 'file')} in {path} are in no version yet: git "
                "does not list them.",
                f"git add {shlex.quote(path)}",
                False,
            )

    def outputs(self) -> list[Output]:
        """Return nothing: without DVC no stage makes data."""
        return []

    def recorded(self, path: str, commit: str | None) -> str | None:
        """Return git's hash of a path at a commit; None where the commit has none."""
        return self.files(commit).oid(self._project.place(path))

    def changes(self) -> list[Change]:
        """Return what differs from what the scores of the working tree were made from."""
        return changes_since(self._project, self._git)

    def known_md5s(self, folder: Path) -> dict[str, str]:
        """Return nothing: git knows contents by other hashes."""
        return {}

    def pull(self, path: str) -> str:
        """Return the command that fetches the contents of a path."""
        states = self._git.states(self._project.place(path).relative_to(self._git.root).as_posix())
        sparse = any(
            state == "S" and not (self._git.root / it).exists() for it, state in states.items()
        )
        return "git sparse-checkout disable" if sparse else "git lfs pull"


def _seen_from(folder: str, name: str) -> str:
    """Return a name as it is below the data; the last part of it where the data is one file."""
    if folder == ".":
        return name
    return name.removeprefix(f"{folder}/") if name != folder else PurePosixPath(name).name
