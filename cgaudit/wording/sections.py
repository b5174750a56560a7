"""What a terminal and a comment show alike: a head, sections (each a table) and a tail.

Both show as many rows as there is room for and count the rest: nothing is cut in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: Rows of a list that are shown at most.
MOST = 100


class Name(str):
    """Text from the data (a label, an id): told apart from our own words where it is shown."""

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
    total
        How many rows there are, where those beyond `most` were not made; None where all were.
    folded
        A list to open and count, rather than a few figures that always show.
    note
        A sentence of our own below the rows.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    most: int = MOST
    folded: bool = True
    total: int | None = None
    note: str = ""

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.rows) if self.total is None else self.total

    @property
    def heading(self) -> str:
        """The title, of a list with how many rows there are."""
        return f"{self.title} ({self.count:,})" if self.folded else self.title


def name(text: object) -> Name:
    """Mark text as coming from the data; None (no label) stays recognisable."""
    return Name("(none)" if text is None else text)
