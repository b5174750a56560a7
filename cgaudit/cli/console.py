"""Messages and progress on stderr; results are the commands' own, on stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import click

from cgaudit.errors import CgauditError
from cgaudit.wording import terminal

#: Work that is done sooner shows no bar.
QUIET_SECONDS = 2.0


def say(result: object) -> None:
    """Print a result on stdout."""
    click.echo(terminal.inert(str(result)).rstrip("\n"))


def say_json(data: object, indent: int | None = 2) -> None:
    """Print a result for machines on stdout."""
    click.echo(terminal.as_json(data, indent))


def tell(messages: Iterable[str]) -> None:
    """Print messages for a person on stderr."""
    for message in messages:
        click.echo(f"cgaudit: {terminal.line(message)}", err=True)


def tell_one(message: str) -> None:
    """Print one message for a person on stderr."""
    tell([message])


def tell_error(error: CgauditError) -> None:
    """Print what went wrong on stderr, the first of its lines as a message."""
    first, *more = error.lines
    tell_one(first)
    for text in more:
        click.echo(f"  {terminal.line(text)}", err=True)


def drop_unwritable_output() -> None:
    """Drop what stdout still holds if it cannot be written.

    Python would try once more at its end, and exit with 120.
    """
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[float, float], None]]:
    """Yield a function to call with (done, total); it draws a bar with the time that remains.

    Silent when stderr is no terminal or the variable CI is set.
    """
    from tqdm import tqdm

    silent = not sys.stderr.isatty() or bool(os.environ.get("CI"))
    form = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}"
    with tqdm(desc=title, delay=QUIET_SECONDS, disable=silent, bar_format=form, total=1.0) as bar:

        def show(done: float, total: float) -> None:
            bar.update(done / total - bar.n if total else 0)

        yield show
