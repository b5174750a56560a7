"""Several labels in one cell, written as the table writes them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence

import pyarrow as pa

from cgaudit.dataset import Form, ParquetTable, SetCell, Table, Value, set_of_cell
from cgaudit.errors import DecisionError, LabelsError
from cgaudit.review.rewrite import is_json_number
from cgaudit.wording.labelsets import SetNotation, set_as_text, set_in


class SetColumn:
    """A column of label sets: how each cell writes its labels, and how others are written there.

    Parameters
    ----------
    table
        The table.
    column
        Its label column.
    notation
        What stands between labels, if anything does.
    name
        Of the table, for messages.

    Raises
    ------
    LabelsError
        A cell holds no set of labels.
    DecisionError
        The column's type has no place for names.
    """

    def __init__(self, table: Table, column: str, notation: SetNotation, name: str) -> None:
        _refuse_numbers(table, column, name)
        self._notation = notation
        self._where = f"{name}, column {column!r}"
        self._values = list(table.label_values(column))
        self._cells = [set_of_cell(value, notation, self._where) for value in self._values]
        # One without labels does not say how they are written.
        forms = Counter(cell.form for cell in self._cells if cell is not None and cell.labels)
        # An empty cell is filled as most others are.
        self._usual = forms.most_common(1)[0][0] if forms else self._without_example(table, column)
        self._joint, self._comma = self._usual_joints()

    def written(self, row: int, wanted: str) -> str:
        """Return a set of labels as the cell of a row is to hold it.

        Labels that were there keep their order, others follow.

        Parameters
        ----------
        row
            Counted from 0.
        wanted
            The set, as `cgaudit.wording.labelsets` writes it.

        Raises
        ------
        DecisionError
            It would be read as another set.
        """
        labels, cell, value = set_in(wanted) or (), self._cells[row], self._values[row]
        there = () if cell is None else cell.labels
        added = [label for label in labels if label not in there]
        ordered = [*(label for label in there if label in labels), *added]
        text = self._text(ordered, cell, value)
        self._refuse_other(text, cell, wanted)
        return text

    def same(self, a: str | None, b: str | None) -> bool:
        """Tell whether two cells of text hold the same labels."""
        return self._read(a) == self._read(b)

    def _read(self, value: Value) -> frozenset[str] | None:
        cell = set_of_cell(value, self._notation, self._where)
        return None if cell is None else frozenset(cell.labels)

    def _form(self, cell: SetCell | None) -> Form:
        """Return how a cell is to write labels: as it does, or as most others do."""
        says = cell is not None and (cell.labels or cell.form is Form.LIST)
        return cell.form if cell is not None and says else self._usual

    def _text(self, labels: Sequence[str], cell: SetCell | None, value: Value) -> str:
        form = self._form(cell)
        if form is Form.BARE and len(labels) == 1:
            return labels[0]
        if form is Form.SPLIT and labels:
            own = _joint(value, self._notation.separator) if cell is not None else None
            return (own or self._joint).join(labels)
        if form is Form.LIST:
            return _as_list(labels, value)
        own = value if isinstance(value, str) and form is Form.JSON else None
        comma = self._comma if own is None or "," not in own else _comma(own)
        return json.dumps(labels, ensure_ascii="\\u" in (own or ""), separators=(comma, ": "))

    def _refuse_other(self, text: str, cell: SetCell | None, wanted: str) -> None:
        """Raise where what is written would not be read as the labels that were decided."""
        separator = self._notation.separator
        try:
            found = self._read(json.loads(text) if self._form(cell) is Form.LIST else text)
        except LabelsError:
            found = None
        if found is not None and set_as_text(found) == wanted:
            return
        labels = set_in(wanted) or ()
        odd = [label for label in labels if separator is not None and separator in label]
        why = (
            f"{odd[0]!r} holds {separator!r}, which stands between labels there "
            "(source.label_separator)"
            if odd
            else f"{text!r} would be read as other labels"
        )
        raise DecisionError(
            f"The labels {wanted} cannot be written to {self._where}: {why}. Choose other labels, "
            'or write lists such as ["cat", "dog"] there. Nothing was written.'
        )

    def _usual_joints(self) -> tuple[str, str]:
        """Return what stands between labels most often: with a separator, and in JSON."""
        separator = self._notation.separator
        texts = [value for value in self._values if isinstance(value, str)]
        joints = Counter(it for text in texts if (it := _joint(text, separator)))
        lists = [t for t, cell in self._texts() if cell.form is Form.JSON and "," in t]
        commas = Counter(map(_comma, lists))
        return (
            joints.most_common(1)[0][0] if joints else separator or "",
            commas.most_common(1)[0][0] if commas else ", ",
        )

    def _texts(self) -> Iterable[tuple[str, SetCell]]:
        for value, cell in zip(self._values, self._cells, strict=True):
            if isinstance(value, str) and cell is not None:
                yield value, cell

    def _without_example(self, table: Table, column: str) -> Form:
        if isinstance(table, ParquetTable) and table.lists_labels(column):
            return Form.LIST
        return Form.JSON if self._notation.separator is None else Form.SPLIT


def _refuse_numbers(table: Table, column: str, name: str) -> None:
    if not isinstance(table, ParquetTable):
        return
    type_ = table.schema.field(column).type
    listed = pa.types.is_list(type_) or pa.types.is_large_list(type_)
    if listed and not table.lists_labels(column):
        raise DecisionError(
            f"The column {column!r} of {name} holds {type_}, which has no place for names of "
            "labels. Make it lists of text."
        )


def _joint(value: Value, separator: str | None) -> str | None:
    """Return what stands between the first two labels of a text, with the spaces around it."""
    if not isinstance(value, str) or separator is None or separator not in value:
        return None
    before, after = value.split(separator)[:2]
    left = before[len(before.rstrip()) :] if before.strip() else ""
    right = after[: len(after) - len(after.lstrip())] if after.strip() else ""
    return f"{left}{separator}{right}"


def _comma(text: str) -> str:
    return ", " if ", " in text else ","


def _as_list(labels: Sequence[str], old: Value) -> str:
    """Return labels as a list in JSON: numbers where all that were there are numbers."""
    items = old if isinstance(old, list) else []
    # As JSON lines give them; a text that looks like a number is one.
    numbers = bool(items) and not any(type(it) is str for it in items)
    written = [
        label if numbers and is_json_number(label) else json.dumps(label, ensure_ascii=False)
        for label in labels
    ]
    return f"[{', '.join(written)}]"
