"""Figures and untrusted names as text for a terminal and as Markdown for a pull request.

A page is a head, sections (each a table) and a tail. Both forms show as many rows as there is room
for and count the rest: nothing is cut in silence.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: A comment on GitHub holds 65,536 characters; in bytes, and with room for what CI adds.
MARKDOWN_LIMIT = 60_000

_NAME_LIMIT = 80
_JOINERS = "\u200c\u200d"
_PLAIN = frozenset(" -/.")


class Name(str):
    """Text from the data (a label, an id), which is never trusted."""

    __slots__ = ()


@dataclass(frozen=True)
class Section:
    """A titled table.

    Attributes
    ----------
    title
        What the rows are.
    columns
        Their names.
    rows
        Cells as text; what comes from the data as `Name`. The most important row first.
    most
        How many rows are shown at most.
    folded
        A list to open and count, rather than a few figures that always show.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    most: int = 100
    folded: bool = True


def name(text: object) -> Name:
    """Mark text as coming from the data; None (no label) stays recognisable."""
    return Name("(none)" if text is None else text)


def visible(text: object, limit: int = _NAME_LIMIT) -> str:
    """Return text on one line without control or invisible characters, at most `limit` long."""
    shown = "".join(_visible(character) for character in str(text)[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _visible(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    return character.encode("unicode_escape").decode("ascii")


def markdown_name(text: object) -> str:
    """Return untrusted text as Markdown that shows it and does nothing else.

    It stands in a ``code`` element, where platforms look for no mentions, and every mark of ASCII
    is a character reference, which neither Markdown nor HTML reads as markup. Left as they are:
    dots and slashes, which make links only behind ``www`` and ``:``.
    """
    return f"<code>{_references(visible(text)) or '&#32;'}</code>"


def markdown_prose(text: str, limit: int = 400) -> str:
    """Return a sentence with untrusted names in it as inert Markdown.

    A zero-width space behind ``@`` and ``#`` keeps platforms from notifying or linking.
    """
    return (
        _references(visible(text, limit))
        .replace("&#64;", "&#64;&#8203;")
        .replace("&#35;", "&#35;&#8203;")
    )


def _references(text: str) -> str:
    return "".join(
        character
        if character.isalnum() or character in _PLAIN or not character.isascii()
        else f"&#{ord(character)};"
        for character in text
    ).replace("www.", "www&#46;")


def markdown_page(
    head: str, sections: Iterable[Section], tail: str, limit: int = MARKDOWN_LIMIT
) -> str:
    """Return a Markdown page of at most `limit` bytes.

    Parameters
    ----------
    head, tail
        Markdown, shown whole.
    sections
        Those without rows are left out. The earlier ones get their rows first.
    limit
        In bytes of UTF-8.
    """
    sections = [section for section in sections if section.rows]
    room = limit - _size(head) - _size(tail) - 4
    room -= sum(_size(_markdown_section(section, [])) + 2 for section in sections)
    blocks = [head]
    for section in sections:
        rows = []
        for row in section.rows[: section.most]:
            line = _markdown_row(_markdown_cell(cell) for cell in row)
            if _size(line) + 1 > room:
                break
            room -= _size(line) + 1
            rows.append(line)
        blocks.append(_markdown_section(section, rows))
    return "\n\n".join([*blocks, tail]) + "\n"


def text_page(head: str, sections: Iterable[Section], tail: str) -> str:
    """Return a page for a terminal."""
    blocks = [head, *(_text_section(section) for section in sections if section.rows)]
    return "\n\n".join([*blocks, tail] if tail else blocks) + "\n"


def figure(value: float | None, digits: int = 3) -> str:
    """Return a score with digits after the point, a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}"


def change(value: float | None, digits: int = 3) -> str:
    """Return a difference with its sign."""
    return "–" if value is None else f"{value:+.{digits}f}"


def count(number: int, one: str, many: str | None = None) -> str:
    """Return ``"1 sample"`` or ``"1,797 samples"``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _markdown_section(section: Section, rows: Sequence[str]) -> str:
    table = [
        _markdown_row(section.columns),
        _markdown_row("---" for _ in section.columns),
        *rows,
    ]
    hidden = len(section.rows) - len(rows)
    more = [f"\n… and {hidden:,} more, listed by `--json`."] if hidden else []
    body = "\n".join([*table, *more])
    title = f"{section.title} ({len(section.rows):,})"
    if section.folded:
        return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"
    return f"**{section.title}**\n\n{body}"


def _markdown_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _markdown_cell(cell: str) -> str:
    return markdown_name(cell) if isinstance(cell, Name) else cell


def _text_section(section: Section) -> str:
    rows = [[visible(cell) for cell in row] for row in section.rows[: section.most]]
    table = [list(section.columns), *rows]
    widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
    lines = [
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in table
    ]
    hidden = len(section.rows) - len(rows)
    more = [f"… and {hidden:,} more, listed by --json."] if hidden else []
    title = f"{section.title} ({len(section.rows):,})" if section.folded else section.title
    return "\n".join([title, *lines, *more])


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _size(text: str) -> int:
    return len(text.encode())
