"""The table of issues that cleanlab's Datalab gives, for whatever reads that.

Format: docs.cleanlab.ai, `Datalab.get_issues` and `Datalab.get_issue_summary`. Each kind of issue
has two columns, ``is_NAME_issue`` and ``NAME_score``, of which low is suspicious.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cgaudit.export.base import Contents, Material, rows
from cgaudit.numerics.pictures import KINDS
from cgaudit.numerics.rounding import number
from cgaudit.wording.csvtext import write_rows

#: The issues of Datalab that are looked for here too, by its names; which of their columns there
#: are depends on the scores.
ISSUES = ("label", "outlier", "near_duplicate", *KINDS)
#: What `get_issues("label")` has besides.
LABELS = ("given_label", "predicted_label")
_DIGITS = 6


def datalab(material: Material) -> Contents:
    """Return ``issues.csv``, ``label_issues.csv`` and ``issue_summary.csv``.

    Rows are in the order of the scores, each with its id. Near-duplicates have no score: they are
    found as sets, not by a distance for each sample; nor have pictures that look odd.
    """
    table = material.scores.table
    flags = {name: f"is_{name}_issue" for name in ISSUES}
    scores = {name: f"{name}_score" for name in ISSUES}
    found = [name for name in ISSUES if flags[name] in table]
    issues = [column for name in found for column in (flags[name], scores[name]) if column in table]
    summary = [[name, _mean(table, scores[name]), int(table[flags[name]].sum())] for name in found]
    return {
        "issues.csv": _csv(table, ["id", *issues]),
        "label_issues.csv": _csv(table, ["id", flags["label"], scores["label"], *LABELS]),
        "issue_summary.csv": _written([["issue_type", "score", "num_issues"], *summary]),
    }


def _mean(table: pd.DataFrame, column: str) -> float | None:
    """Return Datalab's score of a data set: the mean of the samples' scores."""
    values = table[column].dropna().to_numpy(np.float64) if column in table else np.empty(0)
    return number(float(values.mean()), _DIGITS) if len(values) else None


def _csv(table: pd.DataFrame, columns: Sequence[str]) -> Iterator[bytes]:
    yield _written([columns])
    for row in rows(table[list(columns)]):
        yield _written([[_cell(value) for value in row.values()]])


def _cell(value: object) -> object:
    """Return a cell as pandas reads it back."""
    return str(value) if isinstance(value, bool) else value


def _written(lines: Sequence[Sequence[Any]]) -> bytes:
    file = io.StringIO(newline="")
    write_rows(file, lines)
    return file.getvalue().encode()
