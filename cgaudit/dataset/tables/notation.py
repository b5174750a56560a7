"""How a column writes its numbers: read by it, and written as it does."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from cgaudit.dataset.tables.cells import is_missing
from cgaudit.dataset.tables.numerals import Tally, number_in, unit_in

#: What stands around the digits, the sign and the marks between them.
_AROUND = re.compile(r"(?P<before>[^\d+\-.,\u2212]*).*?(?P<after>[^\d.,]*)", re.DOTALL)
#: Digits after the point to which a share may have been multiplied.
_SHARE_DIGITS = 12
#: Sizes of numbers that are written without an exponent.
_PLAIN = (1e-5, 1e16)


@dataclass(frozen=True)
class Notation:
    """How the numbers of a column are written.

    Attributes
    ----------
    decimal_comma
        1.234,5 rather than 1,234.5.
    before, after
        What stands around every number, such as a currency; empty where cells differ in it.
    """

    decimal_comma: bool = False
    before: str = ""
    after: str = ""

    @classmethod
    def of(cls, cells: Iterable[str | None]) -> Notation:
        """Return how most of the cells that are numbers are written."""
        kept = [cell for cell in cells if cell is not None and not is_missing(cell)]
        tally = Tally()
        tally.add(kept)
        bare = cls(tally.decimal_comma)
        around = {_around(cell) for cell in kept if bare.read(cell) is not None}
        before, after = around.pop() if len(around) == 1 else ("", "")
        return cls(tally.decimal_comma, before, after)

    def read(self, text: str) -> float | None:
        """Return the finite number that a cell writes, None where it writes none."""
        value = number_in(text, decimal_comma=self.decimal_comma)
        return value if value is not None and math.isfinite(value) else None

    def write(self, value: float) -> str:
        """Return a finite number as the column writes it: `read` gives the same one back."""
        for digits in self._digits(value):
            for text in (f"{self.before}{digits}{self.after}", digits):
                if self.read(text) == value:
                    return text
        return repr(value)

    def same(self, a: str | None, b: str | None, *, single: bool = False) -> bool:
        """Tell whether two cells are one text, or write one number.

        Parameters
        ----------
        a, b
            Cells; None where one is empty.
        single
            They are floats of 32 bits, which hold fewer digits than may be written.
        """
        if a is None or b is None or a == b:
            return a == b
        x, y = self.read(a), self.read(b)
        if x is None or y is None:
            return False
        return bool(np.float32(x) == np.float32(y)) if single else x == y

    def _digits(self, value: float) -> Iterator[str]:
        if unit_in(self.before + self.after) == "%":
            yield self._plain(round(100 * value, _SHARE_DIGITS))
        yield self._plain(value)

    def _plain(self, value: float) -> str:
        if not self.decimal_comma and not (value == 0 or _PLAIN[0] <= abs(value) < _PLAIN[1]):
            return repr(value)
        text = str(np.format_float_positional(value + 0.0, trim="-"))
        return text.replace(".", ",") if self.decimal_comma else text


def _around(cell: str) -> tuple[str, str]:
    found = _AROUND.fullmatch(cell)
    return (found["before"], found["after"]) if found else ("", "")
