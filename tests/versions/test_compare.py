"""What a comparison says, on tables alone."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from datarepo import make_scores
from provenance import PROVENANCE

from cgaudit.errors import StaleError
from cgaudit.pages.change.text import headline
from cgaudit.results.summary import summarise
from cgaudit.results.table import Scores
from cgaudit.versions import compare

CLASSES = ("cat", "dog", "fox")


def probabilities(*rows: tuple[float, float, float]) -> np.ndarray:
    return np.array(rows)


@pytest.fixture
def two_versions() -> tuple[Scores, Scores]:
    """1 is mended, 2 spoiled, 3 unsure, 4 edited, 5 removed, 6 and 7 untouched, 8 added."""
    ids = list("1234567")
    a = make_scores(
        ids,
        ["cat", "cat", "cat", "dog", "dog", "fox", "fox"],
        hashes=list("ABCDEFG"),
        probabilities=probabilities(
            (0.1, 0.8, 0.1),
            (0.9, 0.05, 0.05),
            (0.5, 0.4, 0.1),
            (0.2, 0.7, 0.1),
            (0.6, 0.3, 0.1),
            (0.2, 0.2, 0.6),
            (0.5, 0.1, 0.4),
        ),
    )
    b = make_scores(
        [*"123467", "8"],
        ["dog", "fox", "dog", "dog", "fox", "fox", "cat"],
        hashes=list("ABCXFGH"),
        probabilities=probabilities(
            (0.05, 0.9, 0.05),
            (0.8, 0.1, 0.1),
            (0.4, 0.5, 0.1),
            (0.6, 0.3, 0.1),
            (0.45, 0.05, 0.5),
            (0.5, 0.1, 0.4),
            (0.3, 0.4, 0.3),
        ),
    )
    return a, b


def test_the_whole_answer(two_versions: tuple[Scores, Scores]) -> None:
    diff = compare(*two_versions, ids_are_paths=False, band=0.3, tolerance=0.05)
    assert diff["samples"] == {
        "added": 1, "removed": 1, "relabelled": 3, "edited": 1, "moved": 0, "unchanged": 2,
    }  # fmt: skip
    assert diff["relabelled"][0] == {
        "id": "1", "id_a": None, "from": "cat", "to": "dog", "verdict": "supported",
        "support": 0.85, "suggested": "dog", "suggested_score": 0.9, "reviewed": False,
        "label_score_a": 0.1, "label_score_b": 0.9, "cg_score_a": 0.9, "cg_score_b": 0.1,
    }  # fmt: skip
    verdicts = {row["id"]: (row["verdict"], row["support"]) for row in diff["relabelled"]}
    assert verdicts == {
        "1": ("supported", 0.85),
        "2": ("contradicted", -0.7),
        "3": ("undecided", 0.1),
    }
    assert diff["verdicts"] == {
        "supported": 1, "contradicted": 1, "undecided": 1, "renamed": 0, "reviewed": 0,
    }  # fmt: skip
    issues = {
        kind: [(row["id"], row["kind"]) for row in diff["issues"][kind]]
        for kind in ("resolved", "introduced", "persisting")
    }
    assert issues == {
        "resolved": [("1", "relabelled"), ("5", "removed")],
        "introduced": [("2", "relabelled"), ("4", "edited"), ("8", "added")],
        "persisting": [("7", "unchanged")],
    }
    assert diff["issues"]["by_ripple"] == {"resolved": 0, "introduced": 0}
    # What was removed has its suggestion from the earlier version.
    suggestions = {
        row["id"]: (row["suggested"], row["suggested_score"])
        for kind in issues
        for row in diff["issues"][kind]
    }
    assert suggestions == {
        "1": ("dog", 0.9), "5": ("cat", 0.6), "2": ("cat", 0.8), "4": ("cat", 0.6),
        "8": ("dog", 0.4), "7": ("cat", 0.5),
    }  # fmt: skip
    assert diff["ripple"] == {
        "tolerance": 0.05, "count": 1, "max": 0.1, "mean": 0.1, "up": 0, "down": 1,
        "largest": [
            {"id": "6", "id_a": None, "label": "fox", "label_score_a": 0.6, "label_score_b": 0.5}
        ],
    }  # fmt: skip
    assert diff["summary"]["a"]["n_label_issues"] == 3
    assert diff["summary"]["difference"]["n_label_issues"] == 1
    assert [row["label"] for row in diff["added"] + diff["removed"] + diff["edited"]] == [
        "cat", "dog", "dog",
    ]  # fmt: skip
    assert json.loads(json.dumps(diff, allow_nan=False)) == diff


def test_per_class_table(two_versions: tuple[Scores, Scores]) -> None:
    rows = compare(*two_versions, ids_are_paths=False)["classes"]
    by_label = {row["label"]: row for row in rows}
    counts = ("n_a", "n_b", "relabelled_to", "relabelled_from", "added", "removed")
    assert {label: tuple(row[c] for c in counts) for label, row in by_label.items()} == {
        "cat": (3, 1, 0, 3, 1, 0),
        "dog": (2, 3, 2, 0, 0, 1),
        "fox": (2, 3, 1, 0, 0, 0),
    }
    assert by_label["fox"]["label_quality_a"] == 0.5
    assert (by_label["fox"]["issues_a"], by_label["fox"]["issues_b"]) == (1, 2)


def test_a_class_that_is_new_or_gone_has_no_quality_there() -> None:
    a, b = make_scores(["1"], ["cat"]), make_scores(["1"], ["dog"])
    rows = {row["label"]: row for row in compare(a, b, ids_are_paths=False)["classes"]}
    assert rows["cat"]["label_quality_b"] is None
    assert rows["dog"]["label_quality_a"] is None


def test_figures_agree_with_the_metrics_of_the_score_stage(
    two_versions: tuple[Scores, Scores],
) -> None:
    a, b = two_versions
    metrics = summarise(b.table, dict.fromkeys(CLASSES, 1.0), n_skipped=0)
    ours = compare(a, b, ids_are_paths=False)["summary"]["b"]
    assert ours == {name: metrics.as_json()[name] for name in ours}


def test_ripple_and_direct_issues_are_told_apart() -> None:
    flat = probabilities((0.4, 0.35, 0.25), (0.3, 0.4, 0.3))
    a = make_scores(["1", "2"], ["cat", "cat"], probabilities=flat)
    b = make_scores(["1", "2"], ["cat", "cat"], probabilities=flat[::-1])
    diff = compare(a, b, ids_are_paths=False)
    assert diff["issues"]["by_ripple"] == {"resolved": 1, "introduced": 1}
    assert diff["ripple"]["count"] == 2


def test_a_moved_file_is_untouched() -> None:
    a = make_scores(["cat/1.png"], ["cat"], hashes=["A"], seed=1)
    b = make_scores(["cat/2.png"], ["cat"], hashes=["A"], seed=3)
    diff = compare(a, b, ids_are_paths=True)
    assert diff["moved"][0]["id"] == "cat/2.png"
    assert diff["moved"][0]["id_a"] == "cat/1.png"
    assert diff["ripple"]["count"] == 1


def test_what_was_reviewed_and_kept_does_not_come_back(
    two_versions: tuple[Scores, Scores],
) -> None:
    columns = ["id", "content_hash", "label", "decision"]
    memory = [
        ("2", "B", "fox", "keep"),  # the spoiled one, on second thoughts
        ("7", "G", "fox", "keep"),
        ("8", "H", "dog", "keep"),  # another label than it has now
        ("4", "D", "dog", "keep"),  # the content before the edit
    ]
    reviewed = pd.DataFrame(memory, columns=columns, dtype=object)
    diff = compare(*two_versions, ids_are_paths=False, reviewed=reviewed)
    assert diff["verdicts"]["reviewed"] == 1
    assert diff["verdicts"]["contradicted"] == 0
    assert [row["id"] for row in diff["issues"]["introduced"]] == ["4", "8"]
    assert diff["issues"]["persisting"] == []
    assert [row["id"] for row in diff["issues"]["resolved"] if row["reviewed"]] == ["7"]
    assert diff["summary"]["b"]["n_label_issues"] == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("recipe", 2),
        ("featurizer", "pixels"),
        ("featurizer_fingerprint", "other"),
        ("method", "lowrank"),
        ("ridge", 0.0),
        ("likelihood", "softmax"),
        ("landmarks", 10),
        ("seed", 1),
        ("precision", "float64"),
        ("task", "multilabel"),
        ("issue_rule", "argmax"),
        ("strictness", 0.5),
    ],
)
def test_what_was_computed_differently_is_not_compared(field: str, value: object) -> None:
    a = make_scores(["1"], ["cat"])
    b = make_scores(["1"], ["cat"], provenance=replace(PROVENANCE, **{field: value}))
    with pytest.raises(StaleError, match=rf"computed differently: {field} \("):
        compare(a, b, ids_are_paths=False)


def test_device_version_and_repairs_only_warn() -> None:
    a = make_scores(["1"], ["cat"])
    other = replace(PROVENANCE, device="cuda", version="9", repairs="jitter 1e-6")
    b = make_scores(["1"], ["cat"], provenance=other)
    warnings = compare(a, b, ids_are_paths=False)["warnings"]
    named = [name for w in warnings for name in ("device", "version", "repairs") if name in w]
    assert named == ["device", "version", "repairs"]


def test_unlabelled_samples_are_never_flagged() -> None:
    a = make_scores(["1", "2"], [None, "cat"], seed=1)
    b = make_scores(["1", "2"], ["cat", None], seed=1)
    diff = compare(a, b, ids_are_paths=False)
    assert [(row["from"], row["to"]) for row in diff["relabelled"]] == [
        (None, "cat"),
        ("cat", None),
    ]
    assert diff["relabelled"][1]["label_score_b"] is None
    nobody = make_scores(["1"], [None])
    assert compare(nobody, nobody, ids_are_paths=False)["summary"]["b"]["label_quality"] is None


def test_extra_columns_do_not_matter(two_versions: tuple[Scores, Scores]) -> None:
    a, b = two_versions
    more = Scores(b.table.assign(outlier_score=0.5, label_quality="x"), b.provenance)
    assert compare(a, more, ids_are_paths=False) == compare(a, b, ids_are_paths=False)


def test_fifty_thousand_rows_take_no_loop() -> None:
    n, rng = 50_000, np.random.default_rng(0)
    ids = [f"c{i % 10}/{i}.png" for i in range(n)]
    classes = [f"c{k}" for k in range(10)]
    labels = [f"c{i % 10}" for i in range(n)]
    p = rng.dirichlet(np.ones(10), size=n)
    p[np.arange(n), np.arange(n) % 10] += 1
    a = make_scores(ids, labels, classes=classes, probabilities=p / 2)
    relabelled = [classes[(i + 1) % 10] if i % 100 == 0 else x for i, x in enumerate(labels)]
    b = make_scores(ids, relabelled, classes=classes, probabilities=p / 2)
    start = time.process_time()
    diff = compare(a, b, ids_are_paths=True)
    # Measured 0.4 s; a loop over the rows takes many seconds.
    assert time.process_time() - start < 4
    assert diff["samples"]["relabelled"] == 500


def moved(before: str, after: str) -> dict:
    """Compare two versions of eight samples, given by a letter for the label of each."""
    ids = list("12345678")[: len(before)]
    a = make_scores(ids, list(before), classes=tuple(sorted({*before})), seed=1)
    b = make_scores(ids, list(after), classes=tuple(sorted({*after})), seed=2)
    return compare(a, b, ids_are_paths=False)


@pytest.mark.parametrize(
    ("before", "after", "verdicts"),
    [
        ("aaabbbcc", "dddbbbcc", {"renamed": 3}),
        # Merged into another class: the old label is gone, so there is nothing to compare with.
        ("aaabbbcc", "bbbbbbcc", {"undecided": 3}),
        # Split into two new ones: neither is what the old one was.
        ("aaaabbcc", "ddeebbcc", {"undecided": 4}),
        # A new label for some of a class: nobody else speaks for it.
        ("aaabbbcc", "addbbbcc", {"undecided": 2}),
        # All of both classes change places.
        ("aaabbbcc", "bbbaaacc", {"undecided": 6}),
    ],
)
def test_a_label_that_only_the_change_speaks_for_is_not_judged(
    before: str, after: str, verdicts: dict[str, int]
) -> None:
    diff = moved(before, after)
    assert {name: n for name, n in diff["verdicts"].items() if n} == verdicts
    assert all(row["support"] is None for row in diff["relabelled"])
    renamings = [text for text in diff["warnings"] if "is called" in text]
    assert len(renamings) == ("renamed" in verdicts)


def test_a_label_of_its_own_resolves_no_issue() -> None:
    a = make_scores(["1", "2", "3"], ["cat", "cat", "dog"], classes=("cat", "dog"),
                    probabilities=np.array([[0.1, 0.9], [0.9, 0.1], [0.2, 0.8]]))  # fmt: skip
    odds = np.array([[0.1, 0.9, 0], [0.9, 0, 0.1], [0.2, 0, 0.8]])
    b = make_scores(
        ["1", "2", "3"], ["dgo", "cat", "dog"], classes=("cat", "dgo", "dog"), probabilities=odds
    )
    issues = compare(a, b, ids_are_paths=False)["issues"]
    assert [row["id"] for row in issues["persisting"]] == ["1"]
    assert issues["resolved"] == issues["introduced"] == []


def test_labels_that_are_only_written_otherwise_are_counted_and_not_judged() -> None:
    ids, given = list("abcd"), ["cat", "cat", "dog", "dog"]
    scores = probabilities((0.9, 0.1, 0), (0.9, 0.1, 0), (0.1, 0.9, 0), (0.8, 0.2, 0))
    a = make_scores(ids, given, hashes=list("ABCD"), probabilities=scores)
    b = make_scores(ids, given, hashes=list("ABCD"), probabilities=scores)
    written = {"cat": "Cat\u200b", "dog": "dog"}
    b.table["given_label"] = b.table["given_label"].map(written)
    b.table["top_labels"] = [
        [written.get(name, name) for name in row] for row in b.table["top_labels"]
    ]
    b.table.loc[3, "given_label"] = "Cat\u200b"
    found = compare(a, b, ids_are_paths=False)
    assert found["respelt"] == [{"from": "cat", "to": "Cat\u200b", "count": 2}]
    assert found["samples"]["relabelled"] == 1
    assert found["samples"]["unchanged"] == 3
    # The old name has a probability in b, under its new spelling.
    assert found["relabelled"][0]["verdict"] == "supported"
    (warning,) = [text for text in found["warnings"] if "no relabelling" in text]
    assert "'cat' is written 'Cat\\u200b' now, in 2 samples" in warning
    assert "1 relabelled" in headline(found)
    assert "2 only respelt" in headline(found)
