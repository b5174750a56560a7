"""How scores of other tools moved, where both versions have some."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cgaudit.errors import MissingObjectError, StaleError
from cgaudit.imported import Imported, read_imported
from cgaudit.numerics.ranks import rank_correlation
from cgaudit.numerics.rounding import number
from cgaudit.pipeline.both import read_both
from cgaudit.project import NAMED
from cgaudit.results.change import Diff
from cgaudit.results.imported import ImportedChange, ImportedMove
from cgaudit.results.metrics import DIGITS
from cgaudit.revisions import Repository, Revision

#: Samples that are named of each column.
LARGEST = 20


def with_imported(repository: Repository, a: Revision, b: Revision, diff: Diff) -> Diff:
    """Return a comparison with how other tools' scores moved, where both versions have some.

    Parameters
    ----------
    repository, a, b
        Where the tables are read.
    diff
        The comparison of the two.
    """
    try:
        both = read_both(repository, a, b, NAMED.imported, read_imported)
    except (MissingObjectError, StaleError) as error:
        warning = f"No scores of other tools are compared: {error}"
        return {**diff, "warnings": [*diff["warnings"], warning]}
    return diff if both is None else {**diff, "imported": compare_imported(*both, diff)}


def compare_imported(a: Imported, b: Imported, diff: Diff) -> list[ImportedChange]:
    """Compare the columns that both versions have, over the samples that both have.

    Parameters
    ----------
    a, b
        The tables of both versions.
    diff
        Says which samples have another id, and which came.
    """
    was = {
        row["id"]: row["id_a"] or row["id"]
        for kind in (diff["relabelled"], diff["edited"], diff["moved"], diff.get("redrawn", []))
        for row in kind
    }
    came = {row["id"] for row in diff["added"]}
    later = b.table[~b.table["id"].isin(came)]
    later = later.assign(was=[was.get(name, name) for name in later["id"]])
    rows = later.merge(a.table, left_on="was", right_on="id", suffixes=("_b", "_a"))
    return [_change(name, rows) for name in b.columns if name in a.columns]


def _change(name: str, rows: pd.DataFrame) -> ImportedChange:
    known = rows[rows[[f"{name}_a", f"{name}_b"]].notna().all(axis=1)]
    before, after = (known[f"{name}_{side}"].to_numpy(np.float64) for side in ("a", "b"))
    by = pd.Series(np.abs(after - before), index=known.index)
    moved = by[by > 0].sort_values(ascending=False, kind="stable").index[:LARGEST]
    return {
        "column": name,
        "n": len(known),
        "rank_correlation": number(rank_correlation(before, after), DIGITS),
        "up": int((after > before).sum()),
        "down": int((after < before).sum()),
        "median_a": number(float(np.median(before)), DIGITS) if len(known) else None,
        "median_b": number(float(np.median(after)), DIGITS) if len(known) else None,
        "largest": [_move(row, name) for _, row in known.loc[moved].iterrows()],
    }


def _move(row: pd.Series, name: str) -> ImportedMove:
    return {
        "id": str(row["id_b"]),
        "id_a": None if row["id_a"] == row["id_b"] else str(row["id_a"]),
        "value_a": float(row[f"{name}_a"]),
        "value_b": float(row[f"{name}_b"]),
    }
