"""The files below a folder, and why those that are not used are not."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from cgaudit.errors import SourceError
from cgaudit.revisions import DvcIgnore, Links
from cgaudit.wording.numbers import plural

BROKEN_LINK = "a broken link"
FOLDER_LINK = "a link to a folder, which is not followed"
OUTSIDE_LINK = "a link that leaves the source"


#: Hidden folders that hold no data.
_TOOLS = frozenset({".git", ".dvc", ".hg", ".svn", ".cache", ".venv"})
#: Folders that other programs leave among files, and what lies in them.
LEFT_BEHIND = {
    "@eaDir": "a thumbnail that a NAS keeps (@eaDir)",
    "__MACOSX": "what macOS adds to an archive (__MACOSX)",
}
#: Why something whose name starts with a dot is not used.
HIDDEN = "hidden: its name starts with a dot"


class Wanted(NamedTuple):
    """The files that a source reads.

    Attributes
    ----------
    suffixes
        In lower case, with the point.
    otherwise
        Why a file with another suffix is not used.
    """

    suffixes: Collection[str]
    otherwise: str


class Walk:
    """The relative paths below a folder, and why each is not used (None where it is).

    ``*.dvc`` files, and what ``.dvcignore`` leaves out, so that it is in no version, are not among
    them; nor are names that start with a dot, but for files that would be used: these, and hidden
    folders, are `HIDDEN`. Links to folders are not followed, nor are links that leave the folder,
    unless they lead to what belongs to it (`cgaudit.revisions.Links`).

    Parameters
    ----------
    root
        The folder.
    wanted
        Which files are used.
    ignored
        Files that are left out.
    """

    def __init__(self, root: Path, wanted: Wanted, ignored: Iterable[Path] = ()) -> None:
        self._root = root
        self._wanted = wanted
        self._left_out = {path.resolve() for path in ignored}
        self._ignore = DvcIgnore(root)
        self._links = Links(root)
        self._not_followed = 0

    def __iter__(self) -> Iterator[tuple[str, str | None]]:
        """Yield the paths, and why not.

        Raises
        ------
        SourceError
            A folder cannot be listed.
        """
        ignored_names = {path.name for path in self._left_out}
        for folder, subfolders, all_names in os.walk(self._root, onerror=_unreadable_folder):
            kept, names = self._ignore.kept(folder, subfolders, all_names)
            links = [name for name in kept if Path(folder, name).is_symlink()]
            hidden = [name for name in kept if name.startswith(".") and name not in links]
            subfolders[:] = sorted(name for name in kept if not name.startswith("."))
            for name in sorted([*names, *links, *hidden]):
                file = Path(folder, name)
                if name.endswith(".dvc") or _is_of_no_interest(file, self._wanted):
                    continue
                if name in ignored_names and file.resolve() in self._left_out:
                    continue
                yield self._told(file)

    def _told(self, file: Path) -> tuple[str, str | None]:
        path = file.relative_to(self._root).as_posix()
        shown = printable(path)
        if file.name.startswith("."):
            return shown, HIDDEN
        if shown != path:
            return shown, "its name is not valid UTF-8"
        return path, left_behind(path) or self._why_not(file)

    @property
    def notes(self) -> list[str]:
        """What was passed over, in sentences for the user; complete once all was yielded."""
        told = []
        if self._ignore.left_out:
            told.append(f"{self._ignore.left_out:,} files or folders are left out by .dvcignore")
        if self._not_followed:
            told.append(f"{plural(self._not_followed, 'link')} not followed: see skipped.csv")
        return told

    def _why_not(self, file: Path) -> str | None:
        if file.is_symlink() and (reason := why_not_follow(file, self._links)):
            self._not_followed += 1
            return reason
        if not stat.S_ISREG(file.stat().st_mode):
            return "not a regular file"
        if file.suffix.lower() not in self._wanted.suffixes:
            return self._wanted.otherwise
        return None


def folders_below(
    root: Path, ignore: DvcIgnore | None = None
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield each folder as `os.walk` does, in order, without what is in no version of the data.

    Parameters
    ----------
    root
        The first folder.
    ignore
        Made for this folder; None makes one.

    Raises
    ------
    SourceError
        A folder cannot be listed.
    """
    ignore = ignore or DvcIgnore(root)
    for folder, subfolders, names in os.walk(root, onerror=_unreadable_folder):
        kept, files = ignore.kept(folder, subfolders, names)
        subfolders[:] = _of_data(kept)
        yield folder, subfolders, files


def _of_data(folders: Iterable[str]) -> list[str]:
    """Return the names of folders that may hold data, sorted: neither hidden nor left behind."""
    return sorted(it for it in folders if not it.startswith(".") and it not in LEFT_BEHIND)


def left_behind(path: str) -> str | None:
    """Return what a file is by the folders that it lies in, where other programs left it."""
    return next((LEFT_BEHIND[part] for part in path.split("/")[:-1] if part in LEFT_BEHIND), None)


def _is_of_no_interest(file: Path, wanted: Wanted) -> bool:
    """Tell whether something is hidden and would not be used either if it were not."""
    if not file.name.startswith("."):
        return False
    return file.name in _TOOLS or not (file.is_dir() or file.suffix.lower() in wanted.suffixes)


def printable(name: str) -> str:
    """Return the name with bytes that are not UTF-8 written as escapes."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def why_not_follow(link: Path, links: Links) -> str | None:
    """Return why a link is not followed, None where it is."""
    if not link.exists():
        return BROKEN_LINK
    target = link.resolve()
    if target.is_dir():
        return FOLDER_LINK
    return None if links.are_followed_to(target) else OUTSIDE_LINK


def _unreadable_folder(error: OSError) -> None:
    raise SourceError(f"{error.filename} cannot be listed ({error.strerror}).") from None
