"""The door of CSV files: a spreadsheet shows a cell that anybody may have written, and runs none.

Spreadsheets take a cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line end for a
formula, which may start programs or send cells elsewhere. OWASP's remedy is an apostrophe in front
(owasp.org, "CSV Injection"). Here it can be undone: a cell that begins like a guarded one is
guarded as well, so that `unguarded` gives back what `guarded` was given. Plain numbers are no
formulas.

Of the files that this package writes and reads the guard is undone in reading. Tables of users are
neither guarded nor unguarded: their cells are what they are.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from typing import TextIO

#: Of the full width too: some spreadsheets make them narrow.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def guarded(cell: str) -> str:
    """Return text that a spreadsheet reads as text."""
    formula = _FORMULA.match(cell) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if formula else cell


def unguarded(cell: str) -> str:
    """Return what `guarded` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def write_rows(file: TextIO, rows: Iterable[Iterable[object]]) -> None:
    """Write rows of a CSV file whose text is guarded."""
    writer = csv.writer(file, lineterminator="\n")
    # Python quotes a cell for its line ends only where they are those of the file.
    careful = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in rows:
        cells = [guarded(cell) if isinstance(cell, str) else cell for cell in row]
        ends = any(isinstance(cell, str) and "\r" in cell for cell in cells)
        (careful if ends else writer).writerow(cells)
