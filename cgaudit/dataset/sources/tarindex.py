"""What a tar archive holds and where, without taking anything out of it."""

from __future__ import annotations

import posixpath
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cgaudit.dataset.walk import left_behind, printable
from cgaudit.wording.text import one_line

#: Members after which tarfile's own list of them is emptied.
_FORGET_AFTER = 1000
_BLOCK = 512
_COMPRESSED = {b"\x1f\x8b": "gzip", b"BZ": "bzip2", b"\xfd7": "xz", b"\x28\xb5": "zstd"}


class Member(NamedTuple):
    """A regular file in an archive.

    Attributes
    ----------
    name
        Its path, normalised.
    offset, size
        Where its bytes are, and how many.
    """

    name: str
    offset: int
    size: int


class Refused(NamedTuple):
    """A member that is not used, or the archive itself (name ``""``), and why."""

    name: str
    reason: str


def members(archive: Path) -> Iterator[Member | Refused]:
    """Yield what an uncompressed tar archive holds, in its order.

    Nothing is extracted. Links, devices, sparse files, names that are absolute or climb out and
    names that start with a dot are refused; folders are left out. An archive that is cut off or
    damaged yields what comes before the damage, and says so last.
    """
    size = archive.stat().st_size
    reached = 0
    try:
        with tarfile.open(archive, "r:") as opened:
            for number, info in enumerate(iter(opened.next, None)):
                # Sizes are written in the file: one below 0 would send the reader back for ever.
                ends = info.offset_data + info.size
                if info.size < 0 or opened.offset <= reached or ends > size:
                    yield Refused("", _cut_off(info.name))
                    return
                reached = opened.offset
                if (found := _judged(info)) is not None:
                    yield found
                if number % _FORGET_AFTER == 0:
                    opened.members.clear()  # type: ignore[attr-defined]
            # tarfile takes a damaged header for the end.
            if any(block := read_member(archive, opened.offset, _BLOCK)) or not block:
                yield Refused("", "the archive is damaged or cut off: its end is not marked")
    # On damaged headers tarfile raises whatever comes up: a chain of long names ends in a
    # RecursionError, a sparse map of text in a ValueError.
    except Exception as error:
        yield Refused("", _unreadable(archive, error))


def read_member(archive: Path, offset: int, size: int) -> bytes:
    """Return a member's bytes."""
    with archive.open("rb") as file:
        file.seek(offset)
        return file.read(size)


def _judged(info: tarfile.TarInfo) -> Member | Refused | None:
    name = posixpath.normpath(info.name)
    shown = printable(name)
    if info.isdir():
        return None
    if shown != name:
        return Refused(shown, "its name is not valid UTF-8")
    if posixpath.basename(name).startswith(".") and name != "..":
        return Refused(name, "hidden (a name with a dot first)")
    if posixpath.isabs(info.name) or ".." in info.name.split("/"):
        return Refused(name, "its name leaves the archive")
    if reason := left_behind(name):
        return Refused(name, reason)
    if info.islnk() or info.issym():
        return Refused(name, "a link, which is not followed")
    if not info.isreg() or info.issparse():
        return Refused(name, "not a regular file")
    return Member(name, info.offset_data, info.size)


def _cut_off(name: str) -> str:
    return f"the archive is cut off or damaged at {printable(name)!r}"


def _unreadable(archive: Path, error: Exception) -> str:
    with archive.open("rb") as file:
        start = file.read(2)
    if start in _COMPRESSED:
        return f"compressed with {_COMPRESSED[start]}: its members cannot be found by position"
    return f"no readable tar archive, or damaged ({one_line(error) or type(error).__name__})"
