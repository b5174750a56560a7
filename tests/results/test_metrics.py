"""Metrics: by hand, as summary.json keeps them, and from a file that somebody damaged."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest

from cgaudit.results.figures import FIGURES
from cgaudit.results.metrics import Health, Metrics, health, health_by_class, issue_rate
from cgaudit.results.summary import summarise

CAT, DOG = Health(2, 1, 0.5, 0.5), Health(2, 0, 0.0, 0.85)


def test_health_by_hand(table):
    assert health(table[table["given_label"].notna()]) == Health(4, 1, 0.25, 0.675)


def test_of_no_labels_there_is_no_share_and_no_mean(table):
    assert health(table[:0]) == Health(0, 0, None, None)
    assert issue_rate(0, 0) is None


def test_the_health_of_each_class_by_hand(table):
    backwards = table[::-1]
    assert list(health_by_class(backwards).items()) == [("cat", CAT), ("dog", DOG)]
    assert health_by_class(table[table["given_label"].isna()]) == {}


def test_six_digits_are_published(table):
    found = health(table[table["given_label"].notna()].assign(label_score=[1 / 3] * 4))
    assert found.label_quality == 0.333333
    assert issue_rate(2, 3) == 0.666667


def test_only_numbers_and_maps(table):
    def check(node):
        assert isinstance(node, (int, float, dict))
        for child in node.values() if isinstance(node, dict) else ():
            check(child)

    check(json.loads(json.dumps(summarise(table, {"cat": 1.0, "dog": 1.0}, 0).as_json())))


@pytest.mark.parametrize("complexity", [1.0, float("nan")])
def test_what_summary_json_holds_reads_back(table, complexity):
    metrics = summarise(table, {"cat": complexity, "dog": 1.0}, 2)
    assert Metrics.of_json(json.loads(json.dumps(metrics.as_json()))) == metrics
    assert (metrics.complexity is None) == (complexity != 1.0)


@pytest.mark.parametrize("content", [None, [], "n_samples", 3, [{"n_samples": 1}]])
def test_what_is_no_object_holds_no_metrics(content):
    assert Metrics.of_json(content) is None


def test_what_is_no_number_is_absent():
    damaged = {"n_samples": "5", "n_classes": True, "label_quality": None, "n_skipped": [1]}
    assert Metrics.of_json({**damaged, "class": ["cat"], "other": 1}) == Metrics()
    assert Metrics.of_json({**damaged, "n_label_issues": 0}) == Metrics(n_label_issues=0)
    assert Metrics().as_json() == {"class": {}}


def test_what_is_followed_over_versions_is_a_metric():
    assert {figure.key for figure in FIGURES} <= {field.name for field in fields(Metrics)}
