"""Folders whose files hold many samples each: saved datasets and tar shards."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from cgaudit.dataset.images import SUFFIXES
from cgaudit.dataset.saved import INFO, SPLITS, STATE, is_saved_dataset
from cgaudit.dataset.shards import SHARD_SUFFIX, holds_shards

_SAVED_NAMES = frozenset({INFO, SPLITS, STATE})
_SAVED_SUFFIX = ".arrow"


def is_packed(folder: Path) -> bool:
    """Tell whether the samples of a source folder are no files of their own."""
    return folder.is_dir() and (is_saved_dataset(folder) or holds_shards(folder))


def packed_files(names: Iterable[str]) -> list[str]:
    """Return those of a folder's files that must be there to open it; none for image folders.

    Parameters
    ----------
    names
        The paths of all its files, relative to it.
    """
    paths = [PurePosixPath(name) for name in names]
    saved = any(path.name in {STATE, SPLITS} for path in paths)
    if not saved and any(path.suffix.lower() in SUFFIXES for path in paths):
        return []
    return [
        str(path)
        for path in paths
        if path.name in _SAVED_NAMES or path.suffix.lower() in {_SAVED_SUFFIX, SHARD_SUFFIX}
    ]
