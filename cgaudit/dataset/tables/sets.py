"""Cells that hold several labels: lists, lists written as JSON, or texts with a separator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple

from cgaudit.dataset.tables.cells import Cells, Value, as_text, json_as_written
from cgaudit.errors import LabelsError
from cgaudit.wording.labelsets import SetNotation, set_as_text
from cgaudit.wording.numbers import count, plural
from cgaudit.wording.text import shown, visible

#: Labels that a note names.
_NAMED = 3


class Form(Enum):
    """How a cell writes its labels, with the words for it."""

    LIST = "lists"
    JSON = "lists written as JSON"
    SPLIT = "split at the separator"
    BARE = "one label each"


class SetCell(NamedTuple):
    """The labels of one cell.

    Attributes
    ----------
    labels
        In the cell's own order, each once.
    form
        How they are written.
    repeated
        Labels that stood there before.
    blank
        Places between separators, or items of the list, that hold nothing.
    """

    labels: Sequence[str]
    form: Form
    repeated: int = 0
    blank: int = 0


def set_of_cell(value: Value, notation: SetNotation, where: str) -> SetCell | None:
    """Return the labels of a cell; None where it is empty.

    Parameters
    ----------
    value
        The cell, as the table gives it.
    notation
        How the data writes several labels.
    where
        The cell's place, for the error.

    Raises
    ------
    LabelsError
        The cell is no list of texts, nor text that writes labels.
    """
    if isinstance(value, dict):
        raise _no_set(where, value, "it is an object")
    if not isinstance(value, list) and _is_blank(value, where):
        return None
    pieces, form = _pieces(value, notation, where)
    named = [label for piece in pieces if (label := piece.strip())]
    if pieces and not named:
        raise _no_set(where, value, "there is no label in it")
    labels = list(dict.fromkeys(named))
    return SetCell(labels, form, len(named) - len(labels), len(pieces) - len(named))


def listed_sets(
    values: Iterable[Value], notation: SetNotation, column: str, where: object, notes: list[str]
) -> Cells:
    """Return cells of labels as sets are written (`cgaudit.wording.labelsets`), None where empty.

    Parameters
    ----------
    values
        The cells of a column, in the order of rows.
    notation
        How several labels are written.
    column, where
        The column and its table.
    notes
        What is to be said of how they were read is added here.

    Raises
    ------
    LabelsError
        A cell holds no labels, but something else.
    """
    cells = [
        set_of_cell(value, notation, f"{where}, column {column!r}, row {row}")
        for row, value in enumerate(values, start=1)
    ]
    notes += _said([cell for cell in cells if cell is not None], column, notation)
    return [None if cell is None else set_as_text(cell.labels) for cell in cells]


def _is_blank(value: Value, where: object) -> bool:
    """Tell whether a cell holds nothing that could be a label."""
    text = as_text(value, where)
    return text is None or not text.strip()


def _pieces(value: Value, notation: SetNotation, where: str) -> tuple[Sequence[str], Form]:
    """Return what a cell writes as labels, and how; it is no object, and not blank."""
    if isinstance(value, list):
        return _items(value, where), Form.LIST
    text = as_text(value, where) or ""
    if text.lstrip().startswith("["):
        return _items(_parsed(text, where), where), Form.JSON
    if notation.separator is None:
        return [text], Form.BARE
    return text.split(notation.separator), Form.SPLIT


def _parsed(text: str, where: str) -> list[Value]:
    try:
        found = json_as_written(text)
    except (ValueError, RecursionError):
        raise _no_set(where, text, "it begins as a list and is no JSON") from None
    if not isinstance(found, list):
        raise _no_set(where, text, "it begins as a list and is none")
    return found


def _items(value: list[Value], where: str) -> list[str]:
    """Return the items of a list as text: text, and numbers as they are written."""
    for item in value:
        # What pandas and NumPy leave of a nullable list is a float, or nothing.
        if not isinstance(item, str | int) or isinstance(item, bool):
            raise _no_set(where, value, f"{visible(repr(item))} in it is no text")
    return [as_text(item, where) or "" for item in value]


def _no_set(where: str, found: object, why: str) -> LabelsError:
    return LabelsError(
        f"{where} (counted from 1) holds no set of labels: {visible(str(found))!r}; {why}. Write a "
        'list such as ["cat", "dog"], [] where no label applies, or labels with a separator that '
        "source.label_separator (--label-separator) names; leave the cell empty where nobody "
        "labelled the sample."
    )


def _said(cells: Sequence[SetCell], column: str, notation: SetNotation) -> list[str]:
    """Return how the sets of a column were read, in sentences."""
    forms = Counter(cell.form for cell in cells)
    ways = [f"{count(forms[form])} {_words(form, notation)}" for form in Form if forms[form]]
    empty = sum(not cell.labels for cell in cells)
    notes = [
        f"column {column!r} holds sets of labels: {', '.join(ways) or 'none'}"
        + (f"; {plural(empty, 'sample')} with no label" if empty else "")
    ]
    repeated, blank = (sum(getattr(it, name) for it in cells) for name in ("repeated", "blank"))
    if repeated:
        notes.append(
            f"column {column!r}: {plural(repeated, 'label')} stood twice in a cell, and "
            f"{'counts' if repeated == 1 else 'count'} once"
        )
    if blank:
        notes.append(f"column {column!r}: {plural(blank, 'blank')} between labels left out")
    return notes + _doubts(cells, column, notation)


def _words(form: Form, notation: SetNotation) -> str:
    return f"split at {notation.separator!r}" if form is Form.SPLIT else form.value


def _doubts(cells: Sequence[SetCell], column: str, notation: SetNotation) -> list[str]:
    """Say where one label each looks like several with a separator that nobody named."""
    bare = [cell.labels[0] for cell in cells if cell.form is Form.BARE]
    for mark in (";", "|", ","):
        split = [label for label in bare if mark in label]
        if notation.separator is None and len(split) * 10 > len(bare):
            return [
                f"column {column!r}: {count(len(split))} cells hold {mark!r} and count as one "
                f"label each, such as {shown(split[:_NAMED])}. If it stands between labels, set "
                f"source.label_separator: '{mark}' (--label-separator)"
            ]
    return []
