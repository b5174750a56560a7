"""Messages and progress on stderr; results are the commands' own, on stdout."""

from __future__ import annotations

import io
import logging
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TextIO

import click

from cgaudit.errors import CgauditError
from cgaudit.wording import terminal
from cgaudit.wording.markdown import Markdown
from cgaudit.wording.workflow import Command

#: The loggers that DVC prints with, by handlers of its own.
_PRINTING = ("dvc", "dvc_objects", "dvc_data")

#: A message says what is wrong; whatever it quotes is cut.
MESSAGE_LIMIT = 8_000

#: Work that is done sooner shows no bar.
QUIET_SECONDS = 2.0


def take_over() -> None:
    """Have all that is printed go through the terminal's door, whoever prints it.

    Warnings and logs of libraries name what they are about, and so do the messages of errors that
    nobody caught. What the encoding of stdout has no bytes for is written out.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    logging.lastResort = _Told(logging.WARNING)
    for name in _PRINTING:
        # Whenever DVC is imported, it would have these loggers print names as they are.
        logging.getLogger(name).addHandler = _no_handler  # type: ignore[method-assign]
    warnings.showwarning = _tell_warning
    sys.excepthook = _tell_traceback


def say(result: object) -> None:
    """Print a result on stdout."""
    text = terminal.inert(str(result)).rstrip("\n")
    # Of what the encoding has no bytes for, Markdown shows what a reference stands for.
    errors = "xmlcharrefreplace" if isinstance(result, Markdown) else "backslashreplace"
    _print(text.encode(_encoding(), errors).decode(_encoding()))


def say_json(data: object, indent: int | None = 2) -> None:
    """Print a result for machines on stdout."""
    _print(terminal.as_json(data, indent, _encoding()))


def say_commands(commands: Iterable[Command]) -> None:
    """Print what is meant for GitHub Actions, on stdout."""
    for command in commands:
        _print(str(command))


def tell(messages: Iterable[str]) -> None:
    """Print messages for a person on stderr."""
    for message in messages:
        click.echo(f"cgaudit: {_message(message)}", err=True)


def tell_one(message: str) -> None:
    """Print one message for a person on stderr."""
    tell([message])


def tell_error(error: CgauditError) -> None:
    """Print what went wrong on stderr, the first of its lines as a message."""
    first, *more = error.lines
    tell_one(first)
    for text in more:
        click.echo(f"  {_message(text)}", err=True)


def drop_unwritable_output() -> None:
    """Drop what stdout still holds if it cannot be written.

    Python would try once more at its end, and exit with 120.
    """
    try:
        sys.stdout.flush()
    except OSError:
        _print_nowhere()


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[float, float], None]]:
    """Yield a function to call with (done, total); it draws a bar with the time that remains.

    Silent when stderr is no terminal or the variable CI is set.
    """
    from tqdm import tqdm

    seen = sys.stderr is not None and sys.stderr.isatty()
    silent = not seen or bool(os.environ.get("CI"))
    form = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}"
    with tqdm(desc=title, delay=QUIET_SECONDS, disable=silent, bar_format=form, total=1.0) as bar:

        def show(done: float, total: float) -> None:
            bar.update(done / total - bar.n if total else 0)

        yield show


def _message(text: str) -> str:
    """Return one line, of which names that go on and on do not make a log."""
    left = len(text) - MESSAGE_LIMIT
    more = f"… ({left:,} more characters)" if left > 0 else ""
    return terminal.line(text[:MESSAGE_LIMIT]) + more


def _encoding() -> str:
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def _print(text: str) -> None:
    """Print on stdout; where the reader has gone (``| head``), go on without it.

    The exit code is the command's own, so that a gate holds whoever reads what it says.
    """
    try:
        click.echo(text)
    except BrokenPipeError:
        _print_nowhere()


def _print_nowhere() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _no_handler(hdlr: logging.Handler) -> None:
    """Let a logger have no handler of its own: what it says goes on to `_Told`."""


class _Told(logging.Handler):
    """Tells what libraries log."""

    def emit(self, record: logging.LogRecord) -> None:
        tell_one(f"{record.levelname.lower()}: {record.getMessage()}")


def _tell_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    tell_one(f"{category.__name__}: {message}")


def _tell_traceback(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    for text in "".join(traceback.format_exception(kind, error, trace)).split("\n"):
        click.echo(terminal.inert(text), err=True)
