"""Numbers as people and spreadsheets write them: grouped, with a decimal comma, a currency, a %."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from cgaudit.dataset.tables.cells import is_missing, is_number

#: Signs that stand for a minus; a hyphen is what Python reads.
_MINUS = dict.fromkeys(map(ord, "\u2212\u2012\u2013\ufe63\uff0d"), "-")
#: Between groups of three digits, besides the comma or the point that is not the decimal one.
_SPACES = dict.fromkeys(map(ord, " \u00a0\u2009\u202f\u2007'\u2019"), " ")
_TO_HYPHEN_AND_SPACE = {**_MINUS, **_SPACES}
_NO_SIGNS = dict.fromkeys(map(ord, "+-., "))
_WITH_POINT = re.compile(r"[+-]?(?:\d+|[1-9]\d{0,2}(?:([, ])\d{3})(?:\1\d{3})*)?(?:\.\d*)?")
_WITH_COMMA = re.compile(r"[+-]?(?:\d+|[1-9]\d{0,2}(?:([. ])\d{3})(?:\1\d{3})*)?(?:,\d*)?")
#: No number that a person grouped is longer.
_LONGEST = 64


def number_in(text: str, *, decimal_comma: bool = False) -> float | None:
    """Return the finite number that text writes, or None where it writes none.

    Read are what Python reads, and besides: groups of three digits, a currency sign, a per cent
    sign (a hundredth), and the minus that is no hyphen.

    Parameters
    ----------
    text
        A cell.
    decimal_comma
        The column writes 1.234,5 rather than 1,234.5.
    """
    if not decimal_comma and is_number(text):
        return float(text)
    if len(text) > _LONGEST:
        return None
    unit = unit_in(text)
    bare = text.strip().translate(_TO_HYPHEN_AND_SPACE).replace(unit, "", 1).strip()
    digits = bare.translate(_NO_SIGNS)
    pattern = _WITH_COMMA if decimal_comma else _WITH_POINT
    if not digits.isascii() or not digits or not pattern.fullmatch(bare):
        return None
    if decimal_comma:
        bare = bare.replace(".", "").replace(",", ".")
    value = float(bare.replace(",", "").replace(" ", ""))
    return value / 100 if unit == "%" else value


def unit_in(text: str) -> str:
    """Return the first sign of a currency, or the ``%``, in a cell; an empty string without one."""
    return next((c for c in text if c == "%" or unicodedata.category(c) == "Sc"), "")


class Tally:
    """Counts in which of the two ways the cells of a column can be read as numbers.

    Attributes
    ----------
    values
        Cells that say something.
    """

    def __init__(self) -> None:
        self.values = 0
        self._point = 0
        self._comma = 0

    def add(self, cells: Iterable[str | None]) -> None:
        """Count some cells; None and what says that there is no value are not counted."""
        for cell in cells:
            if cell is not None and not is_missing(cell):
                self.values += 1
                self._point += number_in(cell) is not None
                self._comma += number_in(cell, decimal_comma=True) is not None

    @property
    def decimal_comma(self) -> bool:
        """Whether more cells are numbers with a decimal comma than with a point."""
        return self._comma > self._point

    @property
    def numbers(self) -> int:
        """How many cells are numbers, read in the better way."""
        return max(self._comma, self._point)

    def is_number(self, kept: int) -> bool:
        """Tell whether the column is one of numbers.

        It is where every cell is one. Where some are not (``<0.01``, ``error``), it is if that
        loses no more cells than to read it as categories would.

        Parameters
        ----------
        kept
            How many cells are in a category that is not rare.
        """
        return self.values > 0 and self.numbers >= kept and 2 * self.numbers > self.values


def canonical_number(text: str) -> str:
    """Return a number in its shortest spelling, ``1.50`` as ``1.5``; what is no number as it is.

    Leading zeros stay, as they make codes (``007``), and so do exponents.
    """
    if "." not in text or not re.fullmatch(r"-?\d+\.\d*", text, re.ASCII):
        return text
    short = text.rstrip("0").rstrip(".")
    return "0" if short == "-0" else short
