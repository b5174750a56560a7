"""What DVC says of the folders of a working tree: what it leaves out of them, where it links to."""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from typing import Any

from cgaudit.revisions.failures import asking_dvc

_IGNORE = ".dvcignore"
#: An object in a cache, from the cache's folder: of DVC 3, and of DVC 2 without its first folders.
_OBJECT = re.compile(r"(files/md5/)?[0-9a-f]{2}/[0-9a-f]{30}")
_PRIVATE = frozenset({".git", ".dvc"})
#: Where git-annex and DataLad keep the contents that a working tree links to.
_ANNEX = Path(".git/annex/objects")


def dvc_root_of(folder: Path) -> Path | None:
    """Return the DVC project that a folder lies in, None where it lies in none."""
    return _around(folder, ".dvc")


class DvcIgnore:
    """What the ``.dvcignore`` files of a project leave out, so that it is in no version.

    Where the folder itself is left out, it is no data of DVC's, and all in it stays.

    Parameters
    ----------
    folder
        That is going to be listed; need not be in a DVC project.

    Attributes
    ----------
    left_out
        How many files and folders were left out so far.
    """

    def __init__(self, folder: Path) -> None:
        self.left_out = 0
        self._folder = Path(os.path.abspath(folder))  # noqa: PTH100 - not through links
        self._root = dvc_root_of(self._folder)
        self._filter: Any = None
        if self._root is not None:
            above = [at for at in self._folder.parents if at.is_relative_to(self._root)]
            if any(_has_rules(at / _IGNORE) for at in above):
                self._ask_dvc(self._root)

    def kept(
        self, folder: str, subfolders: list[str], names: list[str]
    ) -> tuple[list[str], list[str]]:
        """Return what stays of the sub-folders and files of a folder that is listed."""
        if self._root is None:
            return subfolders, names
        if self._filter is None and _IGNORE in names and _has_rules(Path(folder, _IGNORE)):
            self._ask_dvc(self._root)
        if self._filter is None:
            return subfolders, names
        with asking_dvc(self._root, "the workspace"):
            absolute = os.path.abspath(folder)  # noqa: PTH100
            folders, files = self._filter(absolute, list(subfolders), list(names))
        self.left_out += sum(
            not name.startswith(".") for name in {*subfolders, *names} - {*folders, *files}
        )
        return folders, files

    def _ask_dvc(self, root: Path) -> None:
        with asking_dvc(root, "the workspace"):
            from dvc.fs import localfs
            from dvc.ignore import DvcIgnoreFilter

            found = DvcIgnoreFilter(localfs, str(root))
            if not found.is_ignored_dir(str(self._folder)):
                self._filter = found


class Links:
    """Which links of a folder are followed: those whose contents belong to it.

    That is what lies in the folder, in the same git repository or in its git-annex, and in the
    cache of its DVC project. Anything else may be a file that is none of the author's business.

    Parameters
    ----------
    folder
        That holds the links.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._real = folder.resolve()

    def are_followed_to(self, target: Path) -> bool:
        """Tell whether links to a file, itself no link, are followed."""
        if target.is_relative_to(self._real):
            return True
        top = self._repository
        if top is not None and target.is_relative_to(top):
            inside = target.relative_to(top)
            if inside.is_relative_to(_ANNEX) or not _PRIVATE.intersection(inside.parts):
                return True
        cache = self._cache
        if cache is None or not target.is_relative_to(cache):
            return False
        return _OBJECT.fullmatch(target.relative_to(cache).as_posix()) is not None

    @cached_property
    def _repository(self) -> Path | None:
        top = _around(self._folder, ".git")
        return None if top is None else top.resolve()

    @cached_property
    def _cache(self) -> Path | None:
        root = dvc_root_of(self._folder)
        return None if root is None else cache_of(root)


def cache_of(dvc_root: Path) -> Path:
    """Return the folder of a DVC project's cache."""
    with asking_dvc(dvc_root, "the workspace"):
        from dvc.repo import Repo

        # The cache of DVC 2 is the folder that those of later versions lie below.
        return Path(Repo(str(dvc_root)).cache.legacy.path).resolve()


def is_cached(cache: Path, md5: str) -> bool:
    """Tell whether a cache has the content of an MD5."""
    name = Path(md5[:2], md5[2:])
    return any((cache / below / name).exists() for below in ("files/md5", ""))


def _around(folder: Path, mark: str) -> Path | None:
    folder = Path(os.path.abspath(folder))  # noqa: PTH100 - not through links
    return next((at for at in (folder, *folder.parents) if (at / mark).exists()), None)


def _has_rules(file: Path) -> bool:
    try:
        lines = file.read_bytes().splitlines()
    except OSError:
        return False
    return any(line.strip() and not line.startswith(b"#") for line in lines)
