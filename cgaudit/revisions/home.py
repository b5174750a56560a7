"""What is asked of whatever keeps the versions of a dataset: DVC, or git by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from cgaudit.revisions.outputs import Output
from cgaudit.revisions.presence import Gap, Presence
from cgaudit.revisions.workspace import Change


class Files(Protocol):
    """The files of one version. Paths are absolute, `where` names the version in messages."""

    def read(self, path: Path, where: str) -> bytes:
        """Return a file's bytes."""

    def kind(self, path: Path, where: str) -> str | None:
        """Return ``"file"``, ``"directory"``, or None where the version has no such path."""

    def md5s(self, path: Path, where: str) -> dict[str, str | None]:
        """Return the files below a folder, relative to it, with their MD5s as far as known."""

    def download(self, path: Path, destination: Path, where: str) -> None:
        """Copy a file or a whole folder to `destination`."""

    def download_files(self, folder: Path, files: Mapping[str, Path], where: str) -> None:
        """Copy some of the files below a folder, each to its place."""


class Home(Protocol):
    """Keeps the versions of the data, and knows how the working tree stands against them."""

    @property
    def lock(self) -> str:
        """The file that records what the scores were made from."""

    @property
    def announced(self) -> str | None:
        """What to tell of this home; None of the default."""

    def files(self, commit: str | None) -> Files:
        """Return the files of a commit; None for what is recorded of the working tree."""

    def presence(self, path: str) -> Presence:
        """Return how the files of some data in the working tree stand against what is listed."""

    def gaps(self, presence: Presence) -> Iterator[Gap]:
        """Yield what to tell of them, and how it is mended."""

    def outputs(self) -> list[Output]:
        """Return what stages make and DVC tracks."""

    def recorded(self, path: str, commit: str | None) -> str | None:
        """Return the hash that is recorded of a path; None where it is not kept here."""

    def changes(self) -> list[Change]:
        """Return what differs from what was last computed."""

    def known_md5s(self, folder: Path) -> dict[str, str]:
        """Return the MD5s that are known of files of the working tree, without reading them."""

    def pull(self, path: str) -> str:
        """Return the command that fetches the contents of a path."""
