"""The bytes of a regular file: no folder, no loop of links, no FIFO that is waited for."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


class Damage(ValueError):
    """A file is not what its reader relies on; says in a few words why."""


def opened(path: Path) -> BinaryIO:
    """Open a regular file to read its bytes; does not wait for a FIFO.

    Raises
    ------
    FileNotFoundError
        There is nothing, or a link to nothing.
    Damage
        It is no regular file, or cannot be read.
    """
    try:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except NotADirectoryError as error:
        raise FileNotFoundError(error.errno, "No such file", str(path)) from None
    except OSError as error:
        raise Damage(_lower(error.strerror or type(error).__name__)) from None
    mode = os.fstat(number).st_mode
    if not stat.S_ISREG(mode):
        os.close(number)
        raise Damage("it is a folder" if stat.S_ISDIR(mode) else "it is no regular file")
    return os.fdopen(number, "rb")


def bytes_of(path: Path, most: int | None = None) -> bytes:
    """Return the bytes of a regular file, the first `most` of them where that is given.

    Raises
    ------
    FileNotFoundError, Damage
        As `opened`.
    """
    try:
        with opened(path) as file:
            return file.read(-1 if most is None else most)
    except (FileNotFoundError, Damage):
        raise
    except OSError as error:
        raise Damage(_lower(error.strerror or type(error).__name__)) from None


def md5_at(path: Path) -> str:
    """Return the MD5 of a regular file, or that of the names and MD5s of the files in a folder.

    Raises
    ------
    FileNotFoundError, Damage
        As `opened`.
    """
    if path.is_dir():
        files = sorted(path.iterdir())
        lines = (f"{file.name} {bytes_md5(bytes_of(file))}\n" for file in files)
        return bytes_md5("".join(lines).encode())
    return bytes_md5(bytes_of(path))


def bytes_md5(data: bytes) -> str:
    """Return the MD5 of some bytes, in hex."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def brief(error: BaseException, most: int = 200) -> str:
    """Return what a library says of a file, on one line of at most so many characters."""
    return " ".join(str(error).split())[:most] or type(error).__name__


@contextmanager
def artefact(path: object, kind: str, made_by: str, error: type[Exception]) -> Iterator[None]:
    """Have what cannot be read raise an error that names the command that makes it anew.

    Parameters
    ----------
    path
        What a message calls the file.
    kind
        What it should be: ``"a scores table"``.
    made_by
        The command.
    error
        What to raise.
    """
    try:
        yield
    except FileNotFoundError:
        raise error(f"There is no {path}. Run `{made_by}`.") from None
    except Damage as damage:
        raise error(f"{path} cannot be read as {kind}: {damage}. Run `{made_by}` again.") from None


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
