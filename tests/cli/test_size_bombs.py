"""However much a version holds, what is shown of it is bounded, and says what was left out."""

from __future__ import annotations

import time
from xml.etree import ElementTree

import pytest
from limits import limits
from provenance import PROVENANCE

from cgaudit.cli.console import MESSAGE_LIMIT, tell_one
from cgaudit.pages.change import diff_markdown, diff_text
from cgaudit.pages.check import check_markdown, check_text, github_annotations, junit_xml
from cgaudit.results.change import Diff
from cgaudit.verbs.check import check
from cgaudit.wording.text import shown

HUGE = "x" * 100_000


def a_change(n: int, n_classes: int, label: str) -> Diff:
    """Return a comparison that lists so many rows; it shares what is equal in them."""
    figures = {"n_samples": n, "label_quality": 0.5, "label_issue_rate": 0.5}
    scores = {"label_score_a": 0.5, "label_score_b": 0.5}
    names = {"id": label, "id_a": None}
    of_issue = {"kind": "added", "label": label, "suggested": label, "suggested_score": 0.5}
    issue = {**names, **scores, **of_issue, "reviewed": False}
    row = {**names, **scores, "from": label, "to": label, "verdict": "contradicted"}
    row |= {"support": 0.1, "suggested": label, "suggested_score": 0.5, "reviewed": False}
    sides = dict.fromkeys(("n_a", "n_b", "issues_a", "issues_b", "relabelled_to"), 1)
    sides |= dict.fromkeys(("added", "removed", "relabelled_from"), 1)
    quality = {"label_quality_a": 0.5, "label_quality_b": 0.1}
    side = {"revision": label, "commit": None, "provenance": vars(PROVENANCE)}
    kinds = ("added", "removed", "relabelled", "edited", "moved", "unchanged")
    verdicts = dict.fromkeys(("supported", "undecided", "renamed", "reviewed"), 0)
    return {  # type: ignore[return-value]
        "a": side, "b": side, "samples": dict.fromkeys(kinds, n),
        "verdicts": {**verdicts, "contradicted": n}, "relabelled": [row] * n,
        "added": [], "removed": [], "absent": [], "edited": [], "moved": [], "respelt": [],
        "warnings": [label] * n,
        "issues": {
            **dict.fromkeys(("resolved", "introduced", "persisting", "silenced"), [issue] * n),
            "by_ripple": {"resolved": 0, "introduced": 0},
        },
        "ripple": {"tolerance": 0.01, "count": 0, "max": 0.0, "mean": 0.0, "up": 0, "down": 0,
                   "largest": []},
        "classes": [{"label": f"{i}{label}", **sides, **quality} for i in range(n_classes)],
        "summary": {"a": figures, "b": figures, "difference": {"label_quality": 0.0}},
        "settings": {"band": 0.1, "tolerance": 0.01, "ids_are_paths": False},
    }  # fmt: skip


@pytest.fixture(scope="module", params=["rows", "classes", "names"])
def bomb(request: pytest.FixtureRequest) -> Diff:
    n, n_classes, label = {
        "rows": (1_000_000, 3, "cat"), "classes": (10, 200_000, "cat"), "names": (100, 200, HUGE),
    }[request.param]  # fmt: skip
    return a_change(n, n_classes, label)


def test_a_comparison_is_shown_in_part(bomb: Diff) -> None:
    start = time.process_time()
    comment, text = str(diff_markdown(bomb)), diff_text(bomb)
    assert time.process_time() - start < 20
    assert len(comment.encode()) <= 60_000
    assert len(text) < 200_000
    for said in (comment, text):
        assert "more, listed by" in said
        assert f"Relabelled ({len(bomb['relabelled']):,})" in said
        assert "x" * 401 not in said


def test_a_gate_is_shown_in_part(bomb: Diff) -> None:
    section = {"any_class": {"min_label_quality": 0.9}, "max_silenced": 0, "max_introduced": 0}
    result = check(bomb, limits(**section))
    start = time.process_time()
    comment, text, xml = str(check_markdown(result)), check_text(result), junit_xml(result)
    annotations = "\n".join(map(str, github_annotations(result)))
    assert time.process_time() - start < 20
    assert len(comment.encode()) <= 60_000
    assert len(text) < 100_000
    assert len(annotations) < 30_000
    assert annotations.count("::error") <= 10
    assert len(xml) < 2_000_000
    suite = ElementTree.fromstring(xml)[0]
    assert suite.get("failures") == str(len(result["limits"]))
    assert len(suite.findall("testcase")) == min(len(result["limits"]), 1_000)
    assert (suite.find("system-out") is not None) == (len(result["limits"]) > 1_000)


def test_a_message_ends(capsys: pytest.CaptureFixture[str]) -> None:
    tell_one(HUGE)
    said = capsys.readouterr().err
    assert len(said) < MESSAGE_LIMIT + 100
    assert f"({100_000 - MESSAGE_LIMIT:,} more characters)" in said
    assert len(shown([HUGE] * 200_000)) < 3_000
    assert shown([HUGE] * 200_000).endswith(" and 199992 more")
