"""CSV and TSV, a row at a time, from any row on."""

from __future__ import annotations

import csv
from array import array
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO, ClassVar

from cgaudit.dataset.tables.cells import not_utf8
from cgaudit.dataset.tables.table import ROWS_AT_ONCE, Table, refuse_repeats
from cgaudit.errors import TableError
from cgaudit.wording.text import CONFLICT, in_conflict

_FIELD_LIMIT = 1 << 26
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class DelimitedTable(Table):
    """A delimited table by RFC 4180: quoted delimiters, quotes and line ends inside a field.

    It is read once, whole, when it is opened: to check it and to note where each row starts.

    Parameters
    ----------
    file
        UTF-8, with or without byte order mark.
    delimiter
        Between fields. Where a header holds no comma, semicolons or tabs are tried.

    Attributes
    ----------
    delimiter
        Between fields, as found.

    Raises
    ------
    TableError
        The file is empty, is not UTF-8, or a row has another number of fields than the header.
    """

    typed: ClassVar[bool] = False

    def __init__(self, file: Path, delimiter: str) -> None:
        self.file = file
        self._offsets = array("q")
        csv.field_size_limit(_FIELD_LIMIT)
        with file.open("rb") as opened:
            first = _first_line(opened)
            if delimiter == "," and b"," not in first:
                delimiter = next((other for other in ";\t" if other.encode() in first), delimiter)
            self.delimiter = delimiter
            self.columns = self._index(_Lines(opened, file))

    def __len__(self) -> int:
        return len(self._offsets)

    def rows(self, columns: Sequence[str], start: int = 0) -> Iterator[tuple[str | None, ...]]:
        """Yield each row's cells, all of them text."""
        at = [self.columns.index(column) for column in columns]
        for row in self._rows(start):
            yield tuple(row[column] or None for column in at)

    def blocks(self, columns: Sequence[str]) -> Iterator[Sequence[Sequence[str | None]]]:
        """Yield the cells of some rows at a time, by column."""
        at = [self.columns.index(column) for column in columns]
        rows = self._rows(0)
        while block := list(islice(rows, ROWS_AT_ONCE)):
            by_column = list(zip(*block, strict=True))
            yield [[cell or None for cell in by_column[column]] for column in at]

    def _rows(self, start: int) -> Iterator[list[str]]:
        if start >= len(self):
            return
        with self.file.open("rb") as opened:
            lines = _Lines(opened, self.file, self._offsets[start])
            yield from filter(None, csv.reader(lines, delimiter=self.delimiter, strict=True))

    def _index(self, lines: _Lines) -> list[str]:
        """Note where each row starts, and return the header."""
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        header: list[str] = []
        try:
            while (begin := lines.position) is not None and (row := next(reader, None)) is not None:
                if row and row[0].startswith(CONFLICT) and len(row) != max(2, len(header)):
                    raise TableError(in_conflict(self.file, reader.line_num))
                if not header:
                    header = row
                elif len(row) == len(header):
                    self._offsets.append(begin)
                elif row:
                    raise TableError(
                        f"{self.file}, line {reader.line_num}: {len(row)} fields where the header "
                        f"has {len(header)}. Quote fields that hold the delimiter "
                        f"{self.delimiter!r}."
                    )
        except csv.Error as error:
            raise TableError(f"{self.file}, line {reader.line_num}: {error}.") from None
        if not "".join(header).strip():
            raise TableError(f"{self.file} is empty. It needs a header line and a row per sample.")
        refuse_repeats(self.file, header)
        return header


class _Lines:
    r"""The lines of a file as text, and where the next one starts.

    Only ``\n``, ``\r`` and ``\r\n`` end a line, not the likes of ``\x0b`` or ``\u2028`` in a cell.
    """

    def __init__(self, file: BinaryIO, path: Path, position: int = 0) -> None:
        self._file = file
        self._path = path
        self._number = 0
        self._waiting: deque[bytes] = deque()
        self.position = position
        file.seek(position)
        if position == 0 and file.read(len(_BYTE_ORDER_MARK)) == _BYTE_ORDER_MARK:
            self.position = len(_BYTE_ORDER_MARK)
        file.seek(self.position)

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if not self._waiting:
            self._waiting.extend(self._file.readline().splitlines(keepends=True))
        if not self._waiting:
            raise StopIteration
        line = self._waiting.popleft()
        self.position += len(line)
        self._number += 1
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise not_utf8(f"{self._path}, line {self._number}", error) from None


def _first_line(file: BinaryIO) -> bytes:
    return next((line for line in file if line.strip()), b"")
