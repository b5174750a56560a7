"""The files below a folder, and why those that are not used are not."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from cgaudit.errors import SourceError
from cgaudit.revisions import DvcIgnore, Links
from cgaudit.wording.numbers import plural
from cgaudit.wording.text import shown

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

    Names that start with a dot, ``*.dvc`` files, and what ``.dvcignore`` leaves out, so that it is
    in no version, are not among them; what is hidden and would be used, the notes say. Links to
    folders are not followed, nor are links that leave the folder, unless they lead to what belongs
    to it (`cgaudit.revisions.Links`).

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
        self._hidden: list[str] = []

    def __iter__(self) -> Iterator[tuple[str, str | None]]:
        """Yield the paths, and why not.

        Raises
        ------
        SourceError
            A folder cannot be listed.
        """
        ignored_names = {path.name for path in self._left_out}
        below = folders_below(self._root, self._ignore, self._hide)
        for folder, subfolders, names in below:
            links = [name for name in subfolders if Path(folder, name).is_symlink()]
            for name in sorted(names + links):
                file = Path(folder, name)
                if name.startswith(".") or name.endswith(".dvc"):
                    if name.startswith(".") and file.suffix.lower() in self._wanted.suffixes:
                        self._hide(file)
                    continue
                if name in ignored_names and file.resolve() in self._left_out:
                    continue
                path = file.relative_to(self._root).as_posix()
                written = printable(path)
                if written == path:
                    yield path, left_behind(path) or self._why_not(file)
                else:
                    yield written, "its name is not valid UTF-8"

    @property
    def notes(self) -> list[str]:
        """What was passed over, in sentences for the user; complete once all was yielded."""
        told = []
        if self._ignore.left_out:
            told.append(f"{self._ignore.left_out:,} files or folders are left out by .dvcignore")
        if self._not_followed:
            told.append(f"{plural(self._not_followed, 'link')} not followed: see skipped.csv")
        if self._hidden:
            told.append(f"left out, being hidden (a name with a dot first): {shown(self._hidden)}")
        return told

    def _hide(self, path: Path) -> None:
        self._hidden.append(printable(path.relative_to(self._root).as_posix()))

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
    root: Path,
    ignore: DvcIgnore | None = None,
    hide: Callable[[Path], object] | None = None,
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield each folder as `os.walk` does, in order, without what is in no version of the data.

    Parameters
    ----------
    root
        The first folder.
    ignore
        Made for this folder; None makes one.
    hide
        Told of hidden folders, which are not gone into, but for those of tools.

    Raises
    ------
    SourceError
        A folder cannot be listed.
    """
    ignore = ignore or DvcIgnore(root)
    for folder, subfolders, names in os.walk(root, onerror=_unreadable_folder):
        kept, files = ignore.kept(folder, subfolders, names)
        for name in sorted(kept):
            if hide is not None and name.startswith(".") and name not in _TOOLS:
                hide(Path(folder, name))
        subfolders[:] = sorted(name for name in kept if not name.startswith("."))
        yield folder, subfolders, files


def folders_of_data(root: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each folder that may hold data, and its files: none that other programs left behind.

    Raises
    ------
    SourceError
        A folder cannot be listed.
    """
    for folder, subfolders, files in folders_below(root):
        subfolders[:] = [name for name in subfolders if name not in LEFT_BEHIND]
        yield folder, files


def left_behind(path: str) -> str | None:
    """Return what a file is by the folders that it lies in, where other programs left it."""
    return next((LEFT_BEHIND[part] for part in path.split("/")[:-1] if part in LEFT_BEHIND), None)


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
