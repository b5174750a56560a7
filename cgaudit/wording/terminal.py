"""The terminal's door: what is printed can show anything and do nothing.

A terminal acts on control characters (ESC, BEL, the C1 controls), bidi overrides turn the order of
a line, and CI services act on what they find in a log: ``::error::`` where a line begins,
``##[error]``, ``##vso[``, ``##teamcity[`` anywhere. All that is printed, results, messages and
errors alike, goes through `inert`, `line` or `as_json` as its last step; what is meant for a CI
service is a `cgaudit.wording.workflow.Command`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable

from cgaudit.wording.sections import Section
from cgaudit.wording.text import JOINERS, visible

#: Shown as they are: line ends and tabs, spaces of all widths, and what scripts are joined by.
_SHOWN = frozenset(f"\n\t{JOINERS}")
_NOT_ASCII = re.compile(r"[^\x20-\x7e]")
#: Where a CI service looks for a command: at the beginning of a line, and anywhere in it.
_BEGINS = re.compile(r"^([^\S\n]*):(?=:)", re.MULTILINE)
_INSIDE = re.compile(r"#(?=#\w*\[)")


def inert(text: str) -> str:
    r"""Return text in which what a terminal or a CI log would act on is written out: ``\x1b``."""
    shown = _NOT_ASCII.sub(lambda match: _written_out(match[0]), text)
    return _INSIDE.sub(r"\\x23", _BEGINS.sub(r"\1\\x3a", shown))


def _written_out(character: str) -> str:
    if _is_shown(character):
        return character
    return character.encode("unicode_escape").decode("ascii")


def line(text: str) -> str:
    """Return `inert` text in which no line ends: a name in it cannot begin another one."""
    return inert(text).replace("\n", "\\n").replace("\t", "\\t")


def as_json(data: object, indent: int | None = 2, encoding: str = "utf-8") -> str:
    """Return JSON that reads back as `data`, and that a terminal or a CI log only shows.

    What `encoding` has no bytes for is escaped too.
    """

    def escaped(match: re.Match[str]) -> str:
        character = match[0]
        shown = _is_shown(character) and fits(character, encoding)
        return character if shown else json.dumps(character)[1:-1]

    text = json.dumps(data, indent=indent, ensure_ascii=False)
    return _INSIDE.sub(r"\\u0023", _NOT_ASCII.sub(escaped, text))


def fits(text: str, encoding: str) -> bool:
    """Tell whether an encoding has bytes for a text."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _is_shown(character: str) -> bool:
    return character.isprintable() or character in _SHOWN or unicodedata.category(character) == "Zs"


def page(head: str, sections: Iterable[Section], tail: str = "") -> str:
    """Return a page for a terminal.

    Parameters
    ----------
    head, tail
        Lines of their own; names in them are one line each (`visible`).
    sections
        Those without rows are left out.
    """
    blocks = [head, *(_section(section) for section in sections if section.rows)]
    return "\n\n".join([*blocks, tail] if tail else blocks) + "\n"


def _section(section: Section) -> str:
    rows = section.rows[: section.most]
    hidden = section.count - len(rows)
    more = [f"… and {hidden:,} more, listed by --json."] if hidden else []
    note = [section.note] if section.note else []
    return "\n".join([section.heading, *table(section.columns, rows), *more, *note])


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Return the lines of a table, each cell on one line and aligned to the left."""
    cells = [list(columns), *([visible(cell) for cell in row] for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in cells
    ]


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
