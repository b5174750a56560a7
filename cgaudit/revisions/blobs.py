"""Many contents out of git, one after the other, none of them whole in memory."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from cgaudit.revisions.git import Git
from cgaudit.revisions.sink import Sink

_BLOCK = 1 << 20


class Blobs:
    """Reads blobs by their hashes through one ``git cat-file --batch``."""

    def __init__(self, asked: IO[bytes], answered: IO[bytes]) -> None:
        self._asked = asked
        self._answered = answered

    def pour(self, oid: str, out: Sink) -> bool:
        """Copy a blob's bytes to `out`; False where this clone does not have it."""
        self._asked.write(f"{oid}\n".encode())
        self._asked.flush()
        header = self._answered.readline().split()
        if len(header) != 3:
            return False
        left = int(header[2])
        while left:
            block = self._answered.read(min(left, _BLOCK))
            if not block:
                return False
            left -= len(block)
            out.write(block)
        self._answered.read(1)
        return True


@contextmanager
def reading(git: Git) -> Iterator[Blobs]:
    """Start a process that hands out blobs; it ends with the context."""
    process: subprocess.Popen[bytes] = git.started("cat-file", "--batch")
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("started without pipes")
    try:
        yield Blobs(process.stdin, process.stdout)
    finally:
        process.stdout.close()
        process.stdin.close()
        process.wait()
