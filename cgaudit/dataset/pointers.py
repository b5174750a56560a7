"""Files that stand in for others: Git LFS leaves pointers where nobody fetched the contents."""

from __future__ import annotations

from pathlib import Path

from cgaudit import revisions
from cgaudit.errors import TableError

LFS_POINTER = "a Git LFS pointer, not the content: run `git lfs pull`"


def is_lfs_pointer(file: Path | bytes) -> bool:
    """Tell whether a file, or its bytes, only points to a content that Git LFS keeps.

    Raises
    ------
    OSError
        It cannot be read.
    """
    if isinstance(file, bytes):
        return revisions.is_lfs_pointer(file)
    with file.open("rb") as opened:
        return revisions.is_lfs_pointer(opened.read(revisions.LONGEST_POINTER + 1))


def refuse_lfs_pointer(file: Path) -> None:
    """Raise TableError where a table, an array or a shard is a pointer."""
    if file.is_file() and is_lfs_pointer(file):
        raise TableError(f"{file} is {LFS_POINTER}.")
