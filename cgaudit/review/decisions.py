"""Review decisions: the file that the report's page downloads and `cgaudit apply` reads."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from cgaudit.errors import DecisionError
from cgaudit.wording.csvtext import unguarded
from cgaudit.wording.text import nearest, shown

Action = Literal["keep", "relabel", "drop"]
ACTIONS: tuple[Action, ...] = get_args(Action)
COLUMNS = (
    *("id", "action", "label", "given_label", "content_hash"),
    *("reviewer", "decided_at", "comment"),
)


_Row = tuple[str, Mapping[str, str | None]]


class Decision(NamedTuple):
    """What a person decided about one sample.

    Attributes
    ----------
    id
        The sample.
    action
        ``keep`` its label, ``relabel`` it, or ``drop`` the sample.
    label
        The new label of a relabelled sample, else None.
    given_label, content_hash
        What it had when it was decided on; None where that was not recorded.
    reviewer, decided_at, comment
        Who decided, when (ISO 8601) and why; None where nobody said.
    """

    id: str
    action: Action
    label: str | None = None
    given_label: str | None = None
    content_hash: str | None = None
    reviewer: str | None = None
    decided_at: str | None = None
    comment: str | None = None

    @property
    def outcome(self) -> tuple[str, str | None]:
        """What becomes of the sample: two reviewers agree where these are the same."""
        if self.action == "relabel" and self.label == self.given_label:
            return ("keep", None)
        return (self.action, self.label)


def read_decisions(path: Path) -> list[Decision]:
    """Read decisions from CSV, TSV or JSON.

    A table has the columns ``id`` and ``action``, ``label`` where something is relabelled, and
    may have ``given_label``, ``content_hash``, ``reviewer``, ``decided_at`` and ``comment``. JSON
    is a list of objects with the same keys, or an object that holds that list as ``decisions``. The
    guard that exported CSV has against spreadsheets (`cgaudit.wording.csvtext`) is undone.

    Raises
    ------
    DecisionError
        The file is missing or malformed; a row has no id, an unknown action, or no label to
        relabel to; or two rows decide on one sample.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DecisionError(f"{path} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError as error:
        raise DecisionError(f"{path} is not UTF-8 ({error}). Save it as UTF-8.") from None
    rows = _json_rows(path, text) if text.lstrip()[:1] in ("[", "{") else _csv_rows(path, text)
    decisions = [_decision(f"{path}, {where}", row) for where, row in rows]
    twice = [name for name, times in Counter(d.id for d in decisions).items() if times > 1]
    if twice:
        raise DecisionError(
            f"{path} decides more than once on {shown(twice)}. Keep one decision for each sample."
        )
    return decisions


def _csv_rows(path: Path, text: str) -> list[_Row]:
    delimiter = "\t" if path.suffix.lower() in {".tsv", ".tab"} else ","
    first, *_ = text.lstrip().splitlines() or [""]
    if delimiter not in first:
        # A spreadsheet in a country of decimal commas writes semicolons into a .csv.
        delimiter = next((other for other in ";\t" if other in first), delimiter)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header, *rows = [(reader.line_num, row) for row in reader if row] or [(0, [])]
    except csv.Error as error:
        raise DecisionError(f"{path}, line {reader.line_num}: {error}.") from None
    columns = header[1]
    _check_columns(path, columns)
    for line, row in rows:
        if len(row) != len(columns):
            raise DecisionError(
                f"{path}, line {line}: {len(row)} fields where the header has {len(columns)}. "
                f"Quote fields that hold the delimiter {delimiter!r}."
            )
    decided: list[_Row] = []
    for line, row in rows:
        cells = (unguarded(cell) or None for cell in row)
        decided.append((f"line {line}", dict(zip(columns, cells, strict=True))))
    return decided


def _json_rows(path: Path, text: str) -> list[_Row]:
    try:
        content = json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise DecisionError(f"{path} is not JSON: {error}.") from None
    if isinstance(content, dict):
        content = content.get("decisions")
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        raise DecisionError(
            f"{path} holds no list of decisions. Expected [{{'id': …, 'action': …}}, …], or an "
            "object with that list as 'decisions'."
        )
    rows: list[_Row] = []
    for number, row in enumerate(content, start=1):
        _check_columns(f"{path}, decision {number}", list(row))
        rows.append((f"decision {number}", {key: _text(row.get(key)) for key in COLUMNS}))
    return rows


def _text(value: Any) -> str | None:  # noqa: ANN401 - whatever JSON holds
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _check_columns(where: object, columns: Sequence[str]) -> None:
    missing = [name for name in COLUMNS[:2] if name not in columns]
    if missing:
        raise DecisionError(
            f"{where} has no {missing[0]!r}. It has {shown(columns)}; decisions need 'id' and "
            "'action', and 'label' where something is relabelled."
        )
    absent = [name for name in COLUMNS if name not in columns]
    for column in columns:
        # Other columns are notes of the reviewer's own, but a misspelt one would be ignored.
        if column not in COLUMNS and get_close_matches(column.lower(), absent, cutoff=0.8):
            raise DecisionError(
                f"{where} has an unknown column {column!r}.{nearest(column.lower(), absent)}"
            )


def _decision(where: str, row: Mapping[str, str | None]) -> Decision:
    identity, action = row["id"], (row["action"] or "").strip().lower()
    if identity is None:
        raise DecisionError(f"{where} has no id.")
    if action not in ACTIONS:
        raise DecisionError(
            f"{where} ({identity!r}): action is {row['action']!r}. It must be one of "
            f"{', '.join(ACTIONS)}.{nearest(action, ACTIONS)}"
        )
    label = row.get("label")
    for text in (identity, label or ""):
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise DecisionError(
                f"{where}: {text!r} holds half of a character, which no file can hold. Write it "
                "anew."
            )
    if action == "relabel" and label is None:
        raise DecisionError(f"{where} ({identity!r}): relabel needs a label.")
    return Decision(
        identity,
        action,
        label if action == "relabel" else None,
        row.get("given_label"),
        row.get("content_hash"),
        *(row.get(name) for name in COLUMNS[5:]),
    )
