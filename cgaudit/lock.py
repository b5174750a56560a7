"""One process at a time writes to a project."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cgaudit.errors import BusyError
from cgaudit.project import Project

try:
    import fcntl
except ImportError:  # Windows, which has no advisory locks of this kind.
    fcntl = None  # type: ignore[assignment]

#: What says that another process holds a lock. Other errors say that there can be no locks.
_TAKEN = (errno.EWOULDBLOCK, errno.EACCES)


@contextmanager
def alone(project: Project, what: str) -> Iterator[None]:
    """Hold a project's lock; the system lets go of it when a process ends, however it ends.

    Parameters
    ----------
    project
        Which is written to.
    what
        The command, for the message of others.

    Raises
    ------
    BusyError
        Another process holds it.
    """
    path = project.lock_file
    opened = _taken(path) if fcntl is not None else None
    if opened is None:
        yield
        return
    try:
        os.ftruncate(opened, 0)
        os.write(opened, f"cgaudit {what}, process {os.getpid()}".encode())
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(opened)
        with suppress(OSError):  # Other things lie there.
            path.parent.rmdir()


def _taken(path: Path) -> int | None:
    """Return the lock file, opened and locked; None where none can be made.

    So it is where the folder is read-only: nobody else has a lock there either.
    """
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        except FileNotFoundError:  # Whoever was here last has just tidied up.
            continue
        except OSError:
            return None
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(opened), path.stat()):
                return opened
        except FileNotFoundError:
            pass
        except OSError as error:
            if error.errno not in _TAKEN:
                return opened
            holder = os.pread(opened, 200, 0).decode("utf-8", "replace")
            os.close(opened)
            raise BusyError(
                f"Another command is at work on this project ({holder or 'cgaudit'}). Wait until "
                "it is done, or end it; nothing was written."
            ) from None
        os.close(opened)
