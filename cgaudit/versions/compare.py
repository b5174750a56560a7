"""Two scores tables in, plain data out: what changed and what it did to label quality."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from cgaudit.numerics.rounding import number
from cgaudit.results.change import (
    Diff,
    Issue,
    Issues,
    MetricsChange,
    Relabelled,
    Respelt,
)
from cgaudit.results.columns import are_numbers
from cgaudit.results.metrics import DIGITS
from cgaudit.results.table import Scores, comparable
from cgaudit.review import still_reviewed
from cgaudit.versions.boxes import are_boxes, overlaps_of
from cgaudit.versions.classes import classes_of
from cgaudit.versions.counted import (
    NOTHING_APART,
    Apart,
    class_healths,
    figures,
    ripple,
)
from cgaudit.versions.labelsets import (
    both_sets,
    crowd_warnings_of_sets,
    judgeable,
    judged_sets,
    label_healths,
    labels_of,
    unheard,
)
from cgaudit.versions.match import KINDS, match, one_spelling
from cgaudit.versions.numbers import (
    DOUBTED,
    alike_warnings,
    both_numbers,
    judged_rows,
    respelt_numbers,
    values_of,
)
from cgaudit.versions.order import UNTOUCHED
from cgaudit.versions.rows import listed, names, records, redrawn
from cgaudit.versions.verdict import (
    Ground,
    Judgement,
    crowd_warnings,
    ground_of,
    judge,
    renaming_warnings,
    respelling_warnings,
    silenced_warnings,
)

_COMPARED = ["id", "given_label", "predicted_label", "label_score", "cg_score", "is_label_issue"]

rounded = partial(number, digits=DIGITS)


def compare(
    a: Scores,
    b: Scores,
    *,
    ids_are_paths: bool,
    band: float = 0.1,
    tolerance: float = 0.01,
    reviewed: pd.DataFrame | None = None,
    reviewed_before: pd.DataFrame | None = None,
    apart: Apart = NOTHING_APART,
) -> Diff:
    """Compare two versions of a dataset by their scores tables.

    Parameters
    ----------
    a, b
        The earlier and the later version.
    ids_are_paths
        Match by content first, because the ids are only paths (see `cgaudit.versions.match`).
    band
        A relabelling is decided where p(to) and p(from) differ by more than this.
    tolerance
        An untouched sample's label_score moved where it changed by more than this.
    reviewed
        The review memory of version b: what was kept there is no issue.
    reviewed_before
        That of version a: what it did not keep, the change itself decided.
    apart
        What of both the tables do not have, because it was counted already.

    Returns
    -------
    Diff
        Of JSON's types.

    Raises
    ------
    IncomparableError
        The two were computed differently.
    """
    warnings = comparable(a.provenance, b.provenance)
    matched = match(a.table, b.table, ids_are_paths=ids_are_paths, besides=apart.labels)
    rows = _side_by_side(matched, a.table, b.table, reviewed)
    drawn = are_boxes(a.table, b.table)
    if drawn:
        rows["overlap"] = overlaps_of(a.table, b.table, matched)
    rows["silenced"] = _silenced(rows, b.table, reviewed_before)
    respelt = _respelt(rows)
    numbers, sets = both_numbers(a.table, b.table), both_sets(a.table, b.table)
    moved = rows[rows["kind"] == "relabelled"]
    alone = None
    if numbers:
        relabelled = _changed_numbers(moved, a.table, b.table, band)
        warnings += respelt_numbers(respelt) + _alike(matched, a.table, b.table)
    elif sets:
        known = judgeable(rows, apart)
        relabelled, crowds = _changed_sets(moved, b.table, band, known)
        warnings += crowds
        alone = unheard(rows, known)
    else:
        spelling = one_spelling(a.table, b.table, apart.labels)
        ground = _ground(rows, spelling, apart)
        relabelled = _relabelled(moved, b.table, band, ground, spelling)
        warnings += renaming_warnings(ground)
        warnings += respelling_warnings(respelt)
        warnings += crowd_warnings(
            (row["from"], row["to"]) for row in relabelled if row["verdict"] != "renamed"
        )
        alone = (rows["kind"] == "relabelled") & ~rows["given_label_b"].isin(
            ground.known | set(ground.renamed.values())
        )
    issues = _issues(rows, a.table, b.table, alone)
    warnings += silenced_warnings([row["id"] for row in issues["silenced"]])
    after = _reviewed_table(b.table, reviewed)
    of = label_healths if sets else class_healths
    healths = of(a.table, apart.a), of(after, apart.b)
    counts = rows["kind"].value_counts()
    diff: Diff = {
        "a": {"provenance": asdict(a.provenance)},
        "b": {"provenance": asdict(b.provenance)},
        "samples": {kind: int(counts.get(kind, 0)) for kind in KINDS if kind != "redrawn" or drawn},
        "verdicts": _verdicts(relabelled),
        "relabelled": relabelled,
        "respelt": respelt,
        "added": listed(rows, "added"),
        "removed": listed(rows, "removed"),
        "absent": [],
        "edited": listed(rows, "edited"),
        "moved": listed(rows, "moved"),
        "warnings": warnings,
        "issues": issues,
        "ripple": ripple(rows, tolerance, apart.ripple),
        "classes": [] if numbers else (labels_of if sets else classes_of)(rows, *healths),
        "summary": with_difference(figures(a.table, apart.a), figures(after, apart.b)),
        "settings": {"band": band, "tolerance": tolerance, "ids_are_paths": ids_are_paths},
    }
    diff["samples"]["unchanged"] += apart.n
    if drawn:
        diff["redrawn"] = redrawn(rows)
    return diff


def with_difference(a: Mapping[str, Any], b: Mapping[str, Any]) -> MetricsChange:
    """Return the metrics of both and, where both have a number, b − a."""
    return {
        "a": dict(a),
        "b": dict(b),
        "difference": {
            name: b[name] - a[name] if isinstance(b[name], int) else rounded(b[name] - a[name])
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


def _silenced(rows: pd.DataFrame, b: pd.DataFrame, before: pd.DataFrame | None) -> np.ndarray:
    """Tell which rows version b alone keeps, though the rest of the data suggests another label."""
    kept_before = np.zeros(len(b), dtype=bool) if before is None else still_reviewed(before, b)
    # A removed sample has the row -1: the value appended here.
    known = np.append(kept_before, False)[rows["row_b"]]
    if are_numbers(b.columns):
        doubted = rows["label_score_b"] < DOUBTED
    else:
        doubted = rows["predicted_label_b"].notna() & (
            rows["predicted_label_b"] != rows["given_label_b"]
        )
    return np.asarray(rows["reviewed"] & doubted & ~known, dtype=bool)


def _reviewed_table(table: pd.DataFrame, reviewed: pd.DataFrame | None) -> pd.DataFrame:
    if reviewed is None:
        return table
    kept = still_reviewed(reviewed, table)
    return table.assign(is_label_issue=table["is_label_issue"] & ~kept, is_reviewed=kept)


def _respelt(rows: pd.DataFrame) -> list[Respelt]:
    """Count the samples whose label is only written otherwise: no relabelling, nothing to judge."""
    same = rows[rows["kind"].isin(["edited", "moved", "unchanged"])]
    pairs = same[["given_label_a", "given_label_b"]].dropna().itertuples(index=False, name=None)
    counts = Counter((before, after) for before, after in pairs if before != after)
    return [
        {"from": before, "to": after, "count": n} for (before, after), n in sorted(counts.items())
    ]


def _ground(rows: pd.DataFrame, spelling: Mapping[str, str], apart: Apart) -> Ground:
    """Return what b can judge by; a's labels as b writes them."""
    rows = rows.assign(given_label_a=rows["given_label_a"].replace(dict(spelling)))
    moved = rows[rows["kind"] == "relabelled"]
    pairs = moved[["given_label_a", "given_label_b"]].dropna().itertuples(index=False, name=None)
    later = Counter(rows["given_label_b"].dropna()) + Counter(apart.labels)
    earlier = [
        *rows["given_label_a"].dropna().unique(),
        *(spelling.get(it, it) for it in apart.labels),
    ]
    return ground_of(earlier, later, pairs)


