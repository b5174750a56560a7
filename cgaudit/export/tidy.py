"""The scores table as CSV and as JSON lines, for whatever reads a table."""

from __future__ import annotations

import json

from cgaudit.export.base import ONE_FILE, Contents, Material, rows
from cgaudit.files import csv_text


def as_csv(material: Material) -> Contents:
    """Return a CSV file with a header: lists as JSON, an empty cell for nothing.

    Ids and labels are data and stay what they are, as in every table that is read or written here:
    one that begins with ``=`` is a formula to a spreadsheet. Import it as text there.
    """
    table = material.scores.table
    cells = [[_cell(value) for value in row.values()] for row in rows(table)]
    return {ONE_FILE: csv_text([list(table.columns), *cells]).encode()}


def as_jsonl(material: Material) -> Contents:
    """Return a JSON object for each sample, one a line."""
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows(material.scores.table))
    return {ONE_FILE: "".join(lines).encode()}


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool | list) else value
