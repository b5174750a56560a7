"""Being told to stop: what is temporary is removed first."""

from __future__ import annotations

import signal
from types import FrameType

#: What ends a process that does not say otherwise; SIGINT is an exception in Python already.
_ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


def leave_orderly() -> None:
    """Have signals that end this process leave no temporary files.

    It exits as shells say it of a process that died of the signal, by 128 + its number. What is
    ignored (``nohup``) stays ignored. SIGKILL can be told nothing.
    """
    for number in _ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _leave)


def _leave(number: int, _frame: FrameType | None) -> None:
    # Once is enough: a second signal must not interrupt the removing.
    for other in _ENDING:
        signal.signal(other, signal.SIG_IGN)
    raise SystemExit(128 + number)
