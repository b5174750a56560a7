"""Several labels a sample, in two versions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from datarepo import make_scores
from provenance import PROVENANCE

from cgaudit.pages.change import (
    DiffOptions,
    build_diff_context,
    diff_markdown,
    diff_text,
    render_diff,
)
from cgaudit.params import CheckParams
from cgaudit.results.change import Diff
from cgaudit.results.table import Scores
from cgaudit.verbs.check import check
from cgaudit.versions import compare
from cgaudit.versions.labelsets import judge_set
from cgaudit.wording.labelsets import known_set, set_as_text

#: What the rest of the data says of every sample: how probable each label is.
PRESENCE = {"cat": 0.95, "dog": 0.9, "bird": 0.05, "fish": 0.02}
#: Samples that carry every label, so that it can be judged.
OTHERS: dict[str, Collection[str] | None] = {
    "x1": ["cat", "dog"],
    "x2": ["bird", "fish"],
    "x3": ["cat", "bird", "<script>x"],
    "x4": ["dog", "<script>x"],
}


def version(labels: Mapping[str, Collection[str] | None]) -> Scores:
    """Return scores of samples of which the others say the same, flagged where they differ."""
    labels = dict(sorted({**OTHERS, **labels}.items()))
    scores = make_scores(list(labels), ["cat"] * len(labels))
    suggested = {name for name, p in PRESENCE.items() if p > 0.5}
    given = [None if it is None else set_as_text(it) for it in labels.values()]
    extra = [sorted(known_set(it) - suggested) for it in given]
    missing = [sorted(suggested - known_set(it)) if it is not None else [] for it in given]
    differs = [bool(a or b) for a, b in zip(extra, missing, strict=True)]
    flagged = [it and name not in OTHERS for it, name in zip(differs, labels, strict=True)]
    quality = [0.1 if flag else 0.9 for flag in flagged]
    quality = [np.nan if it is None else q for it, q in zip(given, quality, strict=True)]
    table = scores.table.assign(
        given_label=given,
        predicted_label=set_as_text(suggested),
        label_score=np.array(quality, dtype=np.float32),
        is_label_issue=flagged,
        top_labels=[list(PRESENCE)] * len(labels),
        top_scores=[np.array(list(PRESENCE.values()), dtype=np.float32)] * len(labels),
        worst_label=[None if it is None else "cat" for it in given],
        labels_doubtful=[it if flag else [] for it, flag in zip(extra, flagged, strict=True)],
        labels_missing=[it if flag else [] for it, flag in zip(missing, flagged, strict=True)],
    )
    return Scores(
        table.sort_values("id", ignore_index=True), replace(PROVENANCE, task="multilabel")
    )


def change(
    a: Mapping[str, Collection[str] | None], b: Mapping[str, Collection[str] | None], **how: Any
) -> Diff:
    return compare(version(a), version(b), ids_are_paths=False, **how)


@pytest.mark.parametrize(
    ("before", "after", "verdict", "support"),
    [
        (["cat"], ["cat", "dog"], "supported", 0.8),
        (["cat", "bird"], ["cat", "dog"], "supported", 0.8),
        (["cat", "dog"], ["cat"], "contradicted", -0.8),
        (["cat", "dog"], ["cat", "dog", "fish"], "contradicted", -0.96),
        (["cat"], ["dog"], "undecided", 0.8),  # one right, one wrong
        (["cat", "dog"], ["cat", "dog", "new"], "undecided", None),  # nobody speaks for it
        (None, ["cat", "dog"], "supported", 0.8),
        (None, ["cat"], "undecided", -0.8),  # what is there is right, and one is missing
        (["cat"], None, "undecided", None),
        (["bird"], [], "supported", 0.9),
    ],
)
def test_a_change_is_judged_label_by_label(
    before: list[str] | None, after: list[str] | None, verdict: str, support: float | None
) -> None:
    (row,) = change({"p": before}, {"p": after})["relabelled"]
    assert row["verdict"] == verdict
    assert row["support"] == (None if support is None else pytest.approx(support, abs=1e-5))
    assert row["added"] == sorted({*(after or [])} - {*(before or [])})
    assert row["taken"] == sorted({*(before or [])} - {*(after or [])})


def test_a_label_beyond_the_most_probable_has_a_bound() -> None:
    top = {"a": 0.9, "b": 0.8, "c": 0.7, "d": 0.6, "e": 0.2}
    known = {"a", "z"}
    assert judge_set({"z": True}, top, 0.1, known).verdict == "contradicted"
    assert judge_set({"z": True}, top, 0.1, known).support == pytest.approx(2 * 0.2 - 1)
    assert judge_set({"z": False}, top, 0.1, known).verdict == "supported"
    wide = {**top, "e": 0.55}
    assert judge_set({"z": True}, wide, 0.1, known).verdict == "undecided"


def test_the_order_of_labels_is_no_change_and_no_label_is_none() -> None:
    diff = change(
        {"p": ["cat", "dog"], "q": [], "r": None}, {"p": ["dog", "cat"], "q": [], "r": []}
    )
    assert [row["id"] for row in diff["relabelled"]] == ["r"]
    assert diff["relabelled"][0]["from"] is None
    assert diff["respelt"] == []


def test_what_became_of_each_label_is_counted() -> None:
    diff = change(
        {"p": ["cat"], "q": ["cat", "bird"], "gone": ["fish"]},
        {"p": ["cat", "dog"], "q": ["cat"], "come": ["dog"]},
    )
    rows = {row["label"]: row for row in diff["classes"]}
    names = ("relabelled_to", "relabelled_from", "added", "removed")
    assert [rows["dog"][it] for it in names] == [1, 0, 1, 0]
    assert [rows["bird"][it] for it in names] == [0, 1, 0, 0]
    assert [rows["fish"][it] for it in names] == [0, 0, 0, 1]
    assert (rows["cat"]["n_a"], rows["cat"]["n_b"]) == (4, 4)
    # Of its uses in a, q's is contested.
    assert (rows["bird"]["issues_a"], rows["bird"]["label_quality_a"]) == (
        1,
        pytest.approx(2 / 3, abs=1e-5),
    )
    assert diff["summary"]["b"]["n_classes"] == 5
    assert diff["verdicts"]["supported"] == 2


def test_an_unheard_label_resolves_nothing() -> None:
    diff = change({"p": ["fish"]}, {"p": ["cat", "dog", "new"]})
    assert [row["id"] for row in diff["issues"]["persisting"]] == ["p"]
    diff = change({"p": ["fish"]}, {"p": ["cat", "dog"]})
    assert [row["id"] for row in diff["issues"]["resolved"]] == ["p"]


def test_many_alike_are_said() -> None:
    a = {f"p{i}": ["cat"] for i in range(10)}
    b = {name: ["cat", "dog"] for name in a}
    assert any("'dog' was added to 10 samples" in it for it in change(a, b)["warnings"])
    assert not any(
        "was added" in it for it in change({"p": ["cat"]}, {"p": ["cat", "dog"]})["warnings"]
    )


def test_it_is_told_in_text_markdown_and_on_a_page() -> None:
    diff = change({"p": ["cat", "<script>x"], "q": ["cat"]}, {"p": ["cat", "dog"], "q": []})
    text = diff_text(diff)
    assert "+dog −<script>x" in text
    assert "Labels touched" in text
    assert "<script>x" not in str(diff_markdown(diff))
    page = render_diff(build_diff_context(diff, options=DiffOptions()))
    assert "+dog −&lt;script&gt;x" in page
    assert "Labels touched" in page
    assert "<script>x" not in page


def test_a_gate_holds_labels_to_the_limits_of_classes() -> None:
    diff = change({"p": ["cat", "dog"]}, {"p": ["cat", "dog", "fish"]})
    limits = {
        "max_contradicted": 0,
        "any_class": {"min_label_quality": 0.9},
        "classes": {"fish": {"max_issue_rate": 0.5}, "cat": {"max_issue_rate": 0.0}},
    }
    found = check(diff, CheckParams.model_validate(limits))
    said = {(row["limit"], row["class"]): (row["ok"], row["value"]) for row in found["limits"]}
    assert not found["ok"]
    assert said["max_contradicted", None] == (False, 1)
    # Of the two samples with a fish, the new one is contested.
    assert said["max_issue_rate", "fish"] == (True, 0.5)
    assert said["max_issue_rate", "cat"] == (True, 0.0)
