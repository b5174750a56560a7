"""Contents that Git LFS keeps, found by the pointers that git has in their place."""

from __future__ import annotations

import hashlib
import re
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from cgaudit.errors import DamagedObjectError, MissingObjectError
from cgaudit.reading.files import Damage, opened
from cgaudit.revisions.git import Git
from cgaudit.revisions.sink import Sink

# https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
_BEGINS = b"version https://git-lfs.github.com/spec/"
_OID = re.compile(rb"^oid sha256:([0-9a-f]{64})$", re.MULTILINE)
_SIZE = re.compile(rb"^size ([0-9]{1,18})$", re.MULTILINE)
#: Pointers are shorter, in bytes.
LONGEST_POINTER = 1024
_BLOCK = 1 << 20


class Pointer(NamedTuple):
    """What stands in git for a content: its SHA-256, in hex, and its size in bytes."""

    sha256: str
    size: int


def is_lfs_pointer(data: bytes) -> bool:
    """Tell whether these are the bytes of a pointer instead of a content."""
    return len(data) <= LONGEST_POINTER and data.startswith(_BEGINS)


def pointer_of(data: bytes) -> Pointer | None:
    """Return what a pointer says; None where the bytes are no pointer, but a content."""
    if not is_lfs_pointer(data):
        return None
    oid, size = _OID.search(data), _SIZE.search(data)
    return Pointer(oid[1].decode(), int(size[1])) if oid and size else None


class Lfs:
    """The store of Git LFS in a clone.

    Parameters
    ----------
    git
        The repository.
    """

    def __init__(self, git: Git) -> None:
        self._git = git

    @cached_property
    def _objects(self) -> Path:
        """Where contents lie: all working trees of a clone share it; `lfs.storage` moves it."""
        common = self._git.root / self._git.text("rev-parse", "--git-common-dir").rstrip("\n")
        return common / (self._git.setting("lfs.storage") or "lfs") / "objects"

    def pour(self, pointer: Pointer, out: Sink, path: str, where: str) -> None:
        """Copy the content of a pointer to `out`.

        Parameters
        ----------
        pointer
            Its SHA-256 says where the content lies, and what it must be.
        out
            What is in there after an error is worth nothing.
        path, where
            The file and its version, for messages.

        Raises
        ------
        MissingObjectError
            The content was never fetched.
        DamagedObjectError
            It is not what the pointer says.
        """
        name = pointer.sha256
        file = self._objects / name[:2] / name[2:4] / name
        digest, size = hashlib.sha256(), 0
        try:
            with opened(file) as content:
                while block := content.read(_BLOCK):
                    digest.update(block)
                    size += out.write(block)
        except (FileNotFoundError, Damage):
            raise MissingObjectError(
                f"{path} at {where} is kept by Git LFS, and its content is not in this clone. "
                "Fetch it: `git lfs fetch --all`. If that does not bring it, whoever added it "
                "must `git lfs push --all REMOTE`."
            ) from None
        if (digest.hexdigest(), size) != pointer:
            raise DamagedObjectError(
                f"{path} at {where} is damaged where Git LFS keeps it: {file} is not the content "
                "that its name promises. Remove that file, then `git lfs fetch --all`."
            )
