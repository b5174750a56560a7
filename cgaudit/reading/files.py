"""The bytes of a regular file: no folder, no loop of links, no FIFO that is waited for."""

from __future__ import annotations

import os
import stat
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


def bytes_of(path: Path) -> bytes:
    """Return the bytes of a regular file.

    Raises
    ------
    FileNotFoundError, Damage
        As `opened`.
    """
    try:
        with opened(path) as file:
            return file.read()
    except (FileNotFoundError, Damage):
        raise
    except OSError as error:
        raise Damage(_lower(error.strerror or type(error).__name__)) from None


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
