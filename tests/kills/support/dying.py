"""Forks of this process that die at a moment that is known beforehand.

What computes is done in forks alone, so that no fork inherits threads.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

#: Which arguments of an audit event are paths that change; of an open file see `_changed`.
_CHANGING = {
    **dict.fromkeys(("os.remove", "os.rmdir", "os.mkdir", "os.truncate"), (0,)),
    **dict.fromkeys(("os.rename", "os.link", "os.symlink"), (0, 1)),
}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
#: What a fork exits with that met an exception.
FAILED = 70


class Death(NamedTuple):
    """When a fork dies.

    Attributes
    ----------
    kind
        ``operation``: before one more file below its folder is opened for writing, made, moved or
        removed; ``bytes``: while it writes a file, of which so many bytes are there by then;
        ``time``: after so many milliseconds of processor time.
    at
        How many of these.
    """

    kind: str
    at: int

    def __str__(self) -> str:
        unit = {"operation": " changes of files", "bytes": " bytes of a file", "time": " ms"}
        return f"killed after {self.at}{unit[self.kind]}"


class Ended(NamedTuple):
    """How a fork ended.

    Attributes
    ----------
    code
        The exit code, negative for the signal that killed it.
    milliseconds
        Processor time that it took.
    said
        What it printed.
    """

    code: int
    milliseconds: int
    said: str


def forked(
    folder: Path, words: list[str], work: Callable[[list[str]], object], death: Death | None = None
) -> Ended:
    """Run a command line in a fork, in a folder.

    Parameters
    ----------
    folder
        The current folder of the fork.
    words
        Given to `work`.
    work
        The command line: exits by SystemExit.
    death
        When the fork, and whatever it started, is killed; None to let it end.
    """
    log = folder.parent / "said"
    child = os.fork()
    if child:
        _, status, used = os.wait4(child, 0)
        spent = round(1000 * (used.ru_utime + used.ru_stime))
        said = log.read_text(encoding="utf-8", errors="replace")
        return Ended(os.waitstatus_to_exitcode(status), spent, said)
    code = FAILED
    try:
        os.setsid()
        with log.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        os.chdir(folder)
        if death is not None:
            _arm(death, folder)
        work(words)
        code = 0
    except SystemExit as leave:
        code = int(leave.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def operations(folder: Path, words: list[str], work: Callable[[list[str]], object]) -> int:
    """Run a command line to its end; return how many changes of files below the folder it made."""
    counter = folder.parent / "operations"

    def counted(words: list[str]) -> None:
        with _counting(folder) as seen:
            try:
                work(words)
            finally:
                counter.write_text(str(seen[0]))

    ended = forked(folder, words, counted)
    assert ended.code == 0, ended.said
    return int(counter.read_text())


def _arm(death: Death, folder: Path) -> None:
    if death.kind == "operation":
        sys.addaudithook(_hook(folder, death.at, [0]))
    elif death.kind == "bytes":
        # Python ignores the signal, which else ends a process that writes beyond the limit.
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (death.at, death.at))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    else:
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, max(death.at, 1) / 1000)


@contextmanager
def _counting(folder: Path) -> Iterator[list[int]]:
    seen = [0]
    sys.addaudithook(_hook(folder, None, seen))
    yield seen


def _hook(
    folder: Path, last: int | None, seen: list[int]
) -> Callable[[str, tuple[object, ...]], None]:
    """Return an audit hook that counts changes below a folder, and kills before one too many."""
    top = os.fspath(folder)

    def hook(event: str, args: tuple[object, ...]) -> None:
        if any(_below(path, top) for path in _changed(event, args)):
            if seen[0] == last:
                # Its own session: whatever it started dies too.
                os.killpg(0, signal.SIGKILL)
            seen[0] += 1

    return hook


def _changed(event: str, args: tuple[object, ...]) -> list[object]:
    if event == "open":
        return [args[0]] if isinstance(args[2], int) and args[2] & _WRITING else []
    return [args[at] for at in _CHANGING.get(event, ())]


def _below(path: object, top: str) -> bool:
    if not isinstance(path, str | bytes | os.PathLike):
        return False
    at = os.path.join(top, os.fsdecode(path))  # noqa: PTH118 - thousands of times
    return os.path.normpath(at).startswith(top + os.sep)
