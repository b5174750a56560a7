"""A history as a table for a terminal, and as CSV."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from cgaudit.project import NAMED, SCORE_FIRST
from cgaudit.results.figures import MOVES, followed
from cgaudit.wording import terminal
from cgaudit.wording.csvtext import write_rows
from cgaudit.wording.numbers import metric
from cgaudit.wording.sections import Name, Section, name
from cgaudit.wording.text import visible

_SHORT = 7


def history_text(found: Mapping[str, Any]) -> str:
    """Return a history as text for a terminal, the newest version last."""
    versions = found["versions"]
    if not versions:
        return f"No version here has metrics ({NAMED.summary}). {SCORE_FIRST}"
    moves = [move for move in MOVES if move in versions[0]]
    columns = ["version", "date", *(it.name for it in followed(versions)), *moves, ""]
    rows = [
        [
            version_name(row),
            row["date"],
            *(metric(row.get(it.key)) for it in followed(versions)),
            *(metric(row[move]) for move in moves),
            _remark(row),
        ]
        for row in versions
    ]
    table = Section("Label quality by version", columns, rows, most=len(rows), folded=False)
    notes = [visible(note, 400) for note in found["notes"]]
    return terminal.page("\n".join(notes), [table]).lstrip("\n")


def version_name(row: Mapping[str, Any]) -> Name:
    """Return the tags of a version, else the start of its hash."""
    return name(", ".join(row["tags"]) or row["commit"][:_SHORT])


def history_csv(found: Mapping[str, Any]) -> str:
    """Return a history as CSV, the oldest version first; tags are separated by spaces."""
    versions = found["versions"]
    moves = [move for move in MOVES if versions and move in versions[0]]
    columns = [
        "commit",
        "date",
        "tags",
        *(it.key for it in followed(versions)),
        *moves,
        "recomputed",
        "subject",
    ]
    file = io.StringIO(newline="")
    write_rows(file, [columns])
    for row in versions:
        flag = str(row["recomputed"]).lower()
        cells = {**row, "tags": " ".join(row["tags"]), "recomputed": flag}
        write_rows(file, [[cells.get(column, "") for column in columns]])
    return file.getvalue()


def _remark(row: Mapping[str, Any]) -> str:
    how = "scored with other parameters than the one before; " if row["recomputed"] else ""
    return how + str(row["subject"])
