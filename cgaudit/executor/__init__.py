"""Where work runs: in this process, or on a Ray cluster. The results are the same bytes.

Work is a function of parts of the data, whose number and size depend on the size of the data alone
(`parts_of`), and each part is computed by one thread. Results of parts are merged by a tree that
depends on their number alone (`base.folded`). So no number of workers can move a byte, and where
work runs is no parameter: it is chosen by the environment variable CGAUDIT_ON, or by ``--on``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from cgaudit.errors import ParamsError
from cgaudit.executor.base import ClusterError, Column, Done, Executor, Shared, parts_of
from cgaudit.executor.serial import MOST_THREADS, Inline, Serial
from cgaudit.wording.text import nearest

__all__ = [
    "MOST_THREADS",
    "ClusterError",
    "Column",
    "Done",
    "Executor",
    "Inline",
    "Serial",
    "Shared",
    "chosen",
    "parts_of",
    "running_on",
]

#: The environment variable that says where.
VARIABLE = "CGAUDIT_ON"

_asked: ContextVar[str | None] = ContextVar("where work runs", default=None)


@contextmanager
def running_on(name: str | None) -> Iterator[None]:
    """Have the work inside run where a name says; None leaves it to the environment.

    Raises
    ------
    ParamsError
        Work runs in no such place.
    """
    _maker(name or "serial")
    token = _asked.set(name)
    try:
        yield
    finally:
        _asked.reset(token)


def chosen(threads: int = MOST_THREADS) -> Executor:
    """Return where work runs: what `running_on` says, else CGAUDIT_ON, else this process.

    Parameters
    ----------
    threads
        How many parts may be in work side by side in one process.

    Raises
    ------
    ParamsError
        Work runs in no such place.
    ClusterError
        There is no cluster to run it on.
    """
    return _maker(_asked.get() or os.environ.get(VARIABLE) or "serial")(threads)


def _maker(name: str) -> Callable[[int], Executor]:
    if name not in _MAKERS:
        raise ParamsError(
            f"{VARIABLE} (or --on) is {name!r}, not one of {', '.join(_MAKERS)}."
            f"{nearest(name, list(_MAKERS))}"
        )
    return _MAKERS[name]


def _on_ray(_: int) -> Executor:
    from cgaudit.executor.onray import OnRay

    return OnRay.connected()


_MAKERS: dict[str, Callable[[int], Executor]] = {"serial": Serial, "ray": _on_ray}
