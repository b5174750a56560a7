"""A cell of a table, and the text that it is."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from cgaudit.errors import TableError

Cells = list[str | None]

#: What a cell may be: text, `Number`, or what Parquet and JSON hold besides.
Value = Any

#: How tables write "no value", besides a blank cell, in any case; those with # are spreadsheets'.
MISSING = frozenset(
    {
        *("", "na", "n/a", "n.a.", "nan", "-nan", "null", "none", "<na>", "nat", "?", "-", "--"),
        *("#n/a", "#na", "#n/d", "#null!", "#div/0!", "#value!", "#ref!", "#num!", "#name?"),
    }
)

#: Numbers are shown with so many significant digits.
DIGITS = 4


class Number(str):
    """A number as it was written in a file; text otherwise."""

    __slots__ = ()


def as_text(value: Value, where: object) -> str | None:
    """Return a cell as text; None where it is empty, NaN or nothing.

    Raises
    ------
    TableError
        The cell holds bytes that are no UTF-8 text.
    """
    if value is None or isinstance(value, str):
        return well_formed(value) if value else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return None if math.isnan(value) else repr(value)
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8") or None
        except UnicodeDecodeError:
            raise TableError(f"{where} holds bytes where text is needed.") from None
    if isinstance(value, list | dict):
        return well_formed(json.dumps(value, ensure_ascii=False, default=str))
    return str(value)


def labels_in(value: Value, where: object) -> list[str]:
    """Return the labels of a cell as text, sorted: of a list those in it; none of an empty cell.

    Raises
    ------
    TableError
        As `as_text`.
    """
    items = value if isinstance(value, list) else [value]
    return sorted({text for item in items if (text := as_text(item, where)) is not None})


def joined(labels: Sequence[str]) -> str | None:
    """Return labels as one: several as JSON, None where there is none."""
    if len(labels) > 1:
        return json.dumps(labels, ensure_ascii=False)
    return labels[0] if labels else None


def listed_labels(values: Iterable[Value], column: str, where: object, notes: list[str]) -> Cells:
    """Return cells of labels, some of which are lists, as text.

    A list of one label is that label, of several their JSON, of none nothing.

    Parameters
    ----------
    values, column, where
        The cells, their column and their table.
    notes
        What is to be said of how they were read is added here.
    """
    several, found = 0, Cells()
    for value in values:
        labels = labels_in(value, where)
        several += len(labels) > 1
        found.append(joined(labels))
    if several:
        notes.append(
            f"column {column!r} holds several labels in {several:,} rows: each set of labels "
            "counts as a class of its own"
        )
    return found


def is_label_list(value: Value) -> bool:
    """Tell whether a cell is a list of texts, or of one value."""
    return isinstance(value, list) and (
        len(value) <= 1 or not any(isinstance(item, Number | list | dict) for item in value)
    )


def well_formed(text: str) -> str:
    """Return text that can be written as UTF-8: half a surrogate pair becomes U+FFFD.

    JSON's escapes and NumPy's text arrays may hold such halves, where an emoji was cut in two.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def is_number(text: str) -> bool:
    """Tell whether text is a finite number as Python writes one."""
    try:
        return math.isfinite(float(text)) and "_" not in text
    except ValueError:
        return False


def is_missing(text: str) -> bool:
    """Tell whether text says that there is no value."""
    return text.strip().lower() in MISSING


def rounded(text: str) -> str:
    """Return a cell to read: a number with a point keeps 4 significant digits, others stay.

    What stands before the point is never rounded: ``12345.678`` becomes ``12346``.
    """
    if not set(".eE") & set(text) or not is_number(text):
        return text
    value = float(text) + 0.0  # −0.0 becomes 0.0
    whole = 10 ** (DIGITS - 1) <= abs(value) < 1e15
    return min(text, f"{value:.0f}" if whole else f"{value:.{DIGITS}g}", key=len)


def floats_as_text(values: Iterable[float | None]) -> Cells:
    """Return floats as text, NaN as None; without a point where all of them are whole."""
    kept = [None if value is None or math.isnan(value) else float(value) for value in values]
    whole = all(value is None or value.is_integer() for value in kept)
    return [None if v is None else str(int(v)) if whole else repr(v) for v in kept]


def json_as_written(text: str, constant: Callable[[str], Any] | None = None) -> Any:  # noqa: ANN401
    """Parse JSON whose numbers keep their spelling (`Number`).

    Parameters
    ----------
    text
        The JSON.
    constant
        Called with ``NaN``, ``Infinity`` or ``-Infinity`` to give the value in its place; floats
        where None.

    Raises
    ------
    ValueError
        It is no JSON.
    RecursionError
        It is nested too deeply.
    """
    return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=constant)


def not_utf8(where: object, error: UnicodeDecodeError) -> TableError:
    """Return the error of a place in a text file that is not UTF-8."""
    byte = error.object[error.start]
    return TableError(f"{where}: byte 0x{byte:02x} is not UTF-8. Save the table as UTF-8.")
