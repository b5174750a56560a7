"""The scores table as CSV and as JSON lines, for whatever reads a table."""

from __future__ import annotations

import io
import json

from cgaudit.export.base import ONE_FILE, Contents, Material, rows
from cgaudit.wording.csvtext import write_rows


def as_csv(material: Material) -> Contents:
    """Return a CSV file with a header: lists as JSON, an empty cell for nothing.

    Cells that a spreadsheet would take for formulas have an apostrophe in front
    (`cgaudit.wording.csvtext`); JSON lines have ids and labels as they are.
    """
    table = material.scores.table
    file = io.StringIO(newline="")
    write_rows(file, [table.columns])
    write_rows(file, ([_cell(value) for value in row.values()] for row in rows(table)))
    return {ONE_FILE: file.getvalue().encode()}


def as_jsonl(material: Material) -> Contents:
    """Return a JSON object for each sample, one a line."""
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows(material.scores.table))
    return {ONE_FILE: "".join(lines).encode()}


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool | list) else value
