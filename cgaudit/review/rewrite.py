"""Text tables of labels with a few labels changed and rows left out, every other byte as it was."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from cgaudit.dataset import DelimitedTable, Table
from cgaudit.errors import DecisionError
from cgaudit.reading.spans import value_span
from cgaudit.wording.labelsets import SetNotation

#: Tells whether two labels are one.
Same = Callable[[str | None, str | None], bool]

_BOM = b"\xef\xbb\xbf"
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")


class Changes(NamedTuple):
    """What becomes of the rows of a table; row 0 is the first below the header.

    Attributes
    ----------
    labels
        New labels by row.
    dropped
        Rows to leave out.
    same
        Tells whether two labels are one: as texts, or as the numbers or sets that they write.
    sets
        How several labels a cell are read; None where each has one.
    """

    labels: Mapping[int, str]
    dropped: Collection[int]
    same: Same = operator.eq
    sets: SetNotation | None = None

    def read(self, table: Table, column: str) -> Sequence[str | None]:
        """Return the labels of a table, as an audit reads them."""
        if self.sets is None:
            return table.labels(column, [])
        return table.label_sets(column, self.sets, [])


class Edit(NamedTuple):
    """Whole lines ``data[start:end]`` that become others, or none."""

    start: int
    end: int
    new: bytes


def edits_of(table: Table, data: bytes, column: str, changes: Changes) -> list[Edit]:
    """Return what changes in a labels table of delimited text or JSON lines.

    Every byte outside of the changed labels and dropped rows stays: quoting, line ends, byte order
    mark, the order of columns.

    Parameters
    ----------
    table
        The table as it is read.
    data
        Its file.
    column
        The label column.
    changes
        What to change.
    """
    if isinstance(table, DelimitedTable):
        return delimited_edits(data, table.delimiter, column, changes)
    return json_lines_edits(data, column, changes)


def edited(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Return the data with the edits made; they are in order and do not overlap."""
    kept, at = [], 0
    for edit in edits:
        kept += [data[at : edit.start], edit.new]
        at = edit.end
    return b"".join([*kept, data[at:]])


def unified_diff(name: str, data: bytes, edits: Iterable[Edit]) -> str:
    """Return the edits as a unified diff without context."""
    hunks = []
    at, line, shift = 0, 1, 0
    for edit in edits:
        line += data.count(b"\n", at, edit.start)
        at = edit.start
        old, new = (_lines(text) for text in (data[edit.start : edit.end], edit.new))
        before = f"{line if old else line - 1},{len(old)}"
        after = f"{line + shift - (0 if new else 1)},{len(new)}"
        hunks += [f"@@ -{before} +{after} @@", *(f"-{x}" for x in old), *(f"+{x}" for x in new)]
        shift += len(new) - len(old)
    return "\n".join([f"--- a/{name}", f"+++ b/{name}", *hunks]) + "\n" if hunks else ""


def _lines(text: bytes) -> list[str]:
    lines = text.decode("utf-8", "replace").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def delimited_edits(data: bytes, delimiter: str, column: str, changes: Changes) -> list[Edit]:
    """Return what changes in delimited text.

    A field that was quoted stays quoted; another is quoted where it must be.
    """
    edits = []
    row, place = -1, -1
    for record in _records(data, len(_BOM) if data.startswith(_BOM) else 0, delimiter):
        if not data[record.start : record.end].strip(b"\r\n"):
            continue
        if row < 0:
            place = [_unquoted(data[start:end]) for start, end in record.fields].index(column)
        elif row in changes.dropped:
            edits.append(Edit(record.start, record.end, b""))
        elif row in changes.labels:
            start, end = record.fields[place]
            label = _quoted(changes.labels[row], data[start:end], delimiter)
            new = data[record.start : start] + label + data[end : record.end]
            edits.append(Edit(record.start, record.end, new))
        row += 1
    return edits


class _Record(NamedTuple):
    start: int
    end: int
    fields: list[tuple[int, int]]