def _relabelled(
    rows: pd.DataFrame,
    b: pd.DataFrame,
    band: float,
    ground: Ground,
    spelling: Mapping[str, str],
) -> list[Relabelled]:
    at_b = b.iloc[rows["row_b"]]
    changes: list[Relabelled] = []
    for row, labels, probabilities in zip(
        records(rows), at_b["top_labels"], at_b["top_scores"], strict=True
    ):
        before, after = row["given_label_a"], row["given_label_b"]
        now = None if before is None else spelling.get(before, before)
        judgement = judge(now, after, labels, probabilities, band, ground)
        score = _probability(row["predicted_label_b"], labels, probabilities)
        changes.append(_change(row, judgement, score))
        if (shared := row.get("overlap")) is not None and shared < 1:
            changes[-1]["overlap"] = shared
    return changes


def _change(row: dict[str, Any], judgement: Judgement, suggested_score: float | None) -> Relabelled:
    whose = names(row)
    return {
        "id": whose["id"],
        "id_a": whose["id_a"],
        "from": row["given_label_a"],
        "to": row["given_label_b"],
        "verdict": judgement.verdict,
        "support": rounded(judgement.support),
        "suggested": row["predicted_label_b"],
        "suggested_score": suggested_score,
        "reviewed": row["reviewed"],
        "label_score_a": row["label_score_a"],
        "label_score_b": row["label_score_b"],
        "cg_score_a": row["cg_score_a"],
        "cg_score_b": row["cg_score_b"],
    }


