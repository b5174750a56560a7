"""Rows of two tables side by side, as the lists of a comparison have them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

from cgaudit.numerics.rounding import significant
from cgaudit.results.change import Listed, Redrawn
from cgaudit.results.metrics import DIGITS
from cgaudit.results.named import Named


def listed(rows: pd.DataFrame, kind: str) -> list[Listed]:
    """Return the samples of a kind, as a comparison lists them."""
    return [
        {
            **names(row),
            "label": row["given_label_a" if kind == "removed" else "given_label_b"],
            "label_score_a": row["label_score_a"],
            "label_score_b": row["label_score_b"],
        }
        for row in records(rows[rows["kind"] == kind])
    ]


def redrawn(rows: pd.DataFrame) -> list[Redrawn]:
    """Return the boxes that were drawn anew, those first that share least with what they were."""
    chosen = rows[rows["kind"] == "redrawn"].sort_values(["overlap", "id_b"], kind="stable")
    shared = [row["overlap"] for row in records(chosen)]
    rows_of = listed(chosen, "redrawn")
    return [{**row, "overlap": one} for row, one in zip(rows_of, shared, strict=True)]


def names(row: dict[str, Any]) -> Named:
    """Return b's id, and a's where it is another; a removed sample has only a's."""
    id_a, id_b = row["id_a"], row["id_b"]
    if id_b is None:
        return {"id": id_a, "id_a": None}
    return {"id": id_b, "id_a": None if id_a == id_b else id_a}


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as dicts of JSON's types: no NaN, no numpy scalars."""
    floats = [name for name in rows.columns if pd.api.types.is_float_dtype(rows[name])]
    rounded = rows.assign(**{name: significant(rows[name].to_numpy(), DIGITS) for name in floats})
    found: list[dict[str, Any]] = pa.Table.from_pandas(rounded, preserve_index=False).to_pylist()
    return found
