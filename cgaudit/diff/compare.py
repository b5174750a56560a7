"""Two scores tables in, plain data out: what changed and what it did to label quality."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from cgaudit.diff.match import KINDS, match
from cgaudit.diff.verdict import crowd_warnings, judge
from cgaudit.errors import StaleError
from cgaudit.numerics.rounding import significant
from cgaudit.review.memory import still_reviewed
from cgaudit.table import Provenance, Scores

#: Differences in these do not make two tables incomparable. A repair (jitter on a singular kernel)
#: comes with the data, not with how it was asked to be scored.
HARMLESS = frozenset({"device", "version", "repairs"})

#: Label and content are what they were: a score that moved, moved because of the neighbours.
UNTOUCHED = frozenset({"moved", "unchanged"})

_COMPARED = ["id", "given_label", "predicted_label", "label_score", "cg_score", "is_label_issue"]
_LARGEST_RIPPLES = 20
_DIGITS = 6


def compare(
    a: Scores,
    b: Scores,
    *,
    ids_are_paths: bool,
    band: float = 0.1,
    tolerance: float = 0.01,
    reviewed: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Compare two versions of a dataset by their scores tables.

    Parameters
    ----------
    a, b
        The earlier and the later version.
    ids_are_paths
        Match by content first, because the ids are only paths (see `cgaudit.diff.match`).
    band
        A relabelling is decided where p(to) and p(from) differ by more than this.
    tolerance
        An untouched sample's label_score moved where it changed by more than this.
    reviewed
        The review memory of version b: what was kept there is no issue.

    Returns
    -------
    dict
        Of JSON's types; DESIGN.md and docs/diff.md say what is in it.

    Raises
    ------
    StaleError
        The two were computed differently.
    """
    warnings = comparable(a.provenance, b.provenance)
    matched = match(a.table, b.table, ids_are_paths=ids_are_paths)
    rows = _side_by_side(matched, a.table, b.table, reviewed)
    relabelled = _relabelled(rows[rows["kind"] == "relabelled"], b.table, band)
    warnings += crowd_warnings((row["from"], row["to"]) for row in relabelled)
    summaries = _summary(a.table), _summary(_reviewed_table(b.table, reviewed))
    counts = rows["kind"].value_counts()
    return {
        "a": {"provenance": asdict(a.provenance)},
        "b": {"provenance": asdict(b.provenance)},
        "samples": {kind: int(counts.get(kind, 0)) for kind in KINDS},
        "verdicts": _verdicts(relabelled),
        "relabelled": relabelled,
        **{kind: _listed(rows, kind) for kind in ("added", "removed", "edited", "moved")},
        "warnings": warnings,
        "issues": _issues(rows, a.table, b.table),
        "ripple": _ripple(rows, tolerance),
        "classes": _classes(rows),
        "summary": with_difference(*summaries),
        "settings": {"band": band, "tolerance": tolerance, "ids_are_paths": ids_are_paths},
    }


def comparable(a: Provenance, b: Provenance) -> list[str]:
    """Return a warning for each harmless difference between two provenances.

    Raises
    ------
    StaleError
        They differ in more; it names the fields and the command that mends it.
    """
    found = a.differences(b)
    fatal = {name: values for name, values in found.items() if name not in HARMLESS}
    if fatal:
        listed = ", ".join(f"{name} ({old!r} → {new!r})" for name, (old, new) in fatal.items())
        remedy = "`cgaudit init --upgrade`" if "recipe" in fatal else "the same parameters"
        raise StaleError(
            f"The two versions were computed differently, so their scores cannot be compared: "
            f"{listed}. Commit the earlier data scored with {remedy} and `dvc repro`, and compare "
            "with that commit."
        )
    return [
        f"The scores were computed with different values of {name}: {old!r} and {new!r}."
        for name, (old, new) in found.items()
    ]


