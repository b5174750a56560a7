"""The scores table as CSV and as JSON lines, for whatever reads a table: of any size."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator

import pandas as pd

from cgaudit.export.base import rows
from cgaudit.wording.csvtext import write_rows


def as_csv(tables: Iterable[pd.DataFrame]) -> Iterator[bytes]:
    """Yield a CSV file with a header: lists as JSON, an empty cell for nothing.

    Cells that a spreadsheet would take for formulas have an apostrophe in front
    (`cgaudit.wording.csvtext`); JSON lines have ids and labels as they are.

    Parameters
    ----------
    tables
        The scores table in pieces, at least one.
    """
    for number, table in enumerate(tables):
        file = io.StringIO(newline="")
        if number == 0:
            write_rows(file, [table.columns])
        write_rows(file, ([_cell(value) for value in row.values()] for row in rows(table)))
        yield file.getvalue().encode()


def as_jsonl(tables: Iterable[pd.DataFrame]) -> Iterator[bytes]:
    """Yield a JSON object for each sample, one a line; takes what `as_csv` takes."""
    for table in tables:
        yield "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows(table)).encode()


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool | list) else value
