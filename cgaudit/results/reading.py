"""How each column of a table was read: said, because a column may say nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from cgaudit.wording.numbers import count, plural
from cgaudit.wording.text import shown, visible

#: So many columns are named for each way of reading.
_NAMED = 8
#: Of a wide table so many columns are kept, those first of which there is something to know.
MOST_READINGS = 100

#: The ways to read a column.
NUMBER, CATEGORY, LEFT_OUT = "number", "category", "left out"


@dataclass(frozen=True)
class ColumnReading:
    """How one column was read, over all rows.

    Attributes
    ----------
    name
        Of the column.
    read_as
        ``number``, ``category``, or ``left out``: no feature.
    n_rows, n_missing
        Rows, and those without a value.
    n_unread
        Cells of a column of numbers that are none, taken as missing; cells of a column of
        categories whose category is rare or was not there at the fit, all taken as one.
    n_categories
        Categories that are told apart.
    says_nothing
        Every row gets the same numbers.
    example
        A cell that was not read.
    why
        Why it was left out, or what else is to be known of it.
    """

    name: str
    read_as: str
    n_rows: int = 0
    n_missing: int = 0
    n_unread: int = 0
    n_categories: int = 0
    says_nothing: bool = False
    example: str = ""
    why: str = ""

    @property
    def remarkable(self) -> bool:
        """Whether anybody needs to know."""
        unread = self.read_as == NUMBER and self.n_unread > 0
        return self.says_nothing or unread or bool(self.why)

    def facts(self) -> dict[str, Any]:
        """Return all but the name, without what is empty."""
        return {name: value for name, value in asdict(self).items() if name != "name" and value}

    @classmethod
    def of(cls, name: str, facts: object) -> ColumnReading | None:
        """Return the reading that `facts` were of, None where they are no such facts."""
        if not isinstance(facts, Mapping) or not isinstance(facts.get("read_as"), str):
            return None
        known = {it.name: type(it.default) for it in fields(cls) if it.name != "name"}
        known["read_as"] = str
        kept = {key: facts[key] for key, type_ in known.items() if type(facts.get(key)) is type_}
        return cls(name, **kept)

    def in_words(self) -> str:
        """Return how the column was read, without its name."""
        if self.read_as == LEFT_OUT:
            return f"left out: {self.why}"
        words = self._kind()
        if self.read_as == NUMBER and self.n_unread:
            are = "is" if self.n_unread == 1 else "are"
            words += (
                f"; {count(self.n_unread)} of {plural(self.n_rows, 'cell')} {are} no number "
                f"('{visible(self.example)}'), taken as missing"
            )
        return f"{words}; {self.why}" if self.why else words

    def _kind(self) -> str:
        if self.read_as == NUMBER:
            return "numbers, all equal: it says nothing" if self.says_nothing else "numbers"
        if not self.n_categories:
            return "categories, all of them rare: it says nothing"
        words = plural(self.n_categories, "category", "categories")
        return f"{words}, the same in all rows: it says nothing" if self.says_nothing else words


def readings_in_words(readings: Sequence[ColumnReading]) -> list[str]:
    """Return how columns were read, in sentences for a terminal: the remarkable ones by name."""
    ordinary = [it for it in readings if not it.remarkable]
    listed = [
        f"{kind}: {shown((it.name for it in ordinary if it.read_as == read_as), _NAMED)}"
        for read_as, kind in ((NUMBER, "numbers"), (CATEGORY, "categories"))
        if any(it.read_as == read_as for it in ordinary)
    ]
    odd = [it for it in readings if it.remarkable]
    more = f"{len(odd) - _NAMED:,} more columns to know of: summary.json has them"
    return [
        *([f"columns read as {'; as '.join(listed)}"] if listed else []),
        *(f"column '{visible(it.name)}': {it.in_words()}" for it in odd[:_NAMED]),
        *([more] if len(odd) > _NAMED else []),
    ]


def most_remarkable(readings: Sequence[ColumnReading]) -> list[ColumnReading]:
    """Return at most `MOST_READINGS`, in their order; of more, those to know of come first."""
    if len(readings) <= MOST_READINGS:
        return list(readings)
    return sorted(readings, key=lambda it: not it.remarkable)[:MOST_READINGS]
