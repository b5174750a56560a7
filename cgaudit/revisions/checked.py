"""Bytes out of DVC, held to what DVC recorded of them.

DVC's own ways to copy a file out link it where the cache is linked, leave a file that is there
already as it is, and check nothing: what comes out may be empty, or damaged. Here bytes are always
copied, and their number and MD5 are those that were recorded, or there is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO, NamedTuple

from cgaudit.errors import DamagedObjectError

_BLOCK = 1 << 20
#: The hashes of whole contents that DVC has used: since version 3, and before.
_OF_CONTENT = frozenset({"md5", "md5-dos2unix"})


class Recorded(NamedTuple):
    """What DVC recorded of a file's content; None where it did not.

    Attributes
    ----------
    algorithm
        How `digest` was computed. DVC 2 changed the line ends of text before it did.
    digest
        In hex.
    size
        In bytes.
    """

    algorithm: str | None
    digest: str | None
    size: int | None


def recorded(info: Mapping[str, Any]) -> Recorded:
    """Return what DVC recorded of a file; nothing of a file that git or the workspace holds."""
    if "fs_info" in info or "dvc_info" not in info:
        return Recorded(None, None, None)
    entry = info["dvc_info"]["entry"]
    size = entry.meta.size if entry.meta is not None else None
    known = entry.hash_info
    if known is None or known.name not in _OF_CONTENT:
        return Recorded(None, None, size)
    return Recorded(known.name, known.value, size)


def pour(files: Any, name: str, out: BinaryIO) -> None:  # noqa: ANN401 - untyped dvc
    """Copy a file's bytes to `out`.

    Parameters
    ----------
    files
        The ``DVCFileSystem``.
    name
        Of the file, in it.
    out
        What is in there after an error is worth nothing.

    Raises
    ------
    DamagedObjectError
        They are not what was recorded.
    """
    from dvc_data.hashfile.hash import get_hash_stream

    expected = recorded(files.info(name))
    size = 0
    with files.open(name, "rb") as file:
        stream = get_hash_stream(file, expected.algorithm or "md5")
        while block := stream.read(_BLOCK):
            size += out.write(block)
        place = getattr(file, "name", None) or getattr(file, "path", None)
    if expected.size is not None and size != expected.size:
        raise DamagedObjectError(_damaged(name, place, f"{size:,} bytes", f"{expected.size:,}"))
    if expected.digest is not None and stream.hash_value != expected.digest:
        found = f"MD5 {stream.hash_value}"
        raise DamagedObjectError(_damaged(name, place, found, expected.digest))


def _damaged(name: str, place: object, found: str, expected: str) -> str:
    where = f"the file {place}" if place else "its content"
    return (
        f"{name.lstrip('/')} is damaged where DVC keeps it: {where} has {found}, and {expected} "
        "was recorded. Remove that file, then `dvc fetch`; where it is the remote's own, put in "
        "its place the file of that name from `.dvc/cache` of a clone that has it whole."
    )