def with_difference(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the metrics of both and, where both have a number, b − a."""
    return {
        "a": dict(a),
        "b": dict(b),
        "difference": {
            name: b[name] - a[name] if isinstance(b[name], int) else _number(b[name] - a[name])
            for name in a
            if name in b and a[name] is not None and b[name] is not None
        },
    }


def _side_by_side(
    matched: pd.DataFrame, a: pd.DataFrame, b: pd.DataFrame, reviewed: pd.DataFrame | None
) -> pd.DataFrame:
    """Return the columns of both tables next to each other, ``_a`` and ``_b``, by `matched`."""
    kept = np.zeros(len(b), dtype=bool) if reviewed is None else still_reviewed(reviewed, b)
    before, after = a[_COMPARED], b[_COMPARED].copy()
    after["reviewed"] = kept
    after["is_label_issue"] &= ~kept
    sides = [
        table.reset_index(drop=True)
        .reindex(matched[side])
        .add_suffix(f"_{side}")
        .reset_index(drop=True)
        for side, table in (("a", before), ("b", after))
    ]
    rows = pd.concat(sides, axis=1)
    for flag in ("is_label_issue_a", "is_label_issue_b", "reviewed_b"):
        rows[flag] = rows[flag].eq(True).to_numpy(dtype=bool)
    return rows.rename(columns={"reviewed_b": "reviewed"}).assign(
        kind=matched["kind"], row_a=matched["a"], row_b=matched["b"]
    )


def _reviewed_table(table: pd.DataFrame, reviewed: pd.DataFrame | None) -> pd.DataFrame:
    if reviewed is None:
        return table
    return table.assign(is_label_issue=table["is_label_issue"] & ~still_reviewed(reviewed, table))


def _relabelled(rows: pd.DataFrame, b: pd.DataFrame, band: float) -> list[dict[str, Any]]:
    at_b = b.iloc[rows["row_b"]]
    changes = []
    for row, labels, probabilities in zip(
        _records(rows), at_b["top_labels"], at_b["top_scores"], strict=True
    ):
        before, after = row["given_label_a"], row["given_label_b"]
        judgement = judge(before, after, labels, probabilities, band)
        changes.append(
            {
                **_names(row),
                "from": before,
                "to": after,
                "verdict": judgement.verdict,
                "support": _number(judgement.support),
                "suggested": row["predicted_label_b"],
                "suggested_score": _probability(row["predicted_label_b"], labels, probabilities),
                "reviewed": row["reviewed"],
                "label_score_a": row["label_score_a"],
                "label_score_b": row["label_score_b"],
                "cg_score_a": row["cg_score_a"],
                "cg_score_b": row["cg_score_b"],
            }
        )
    return changes


def _verdicts(relabelled: list[dict[str, Any]]) -> dict[str, int]:
    verdicts = ["reviewed" if row["reviewed"] else row["verdict"] for row in relabelled]
    names = ("supported", "contradicted", "undecided", "reviewed")
    return {name: verdicts.count(name) for name in names}


def _listed(rows: pd.DataFrame, kind: str) -> list[dict[str, Any]]:
    return [
        {
            **_names(row),
            "label": row["given_label_a" if kind == "removed" else "given_label_b"],
            "label_score_a": row["label_score_a"],
            "label_score_b": row["label_score_b"],
        }
        for row in _records(rows[rows["kind"] == kind])
    ]


def _issues(rows: pd.DataFrame, a: pd.DataFrame, b: pd.DataFrame) -> dict[str, Any]:
    before, after = rows["is_label_issue_a"], rows["is_label_issue_b"]
    chosen = {
        "resolved": rows[before & ~after],
        "introduced": rows[after & ~before],
        "persisting": rows[after & before],
    }
    rippled = {name: found["kind"].isin(UNTOUCHED).sum() for name, found in chosen.items()}
    tops = [(table["top_labels"].to_numpy(), table["top_scores"].to_numpy()) for table in (a, b)]
    return {
        **{name: [_issue(row, *tops) for row in _records(found)] for name, found in chosen.items()},
        "by_ripple": {name: int(rippled[name]) for name in ("resolved", "introduced")},
    }


_Tops = tuple[np.ndarray, np.ndarray]


def _issue(row: dict[str, Any], tops_a: _Tops, tops_b: _Tops) -> dict[str, Any]:
    gone = row["kind"] == "removed"
    at = row["row_a" if gone else "row_b"]
    labels, probabilities = (column[at] for column in (tops_a if gone else tops_b))
    suggested = row["predicted_label_a" if gone else "predicted_label_b"]
    return {
        **_names(row),
        "kind": row["kind"],
        "label": row["given_label_a" if gone else "given_label_b"],
        "suggested": suggested,
        "suggested_score": _probability(suggested, labels, probabilities),
        "reviewed": row["reviewed"],
        "label_score_a": row["label_score_a"],
        "label_score_b": row["label_score_b"],
    }


def _ripple(rows: pd.DataFrame, tolerance: float) -> dict[str, Any]:
    untouched = rows[rows["kind"].isin(UNTOUCHED)]
    change = untouched["label_score_b"] - untouched["label_score_a"]
    moved = change[change.abs() > tolerance]
    by_size = moved.abs().sort_values(ascending=False, kind="stable").index[:_LARGEST_RIPPLES]
    return {
        "tolerance": tolerance,
        "count": len(moved),
        "max": _number(moved.abs().max()) if len(moved) else 0.0,
        "mean": _number(moved.abs().mean()) if len(moved) else 0.0,
        "up": int((moved > 0).sum()),
        "down": int((moved < 0).sum()),
        "largest": [
            {
                **_names(row),
                "label": row["given_label_b"],
                "label_score_a": row["label_score_a"],
                "label_score_b": row["label_score_b"],
            }
            for row in _records(untouched.loc[by_size])
        ],
    }


def _classes(rows: pd.DataFrame) -> list[dict[str, Any]]:
    relabelled = rows[rows["kind"] == "relabelled"]
    columns: dict[str, pd.Series] = {}
    for side in ("a", "b"):
        by_label = rows.groupby(f"given_label_{side}")
        columns[f"n_{side}"] = by_label.size()
        columns[f"issues_{side}"] = by_label[f"is_label_issue_{side}"].sum()
        columns[f"label_quality_{side}"] = by_label[f"label_score_{side}"].mean()
    columns["added"] = rows[rows["kind"] == "added"]["given_label_b"].value_counts()
    columns["removed"] = rows[rows["kind"] == "removed"]["given_label_a"].value_counts()
    columns["relabelled_to"] = relabelled["given_label_b"].value_counts()
    columns["relabelled_from"] = relabelled["given_label_a"].value_counts()
    table = pd.DataFrame(columns).sort_index()
    for name in table.columns:
        if not name.startswith("label_quality"):
            table[name] = table[name].fillna(0).astype(int)
    return _records(table.rename_axis("label").reset_index())


def _summary(table: pd.DataFrame) -> dict[str, Any]:
    labelled = table[table["given_label"].notna()]
    issues = int(labelled["is_label_issue"].sum())
    return {
        "n_samples": len(table),
        "n_classes": int(labelled["given_label"].nunique()),
        "n_label_issues": issues,
        "label_issue_rate": _number(issues / len(labelled)) if len(labelled) else None,
        "label_quality": _number(labelled["label_score"].astype(np.float64).mean()),
    }


def _names(row: dict[str, Any]) -> dict[str, Any]:
    """Return b's id, and a's where it is another; a removed sample has only a's."""
    id_a, id_b = row["id_a"], row["id_b"]
    if id_b is None:
        return {"id": id_a, "id_a": None}
    return {"id": id_b, "id_a": None if id_a == id_b else id_a}


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as dicts of JSON's types: no NaN, no numpy scalars."""
    floats = [name for name in rows.columns if pd.api.types.is_float_dtype(rows[name])]
    rounded = rows.assign(**{name: significant(rows[name].to_numpy(), _DIGITS) for name in floats})
    records: list[dict[str, Any]] = pa.Table.from_pandas(rounded, preserve_index=False).to_pylist()
    return records


def _probability(
    label: str | None, labels: Sequence[str], probabilities: Sequence[float]
) -> float | None:
    """Return the probability of a label among the most probable ones, None where it is not."""
    known: dict[str | None, float] = dict(zip(labels, probabilities, strict=True))
    return _number(known.get(label))


def _number(value: float | None) -> float | None:
    """Return a float with the noise of float32 cut off; None for what is no finite number."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{_DIGITS}g}")
