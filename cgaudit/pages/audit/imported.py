"""Scores of other tools: how far they agree with ours, and the samples at either end of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cgaudit.imported import PREFIX, Imported
from cgaudit.numerics.ranks import rank_correlation
from cgaudit.results.overview import Overview
from cgaudit.wording.numbers import count, figure, finite, plural
from cgaudit.wording.text import printable

#: Columns that the page shows, and samples from either end of each.
COLUMNS, ENDS = 6, 12


def imported_section(imported: Imported, scores: Overview) -> dict[str, Any]:
    """Return what the report says of other tools' scores, as plain data.

    Parameters
    ----------
    imported
        The columns.
    scores
        The scores that they stand beside.
    """
    ours = scores.columns("id", "label_score", "cg_score", "is_label_issue")
    table = imported.table.merge(ours, on="id", how="left")
    shown = imported.columns[:COLUMNS]
    more = len(imported.columns) - len(shown)
    facts = imported.facts
    lost = [
        f"{plural(facts.n_without, 'sample')} in no table." if facts.n_without else "",
        f"{plural(facts.n_unknown, 'id')} of no sample." if facts.n_unknown else "",
        f"{plural(facts.n_infinite, 'cell')} with no finite number." if facts.n_infinite else "",
        f"{plural(more, 'more column')} in imported.parquet." if more else "",
    ]
    return {
        "says": " ".join(["What other tools say of the same samples.", *filter(None, lost)]),
        "columns": [_column(name, table) for name in shown],
        "names": [_name(name) for name in shown],
        "rows": [_row(row, shown) for _, row in _ends(table, shown).iterrows()],
    }


def _name(column: str) -> str:
    return printable(column.removeprefix(PREFIX))


def _column(name: str, table: pd.DataFrame) -> dict[str, str]:
    values = table[name].to_numpy(np.float64)
    known = values[~np.isnan(values)]

    def with_ours(column: str) -> str:
        return figure(rank_correlation(values, table[column].to_numpy(np.float64)), 2)

    low, middle, high = np.quantile(known, [0, 0.5, 1]) if len(known) else [np.nan] * 3
    return {
        "name": _name(name),
        "n": count(len(known)),
        "low": f"{low:.4g}",
        "middle": f"{middle:.4g}",
        "high": f"{high:.4g}",
        "label_score": with_ours("label_score"),
        "cg_score": with_ours("cg_score"),
    }


def _ends(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return the samples with the lowest and the highest values of each column, by id."""
    rows: set[int] = set()
    for name in names:
        order = table.dropna(subset=[name]).sort_values([name, "id"]).index
        rows |= {*order[:ENDS], *order[-ENDS:]}
    return table.loc[sorted(rows)]


def _row(row: pd.Series[Any], names: list[str]) -> dict[str, Any]:
    values = [finite(row[name]) for name in names]
    return {
        "id": printable(row["id"]),
        "given": "" if pd.isna(row["given_label"]) else printable(row["given_label"]),
        "label_score": figure(finite(row["label_score"])),
        "flagged": bool(row["is_label_issue"]),
        "values": [
            {"sort": "" if it is None else repr(it), "says": "–" if it is None else f"{it:.4g}"}
            for it in values
        ],
    }
