"""Folders whose files hold many samples each: saved datasets and tar shards."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from cgaudit.dataset.images import IMAGE_SUFFIXES
from cgaudit.dataset.sources.shards import SHARD_SUFFIX, holds_shards
from cgaudit.dataset.tables import SAVED_MARKS, SAVED_NAMES, SAVED_SUFFIX, is_saved_dataset


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
    saved = any(path.name in SAVED_MARKS for path in paths)
    if not saved and any(path.suffix.lower() in IMAGE_SUFFIXES for path in paths):
        return []
    return [
        str(path)
        for path in paths
        if path.name in SAVED_NAMES or path.suffix.lower() in {SAVED_SUFFIX, SHARD_SUFFIX}
    ]