def _records(data: bytes, start: int, delimiter: str) -> Iterator[_Record]:
    """Yield where records and their fields lie; a record ends behind its line end.

    Delimiters, quotes and line ends are ASCII, and no byte of a longer UTF-8 character is: bytes
    will do.
    """
    mark = delimiter.encode()
    field = re.compile(
        rb'("[^"]*(?:""[^"]*)*"[^%b\r\n]*|[^%b\r\n]*)(%b|\r\n|\n|\r|\Z)' % (mark, mark, mark)
    )
    fields: list[tuple[int, int]] = []
    for match in field.finditer(data, start):
        if match.start() == len(data) and not fields:
            return
        fields.append(match.span(1))
        if match[2] != mark:
            yield _Record(start, match.end(), fields)
            start, fields = match.end(), []


def _unquoted(field: bytes) -> str:
    text = field.decode()
    return text[1:-1].replace('""', '"') if text.startswith('"') else text


def _quoted(label: str, before: bytes, delimiter: str) -> bytes:
    if before.startswith(b'"') or any(mark in label for mark in (delimiter, '"', "\r", "\n")):
        label = '"' + label.replace('"', '""') + '"'
    return label.encode()


def json_lines_edits(data: bytes, column: str, changes: Changes) -> list[Edit]:
    """Return what changes in JSON lines.

    A label takes the type of the one it replaces: a number, a truth value, or a list, where the new
    one can be that. Where there was none it takes the type that all others in the column have.
    """
    edits = []
    lines = _Lines(data, column)
    for row, line in enumerate(lines):
        if row in changes.dropped:
            edits.append(Edit(*line.span(), b""))
        elif row in changes.labels:
            new = _relabelled_line(line[0].decode(), lines, changes.labels[row])
            edits.append(Edit(*line.span(), new.encode()))
    return edits


class _Lines:
    """The lines of a table of JSON lines that hold a row."""

    def __init__(self, data: bytes, column: str) -> None:
        self._data = data
        self.column = column

    def __iter__(self) -> Iterator[re.Match[bytes]]:
        for line in re.finditer(rb"[^\n]*\n|[^\n]+", self._data):
            if line[0].removeprefix(_BOM).strip():
                yield line

    @cached_property
    def usual(self) -> Any:  # noqa: ANN401 - any JSON value
        """A label of the type that all labels of the column have; None where they have several."""
        found = {}
        for line in self:
            value = json.loads(line[0].decode("utf-8-sig")).get(self.column)
            if not _is_nothing(value):
                found[_type(value)] = value
        return found.popitem()[1] if len(found) == 1 else None


def _is_nothing(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    return value is None or value == "" or value != value  # NaN


def _type(value: Any) -> type:  # noqa: ANN401 - any JSON value
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)


def _relabelled_line(line: str, lines: _Lines, label: str) -> str:
    start, end = _value_span(line, lines.column)
    old = json.loads(line[start:end])
    like = lines.usual if _is_nothing(old) else old
    return line[:start] + _as_json(label, like, escaped="\\u" in line) + line[end:]


def _as_json(label: str, like: Any, *, escaped: bool) -> str:  # noqa: ANN401 - any JSON value
    """Return a label as JSON, of the type of another where it can be."""
    text = json.dumps(label, ensure_ascii=escaped)
    if isinstance(like, bool):
        return label if label in ("true", "false") else text
    if isinstance(like, int | float):
        return label if is_json_number(label) else text
    if isinstance(like, list):
        if is_json_list(label):
            return label
        element = next((element for element in like if element is not None), None)
        return f"[{_as_json(label, element, escaped=escaped)}]"
    return text


def is_json_number(label: str) -> bool:
    """Tell whether a label is a number as JSON writes one."""
    return _NUMBER.fullmatch(label) is not None


def is_json_list(label: str) -> bool:
    """Tell whether a label is a list, written as JSON."""
    try:
        return isinstance(json.loads(label), list)
    except (ValueError, RecursionError):
        return False


def _value_span(line: str, key: str) -> tuple[int, int]:
    """Return where the value of a key lies in a line that holds a JSON object."""
    found = value_span(line, line.index("{"), key)
    if found is None:
        raise DecisionError(
            f"The line {line.strip()[:80]!r} has no {key!r} to change. Add an empty one first."
        )
    return found
