"""The scores table as CSV and as JSON lines, for whatever reads a table."""

from __future__ import annotations

import csv
import io
import json

from cgaudit.export.base import ONE_FILE, Contents, Material, rows


def as_csv(material: Material) -> Contents:
    """Return a CSV file with a header: lists as JSON, an empty cell for nothing.

    Ids and labels are data and stay what they are, as in every table that is read or written here:
    one that begins with ``=`` is a formula to a spreadsheet. Import it as text there.
    """
    file = io.StringIO(newline="")
    table = material.scores.table
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([_cell(value) for value in row.values()] for row in rows(table))
    return {ONE_FILE: file.getvalue().encode()}


def as_jsonl(material: Material) -> Contents:
    """Return a JSON object for each sample, one a line."""
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows(material.scores.table))
    return {ONE_FILE: "".join(lines).encode()}


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool | list) else value
