"""The door of GitHub's workflow commands: annotations that nobody but us has made.

A command is a line that begins with ``::``; the terminal's door lets no other line begin so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NewType

from cgaudit.wording.terminal import line

#: How many characters of a message are shown.
LIMIT = 2000

_Escaped = NewType("_Escaped", str)


@dataclass(frozen=True)
class Command:
    """A line that GitHub Actions acts on: an annotation, and nothing else."""

    _line: _Escaped

    def __str__(self) -> str:
        return self._line


def annotation(kind: Literal["error", "warning", "notice"], title: str, text: str) -> Command:
    """Return a command that shows a message beside the changes.

    Parameters
    ----------
    kind
        How it is shown.
    title
        Ours.
    text
        One line; names in it may be anybody's.
    """
    if len(text) > LIMIT:
        text = f"{text[: LIMIT - 1]}…"
    # As GitHub's toolkit does. Line ends are written out before.
    escaped = line(text).replace("%", "%25")
    return Command(_Escaped(f"::{kind} title={title}::{escaped}"))
