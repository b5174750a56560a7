"""JSON lines, a row at a time, from any row on."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

from cgaudit.dataset.tables.cells import (
    Cells,
    Value,
    is_label_list,
    json_as_written,
    listed_labels,
    not_utf8,
)
from cgaudit.dataset.tables.table import Table
from cgaudit.errors import TableError
from cgaudit.wording.text import CONFLICT, in_conflict

#: So many cells tell whether a column holds lists of labels.
_LOOKED_AT = 1000


class JsonLinesTable(Table):
    """One JSON object a line; a column is a key that any of them has.

    Numbers keep their spelling (`Number`), NaN and Infinity are empty cells. The file is read once,
    whole, when it is opened: to check it and to note where each row starts.

    Raises
    ------
    TableError
        The file is empty, or a line is no JSON object or no UTF-8.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._offsets = array("q")
        names: dict[str, None] = {}
        position = 0
        with file.open("rb") as opened:
            for number, line in enumerate(opened, start=1):
                if line.strip():
                    names.update(dict.fromkeys(_parsed(line, f"{file}, line {number}")))
                    self._offsets.append(position)
                position += len(line)
        if not self._offsets:
            raise TableError(f"{file} is empty. It needs one JSON object per sample.")
        self.columns = list(names)

    def __len__(self) -> int:
        return len(self._offsets)

    def rows(self, columns: Sequence[str], start: int = 0) -> Iterator[tuple[Value, ...]]:
        """Yield each row's values."""
        if start >= len(self):
            return
        with self.file.open("rb") as opened:
            opened.seek(self._offsets[start])
            for line in opened:
                if line.strip():
                    row = _parsed(line, str(self.file))
                    yield tuple(None if row.get(c) == "" else row.get(c) for c in columns)

    def labels(self, column: str, notes: list[str]) -> Cells:
        """Return a column of labels as text; a list of one label is that label."""
        cells = (value for (value,) in self.rows([column]))
        return listed_labels(cells, column, self.file, notes)

    def lists_labels(self, column: str) -> bool:
        """Tell whether the first cells of a column are lists of texts, or of one value."""
        found = map(is_label_list, self.head(column, _LOOKED_AT))
        return next(found, False) and all(found)


def _parsed(line: bytes, where: str) -> dict[str, Value]:
    try:
        row = json_as_written(line.decode("utf-8-sig"), constant=_nothing)
    except UnicodeDecodeError as error:
        raise not_utf8(where, error) from None
    except RecursionError:
        raise TableError(f"{where} is JSON that is nested too deeply. Flatten it.") from None
    except json.JSONDecodeError as error:
        if line.startswith(CONFLICT.encode()):
            raise TableError(in_conflict(where)) from None
        raise TableError(_not_an_object(line, where, str(error))) from None
    if not isinstance(row, dict):
        raise TableError(_not_an_object(line, where, "it is no object ({…})"))
    return row


def _not_an_object(line: bytes, where: str, reason: str) -> str:
    if line.lstrip().startswith(b"["):
        return (
            f"{where} begins a list: JSON lines are an object a line, and this is one document. "
            "In Python, `pandas.read_json(FILE, dtype=False).to_json(FILE, orient='records', "
            "lines=True)` rewrites it."
        )
    return f"{where} is not JSON with an object a line: {reason}."


def _nothing(_name: str) -> None:
    return None
