"""Files that stand in for others: Git LFS leaves pointers where nobody fetched the contents."""

from __future__ import annotations

from pathlib import Path

from cgaudit.errors import TableError

# https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
_BEGINS = b"version https://git-lfs.github.com/spec/"
#: Pointers are shorter.
_LONGEST = 1024

LFS_POINTER = "a Git LFS pointer, not the content: run `git lfs pull`"


def is_lfs_pointer(file: Path | bytes) -> bool:
    """Tell whether a file, or its bytes, only points to a content that Git LFS keeps.

    Raises
    ------
    OSError
        It cannot be read.
    """
    if isinstance(file, bytes):
        return len(file) <= _LONGEST and file.startswith(_BEGINS)
    with file.open("rb") as opened:
        return is_lfs_pointer(opened.read(_LONGEST + 1))


def refuse_lfs_pointer(file: Path) -> None:
    """Raise TableError where a table, an array or a shard is a pointer."""
    if file.is_file() and is_lfs_pointer(file):
        raise TableError(f"{file} is {LFS_POINTER}.")
