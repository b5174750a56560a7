"""The paths that a table of labels writes, told to the files of the source.

All that is given back are paths that the source itself listed: nothing is looked for on disk.
"""

from __future__ import annotations

import os
import posixpath
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

#: Gives the file that one written path stands for.
Way = Callable[[str], str | None]


class Paths:
    """The files of a source, by how they may be written.

    Parameters
    ----------
    paths
        Relative to the source.
    table_folder
        Where the table lies.
    root
        The source; None where paths are no files.
    """

    def __init__(self, paths: Collection[str], table_folder: Path, root: Path | None) -> None:
        self._paths = frozenset(paths)
        self._table_folder = table_folder
        self._root = root
        self._composed = _unique((nfc(path), path) for path in paths)
        self._in_any_case = _unique((nfc(path).casefold(), path) for path in paths)
        self._by_name = _unique((name, path) for path in paths for name in _names(nfc(path)))
        self._ways: dict[str, Way] = {
            "": self.exact,
            "with slashes for backslashes": lambda written: self.exact(_slashes(written)),
            "from the folder of the source on": self._below_its_name,
            "in upper or lower case": self._whatever_case,
            "by their file names alone": self._bare_name,
        }

    def lookup(self, path: str) -> str | None:
        """Return the file of exactly this path, as written or in Unicode's composed form."""
        return path if path in self._paths else self._composed.get(nfc(path))

    def named(self, name: str) -> str | None:
        """Return the only file of this name, with or without its extension."""
        return self._by_name.get(nfc(name))

    def exact(self, written: str) -> str | None:
        """Return the file at a path relative to the table, else relative to the source."""
        found = (self.lookup(path) for path in self.inside(written))
        return next((path for path in found if path is not None), None)

    def inside(self, written: str) -> Iterator[str]:
        """Yield what a path may be below the source; nothing where it leaves it."""
        if is_absolute(written):
            return
        if self._root is not None:
            beside = os.path.relpath(self._table_folder / written, self._root)
            yield from _inside(beside.replace(os.sep, "/"))
        yield from _inside(posixpath.normpath(written))

    def best_way(self, written: Sequence[str]) -> tuple[Way, str]:
        """Return the way by which most of the paths name a file of their own, and its name.

        The name is empty where that is how paths are to be written. Another way is taken only
        where it finds more, so that no path is read in two ways.
        """
        best, found = "", -1
        for name, way in self._ways.items():
            count = len({path for text in written if (path := way(text)) is not None})
            if count > found:
                best, found = name, count
            if found == len(set(written)):
                break
        return self._ways[best], best

    def _below_its_name(self, written: str) -> str | None:
        """Return the file at what follows the source's own folder in a path."""
        parts = posixpath.normpath(_slashes(written)).split("/")
        name = self._root.name if self._root is not None else None
        places = (at + 1 for at, part in enumerate(parts) if part == name)
        found = (self.lookup("/".join(parts[at:])) for at in places)
        return next((path for path in found if path is not None), None)

    def _whatever_case(self, written: str) -> str | None:
        candidates = (nfc(path).casefold() for path in self.inside(_slashes(written)))
        found = (self._in_any_case.get(path) for path in candidates)
        return next((path for path in found if path is not None), None)

    def _bare_name(self, written: str) -> str | None:
        return None if "/" in _slashes(written) else self.named(written)


def is_absolute(path: str) -> bool:
    """Tell whether a path is absolute on any system."""
    return path.startswith(("/", "\\")) or path[1:3] in {":\\", ":/"}


def nfc(text: str) -> str:
    """Return text in Unicode's composed form."""
    return unicodedata.normalize("NFC", text)


def _slashes(written: str) -> str:
    return written.replace("\\", "/")


def _inside(path: str) -> list[str]:
    return [] if path == ".." or path.startswith("../") else [path]


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the pairs whose key occurs with one value only."""
    pairs = set(pairs)
    count = Counter(key for key, _ in pairs)
    return {key: value for key, value in pairs if count[key] == 1}


def _names(path: str) -> tuple[str, str]:
    pure = PurePosixPath(path)
    return pure.name, pure.stem