def _changed_numbers(
    rows: pd.DataFrame, a: pd.DataFrame, b: pd.DataFrame, band: float
) -> list[Relabelled]:
    """Return the samples whose value is another, each judged by which of the two is nearer."""
    found = records(rows)
    changes: list[Relabelled] = []
    for row, (judgement, by) in zip(found, judged_rows(found, a, b, band), strict=True):
        changes.append(_change(row, judgement, None))
        changes[-1]["by"] = rounded(by)
    return changes


def _changed_sets(
    rows: pd.DataFrame, b: pd.DataFrame, band: float, known: Collection[str]
) -> tuple[list[Relabelled], list[str]]:
    """Return the samples whose labels are others, and what to warn of."""
    found = records(rows)
    judged = judged_sets(found, b, band, known)
    changes: list[Relabelled] = []
    for row, change in zip(found, judged, strict=True):
        changes.append(_change(row, change.judgement, None))
        changes[-1] |= {"added": change.added, "taken": change.taken}
    return changes, crowd_warnings_of_sets(judged)


def _alike(matched: pd.DataFrame, a: pd.DataFrame, b: pd.DataFrame) -> list[str]:
    changed = matched[matched["kind"] == "relabelled"]
    before, after = values_of(a)[changed["a"]], values_of(b)[changed["b"]]
    known = ~np.isnan(before) & ~np.isnan(after)
    return alike_warnings(list(zip(before[known].tolist(), after[known].tolist(), strict=True)))


def _verdicts(relabelled: Sequence[Relabelled]) -> dict[str, int]:
    verdicts = ["reviewed" if row["reviewed"] else row["verdict"] for row in relabelled]
    names = ("supported", "contradicted", "undecided", "renamed", "reviewed")
    return {name: verdicts.count(name) for name in names}


def _issues(
    rows: pd.DataFrame, a: pd.DataFrame, b: pd.DataFrame, alone: pd.Series[bool] | None
) -> Issues:
    before = rows["is_label_issue_a"]
    after = rows["is_label_issue_b"]
    # A label that nobody else carries is never flagged: that resolves nothing.
    if alone is not None:
        after = after | (before & alone & rows["given_label_b"].notna())
    chosen = {
        "resolved": rows[before & ~after],
        "introduced": rows[after & ~before],
        "persisting": rows[after & before],
        "silenced": rows[rows["silenced"]],
    }
    rippled = {name: found["kind"].isin(UNTOUCHED).sum() for name, found in chosen.items()}
    tops = [(table["top_labels"].to_numpy(), table["top_scores"].to_numpy()) for table in (a, b)]
    issues = {
        name: [_issue(row, *tops) for row in records(found)] for name, found in chosen.items()
    }
    return {
        "resolved": issues["resolved"],
        "introduced": issues["introduced"],
        "persisting": issues["persisting"],
        "silenced": issues["silenced"],
        "by_ripple": {
            "resolved": int(rippled["resolved"]),
            "introduced": int(rippled["introduced"]),
        },
    }


_Tops = tuple[np.ndarray, np.ndarray]


def _issue(row: dict[str, Any], tops_a: _Tops, tops_b: _Tops) -> Issue:
    gone = row["kind"] == "removed"
    at = row["row_a" if gone else "row_b"]
    labels, probabilities = (column[at] for column in (tops_a if gone else tops_b))
    suggested = row["predicted_label_a" if gone else "predicted_label_b"]
    return {
        **names(row),
        "kind": row["kind"],
        "label": row["given_label_a" if gone else "given_label_b"],
        "suggested": suggested,
        "suggested_score": _probability(suggested, labels, probabilities),
        "reviewed": row["reviewed"],
        "label_score_a": row["label_score_a"],
        "label_score_b": row["label_score_b"],
    }


def _probability(
    label: str | None, labels: Sequence[str], probabilities: Sequence[float]
) -> float | None:
    """Return the probability of a label among the most probable ones, None where it is not."""
    known: dict[str | None, float] = dict(zip(labels, probabilities, strict=True))
    return rounded(known.get(label))
