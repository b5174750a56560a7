"""Labels tables with a few labels changed and rows left out, every other byte as it was."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from cgaudit.errors import DecisionError

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
    """

    labels: Mapping[int, str]
    dropped: Collection[int]


class Edit(NamedTuple):
    """Whole lines ``data[start:end]`` that become others, or none."""

    start: int
    end: int
    new: bytes


def edits_of(path: Path, data: bytes, column: str, changes: Changes) -> list[Edit]:
    """Return what changes in a labels table of delimited text or JSON lines.

    Every byte outside of the changed labels and dropped rows stays: quoting, line ends, byte order
    mark, the order of columns.

    Parameters
    ----------
    path
        Its suffix says what the table is.
    data
        The table.
    column
        The label column.
    changes
        What to change.
    """
    suffix = path.suffix.lower()
    if suffix in {".jsonl", ".ndjson"}:
        return json_lines_edits(data, column, changes)
    delimiter = "\t" if suffix in {".tsv", ".tab"} else _delimiter(data)
    return delimited_edits(data, delimiter, column, changes)


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


def _delimiter(data: bytes) -> str:
    """Return what separates the fields of a ``.csv``: no comma in its header means another."""
    header = data.removeprefix(_BOM).lstrip().partition(b"\n")[0].decode()
    others = [mark for mark in ";\t" if mark in header]
    return others[0] if others and "," not in header else ","


def _unquoted(field: bytes) -> str:
    text = field.decode()
    return text[1:-1].replace('""', '"') if text.startswith('"') else text


def _quoted(label: str, before: bytes, delimiter: str) -> bytes:
    if before.startswith(b'"') or any(mark in label for mark in (delimiter, '"', "\r", "\n")):
        label = '"' + label.replace('"', '""') + '"'
    return label.encode()


def json_lines_edits(data: bytes, column: str, changes: Changes) -> list[Edit]:
    """Return what changes in JSON lines.

    A label that was a number or a truth value stays one where the new one can be.
    """
    edits = []
    row = 0
    for line in re.finditer(rb"[^\n]*\n|[^\n]+", data):
        if not line[0].removeprefix(_BOM).strip():
            continue
        if row in changes.dropped:
            edits.append(Edit(*line.span(), b""))
        elif row in changes.labels:
            new = _relabelled_line(line[0].decode(), column, changes.labels[row])
            edits.append(Edit(*line.span(), new.encode()))
        row += 1
    return edits


def _relabelled_line(line: str, column: str, label: str) -> str:
    start, end = _value_span(line, column)
    old = json.loads(line[start:end])
    if isinstance(old, bool):
        bare = label in ("true", "false")
    else:
        bare = isinstance(old, int | float) and _NUMBER.fullmatch(label) is not None
    new = label if bare else json.dumps(label, ensure_ascii="\\u" in line)
    return line[:start] + new + line[end:]


def _value_span(line: str, key: str) -> tuple[int, int]:
    """Return where the value of a key lies in a line that holds a JSON object.

    Of a repeated key the last value counts, as it does when reading.
    """
    decoder = json.JSONDecoder()
    blank = re.compile(r"[ \t\r\n]*[,:{]?[ \t\r\n]*")
    found = None
    at = blank.match(line, line.index("{")).end()  # type: ignore[union-attr]
    while line[at] != "}":
        name, at = decoder.raw_decode(line, at)
        start = blank.match(line, at).end()  # type: ignore[union-attr]
        _, at = decoder.raw_decode(line, start)
        if name == key:
            found = (start, at)
        at = blank.match(line, at).end()  # type: ignore[union-attr]
    if found is None:
        raise DecisionError(
            f"The line {line.strip()[:80]!r} has no {key!r} to change. Add an empty one first."
        )
    return found


def parquet_rewritten(path: Path, column: str, changes: Changes) -> bytes:
    """Return a Parquet table with some labels changed and some rows left out.

    Schema, metadata and compression stay.

    Raises
    ------
    DecisionError
        A label does not fit in the column's type.
    """
    file = pq.ParquetFile(path)
    table = file.read()
    place = table.schema.get_field_index(column)
    field = table.schema.field(place)
    values = table[column].to_pylist()
    for row, label in changes.labels.items():
        values[row] = _typed(label, field.type, column)
    relabelled = pa.array(values, field.type)
    keep = [row for row in range(len(table)) if row not in changes.dropped]
    table = table.set_column(place, field, relabelled).take(keep)
    first = file.metadata.row_group(0)
    compression = first.column(place).compression.lower()
    buffer = io.BytesIO()
    pq.write_table(
        table,
        buffer,
        compression="none" if compression == "uncompressed" else compression,
        row_group_size=first.num_rows,
    )
    return buffer.getvalue()


def _typed(label: str, kind: pa.DataType, column: str) -> object:
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    try:
        return pa.scalar(label).cast(inner).as_py()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise DecisionError(
            f"The label {label!r} does not fit in the column {column!r}, which holds {inner}. "
            "Choose one of the labels that are there, or change the column's type."
        ) from None
