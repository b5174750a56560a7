"""Labels that are numbers, in two versions."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from datarepo import make_scores
from provenance import PROVENANCE

from cgaudit.pages.change.text import diff_text, headline
from cgaudit.results.change import Diff
from cgaudit.results.table import Scores
from cgaudit.review import still_reviewed
from cgaudit.versions import compare
from cgaudit.versions.numbers import Said, alike_warnings, judge_value


def version(
    labels: dict[str, str | None], predicted: float = 10.0, deviation: float = 2.0
) -> Scores:
    """Return scores of samples of which the others say the same, flagged where they are far off."""
    scores = make_scores(list(labels), ["cat"] * len(labels))
    value = np.array([np.nan if text is None else float(text) for text in labels.values()])
    off = np.abs(value - predicted) / deviation
    table = scores.table.assign(
        given_label=list(labels.values()),
        predicted_label=f"{predicted:g}",
        label_score=np.array([math.erfc(z / math.sqrt(2)) for z in off], dtype=np.float32),
        is_label_issue=off > 4,
        top_labels=[[] for _ in labels],
        top_scores=[[] for _ in labels],
        value=value,
        predicted=predicted,
        residual=value - predicted,
        deviation=deviation,
    )
    return Scores(table, replace(PROVENANCE, task="regression"))


def change(a: dict[str, str | None], b: dict[str, str | None], **how: Any) -> Diff:
    return compare(version(a), version(b), ids_are_paths=False, **how)


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (100.0, 11.0, "supported"),
        (11.0, 100.0, "contradicted"),
        (9.0, 11.0, "undecided"),  # as near from the other side
        (10.5, 10.0, "undecided"),  # nearer by less than can be told
        (1e300, 5e299, "supported"),
        (None, 11.0, "supported"),
        (None, 30.0, "contradicted"),
        (11.0, None, "undecided"),
    ],
)
def test_a_verdict_asks_which_value_is_nearer(
    before: float | None, after: float | None, verdict: str
) -> None:
    found = judge_value(before, after, Said(10.0, 2.0), band=0.1)
    assert found.verdict == verdict


def test_support_is_the_difference_of_the_shares_of_two_densities() -> None:
    def density(value: float) -> float:
        return math.exp(-((value - 10) ** 2) / (2 * 2.0**2))

    old, new = density(13.0), density(9.0)
    found = judge_value(13.0, 9.0, Said(10.0, 2.0), band=0.1)
    assert found.support == pytest.approx((new - old) / (new + old))


def test_changes_say_by_how_much_and_issues_resolve() -> None:
    a = {"p": "100", "q": "11", "r": "9", "s": "10", "t": None, "u": "12"}
    b = {"p": "10", "q": "90", "r": "9.0", "s": None, "t": "11", "u": "12"}
    diff = change(a, b)
    rows = {row["id"]: row for row in diff["relabelled"]}
    assert {name: row.get("by") for name, row in rows.items()} == {
        "p": -90.0, "q": 79.0, "s": None, "t": None,
    }  # fmt: skip
    assert [rows[name]["verdict"] for name in "pqst"] == [
        "supported", "contradicted", "undecided", "supported",
    ]  # fmt: skip
    assert (rows["p"]["from"], rows["p"]["to"], rows["p"]["suggested"]) == ("100", "10", "10")
    assert [row["id"] for row in diff["issues"]["resolved"]] == ["p"]
    assert [row["id"] for row in diff["issues"]["introduced"]] == ["q"]
    assert diff["respelt"] == [{"from": "9", "to": "9.0", "count": 1}]
    assert diff["classes"] == []
    assert "n_classes" not in diff["summary"]["a"]
    assert diff["summary"]["b"]["typical_residual"] == 1.0
    assert headline(diff).startswith("4 relabelled by 84.5 in the median: 2 supported by the rest")
    text = diff_text(diff)
    assert "q       11      90      +79  contradicted" in text
    assert "'9', which is '9.0' now" in text


def test_a_value_that_nobody_else_has_is_no_renaming() -> None:
    diff = change({"p": "100", "q": "11"}, {"p": "10.25", "q": "11"})
    assert [row["verdict"] for row in diff["relabelled"]] == ["supported"]


def test_what_the_change_itself_keeps_is_told_only_where_it_is_contradicted() -> None:
    a = {"p": "100", "q": "11"}
    kept = pd.DataFrame({"id": ["p", "q"], "label": ["100", "11"], "decision": "keep"})
    hashes = version(a).table.set_index("id")["content_hash"]
    kept["content_hash"] = [hashes["p"], hashes["q"]]
    before = kept.iloc[:0]
    diff = change(a, a, reviewed=kept, reviewed_before=before)
    assert [row["id"] for row in diff["issues"]["silenced"]] == ["p"]


def test_values_that_were_changed_alike_support_each_other() -> None:
    (warning,) = alike_warnings([(i + 1.0, (i + 1.0) * 2.54) for i in range(12)])
    assert "12 values were changed alike (× 2.54)" in warning
    (warning,) = alike_warnings([(float(i), i - 5.0) for i in range(10)])
    assert "(− 5)" in warning
    assert alike_warnings([(float(i), i * i + 1.0) for i in range(10)]) == []


def test_a_kept_number_that_is_only_written_otherwise_stays_kept() -> None:
    table = version({"p": "100.0", "q": "11", "r": None}).table
    kept = pd.DataFrame({"label": ["100", "12", "none"], "decision": "keep"})
    kept["content_hash"] = table["content_hash"].tolist()
    assert still_reviewed(kept, table).tolist() == [True, False, False]
    kept["label"] = ["1e2", "11", ""]
    assert still_reviewed(kept, table).tolist() == [True, True, False]
