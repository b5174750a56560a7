"""The files below a folder, and why those that are not used are not."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from cgaudit.errors import SourceError

# Where DVC keeps a file whose content has this MD5; with `cache.type symlink` the working tree
# holds links into it.
_DVC_OBJECT = re.compile(r"/files/md5/[0-9a-f]{2}/[0-9a-f]{30}$")


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


def walk(
    root: Path, wanted: Wanted, ignored: Iterable[Path] = ()
) -> Iterator[tuple[str, str | None]]:
    """Yield each relative path below `root` and why it is not used (None where it is).

    ``*.dvc`` files are left out, and so are names that start with a dot, but for files that would
    be used: these, and hidden folders, are `HIDDEN`. Links to folders are not followed, nor are
    links that leave the folder, unless they lead into a DVC cache.

    Parameters
    ----------
    root
        The folder.
    wanted
        Which files are used.
    ignored
        Files that are left out.

    Raises
    ------
    SourceError
        A folder cannot be listed.
    """
    real_root = root.resolve()
    left_out = {path.resolve() for path in ignored}
    ignored_names = {path.name for path in left_out}
    for folder, subfolders, names in os.walk(root, onerror=_unreadable_folder):
        links = [name for name in subfolders if Path(folder, name).is_symlink()]
        hidden = [name for name in subfolders if name.startswith(".") and name not in links]
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted([*names, *links, *hidden]):
            file = Path(folder, name)
            if name.endswith(".dvc") or _is_of_no_interest(file, wanted):
                continue
            if name in ignored_names and file.resolve() in left_out:
                continue
            path = file.relative_to(root).as_posix()
            shown = printable(path)
            if name.startswith("."):
                yield shown, HIDDEN
            elif shown == path:
                yield path, left_behind(path) or _why_not(file, real_root, wanted)
            else:
                yield shown, "its name is not valid UTF-8"


def of_data(folders: Iterable[str]) -> list[str]:
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


def why_not_follow(link: Path, real_root: Path) -> str | None:
    """Return why a link is not followed, None where it is."""
    if not link.exists():
        return "a broken link"
    target = link.resolve()
    if target.is_dir():
        return "a link to a folder, which is not followed"
    if target.is_relative_to(real_root) or _DVC_OBJECT.search(target.as_posix()):
        return None
    return "a link that leaves the source"


def _unreadable_folder(error: OSError) -> None:
    raise SourceError(f"{error.filename} cannot be listed ({error.strerror}).") from None


def _why_not(file: Path, real_root: Path, wanted: Wanted) -> str | None:
    if file.is_symlink() and (reason := why_not_follow(file, real_root)):
        return reason
    if not stat.S_ISREG(file.stat().st_mode):
        return "not a regular file"
    if file.suffix.lower() not in wanted.suffixes:
        return wanted.otherwise
    return None
