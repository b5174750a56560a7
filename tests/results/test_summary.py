"""Metrics and plot tables of a scores table."""

from __future__ import annotations

import json

import pandas as pd

from cgaudit.results.metrics import near_duplicates
from cgaudit.results.summary import (
    HISTOGRAM_BINS,
    PLOT_SAMPLES,
    metric_keys,
    plot_tables,
    summarise,
)


def test_the_figures(table):
    metrics = summarise(table, {"cat": 1.5, "dog": 0.25}, n_skipped=3)
    assert metrics.as_json() == {
        "n_samples": 5, "n_unlabelled": 1, "n_skipped": 3, "n_classes": 2,
        "n_label_issues": 1, "label_issue_rate": 0.25, "label_quality": 0.675, "complexity": 1.75,
        "class": {
            "cat": {"n_samples": 2, "n_label_issues": 1, "label_issue_rate": 0.5,
                    "label_quality": 0.5, "complexity": 1.5},
            "dog": {"n_samples": 2, "n_label_issues": 0, "label_issue_rate": 0.0,
                    "label_quality": 0.85, "complexity": 0.25},
        },
    }  # fmt: skip


def test_sets_of_near_duplicates_are_counted_once_each(table):
    rows = table.iloc[:4].assign(
        given_label=["cat", "dog", "cat", None],
        near_duplicate_set=[0, 0, 1, 1],
        is_duplicate_conflict=[True, True, False, False],
        is_split_leak=[False, False, True, True],
        is_reviewed=[False, True, False, False],
    )
    found = near_duplicates(rows)
    assert found == {"n_near_duplicate_sets": 2, "n_duplicate_conflicts": 1, "n_split_leaks": 1}
    assert summarise(rows, {}, n_skipped=0).n_split_leaks == 1
    settled = rows.assign(is_reviewed=True)
    assert near_duplicates(settled)["n_duplicate_conflicts"] == 0
    assert near_duplicates(table) == {}


def test_class_names_are_safe_in_dotted_keys():
    keys = metric_keys(["a.b", "a_b", "a/b", "ü", "", "x[0]", "\n"])
    assert list(keys) == ["a.b", "a_b", "a/b", "ü", "", "x[0]", "\n"]
    assert len(set(keys.values())) == 7
    assert keys["ü"] == "ü"
    assert not any(set(key) & set("./\\[]\n") for key in keys.values())


def test_plots_are_json_rows_with_numbers(table):
    plots = plot_tables(table)
    assert plots["confusion"] == [{"given": "cat", "suggested": "dog"}]
    assert len(plots["label_score"]) == HISTOGRAM_BINS
    assert sum(row["samples"] for row in plots["label_score"]) == 4
    assert [row["class"] for row in plots["class_quality"]] == ["cat", "dog"]
    json.dumps(plots)


def test_plots_do_not_grow_with_the_data(table):
    many = pd.concat([table] * 3000, ignore_index=True)
    assert len(plot_tables(many)["confusion"]) == PLOT_SAMPLES
