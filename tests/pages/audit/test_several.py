"""The report where a sample may have several labels: what it says, and the toggles on its desk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from browser import OVERFLOWING, POOR_CONTRAST, Visit, findings
from desk import downloaded, on_desk, press
from report_inputs import inputs
from several import separated

from cgaudit.pages.audit import build_context, render, report_markdown
from cgaudit.paramsfile import parse_params
from cgaudit.project import Project
from cgaudit.results.columns import SETS
from cgaudit.results.metrics import Metrics
from cgaudit.results.table import read_scores
from cgaudit.review import apply_fixes
from cgaudit.verbs.audit import audit
from cgaudit.wording.labelsets import set_as_text


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Posts with tags, audited."""
    folder = tmp_path_factory.mktemp("posts")
    separated(folder / "posts.csv")
    section = {
        "source": {"path": str(folder / "posts.csv"), "label_separator": ";"},
        "score": {"task": "multilabel"},
        "report": {"samples": 2, "random_samples": 5},
    }
    silent = dict.fromkeys(("featurize", "score"), lambda done, total: None)
    audit(parse_params(section, where="test"), folder / "out", silent)
    return folder


HOSTILE = "<script>alert(1)</script>"


def tagged(n: int = 20, bad: str = HOSTILE) -> pd.DataFrame:
    given = [["cat", bad] if i == 3 else ["cat"] if i % 2 else [] for i in range(n)]
    wanted = [["cat", "dog"] if i == 3 else it for i, it in enumerate(given)]
    flagged = np.arange(n) == 3
    return pd.DataFrame(
        {
            "id": [f"s{i:03d}" for i in range(n)],
            "given_label": list(map(set_as_text, given)),
            "predicted_label": list(map(set_as_text, wanted)),
            "label_score": np.where(flagged, 0.01, 0.9),
            "is_label_issue": flagged,
            "cg_score": 1.0,
            "margin": 0.0,
            "top_labels": [["cat", "dog", bad]] * n,
            "top_scores": [[0.99, 0.97, 0.01]] * n,
            "content_hash": [f"{i:032x}" for i in range(n)],
            "worst_label": ["cat" if not it else bad for it in flagged],
            "labels_doubtful": [[bad] if it else [] for it in flagged],
            "labels_missing": [["dog"] if it else [] for it in flagged],
        }
    )


def context_of(table: pd.DataFrame) -> dict[str, Any]:
    metrics = Metrics(n_samples=len(table), n_label_issues=1, label_quality=0.85)
    return build_context(**inputs(table, metrics=metrics, task="multilabel"))


def test_labels_are_chips_and_nothing_is_said_of_classes() -> None:
    context = context_of(tagged(bad="bad"))
    card = context["gallery"]["cards"][0]
    chips = {
        chip["name"]: (chip["mark"], chip["flagged"], chip["odds"])
        for chip in card["several"]["chips"]
    }
    assert chips == {
        "bad": ("extra", True, "1.0 %"),
        "cat": ("", False, None),
        "dog": ("missing", True, "97.0 %"),
    }
    assert "would have dog (97.0 %), and not have bad (1.0 %)" in card["several"]["why"]
    assert [context[name] for name in ("confusion", "classes", "numbers", "whole")] == [None] * 4
    rows = {
        row["name"]: (row["n"], row["contested"], row["missing"])
        for row in context["several"]["rows"]
    }
    assert rows == {"bad": (1, 1, 0), "cat": (10, 0, 0), "dog": (0, 0, 1)}
    markdown = str(report_markdown(context))
    assert "Seems missing" in markdown
    assert "Confused pairs" not in markdown
    page = render(context)
    assert 'href="#pairs"' not in page
    assert '<span class="soft">no better class</span>' not in page


def test_names_are_escaped_everywhere() -> None:
    context = context_of(tagged())
    assert HOSTILE not in render(context)
    assert HOSTILE not in str(report_markdown(context))
    assert "&lt;script&gt;alert(1)" in render(context)


def test_a_label_that_looks_like_a_set_is_none_on_a_page_of_classes() -> None:
    table = tagged(bad="bad").drop(columns=list(SETS))
    card = build_context(**inputs(table))["gallery"]["cards"][0]
    assert card["several"] is None
    assert card["given"] == '["bad", "cat"]'


def test_the_page_stands_without_complaints(folder: Path, browser: Any, axe: str) -> None:
    for width, scheme in ((1280, "light"), (390, "dark")):
        seen = Visit(browser, folder / "out/index.html", width, scheme)
        assert seen.complaints == []
        assert seen.left_the_page() == []
        assert seen.page.evaluate(OVERFLOWING) == []
        assert seen.page.evaluate(POOR_CONTRAST) == []
        assert findings(seen, axe) == []
        seen.context.close()


def test_labels_are_toggled_and_what_is_on_is_applied(
    folder: Path, browser: Any, tmp_path: Path
) -> None:
    visit = Visit(browser, folder / "out/index.html", 1280, "light")
    try:
        page = visit.page
        # All three are there to decide on, though the page has cards of two.
        page.locator("select[name=decision]").scroll_into_view_if_needed()
        places = {}
        page.locator("#desk").scroll_into_view_if_needed()
        for _ in range(3):
            _, sample, _ = on_desk(visit)
            places[sample] = page.locator("#choices button").all_inner_texts()
            if sample == "p007":
                # Off with what is given, on with one of what is suggested, and one by hand.
                buttons = page.locator("#choices button").all()
                names = [button.get_attribute("data-name") for button in buttons]
                assert names[0] == "sport"
                press(visit, [str(names.index("sport") + 1), str(names.index("food") + 1), "l"])
                page.keyboard.type("cooking")
                press(visit, ["Enter"])
                settles = page.locator("#settles").inner_text()
                assert settles == "cooking, food (+cooking +food −sport)"
                press(visit, ["t"])
            elif sample == "p030":
                assert page.locator("#accepts").inner_text() == "+money"
                press(visit, ["a"])
            else:
                # What is taken as it is given is kept.
                press(visit, ["t"])
        assert set(places) == {"p007", "p030", "p055"}
        file = downloaded(visit, tmp_path)
        assert visit.complaints == []
    finally:
        visit.context.close()
    rows = {row["id"]: (row["action"], row.get("label")) for row in json.loads(file.read_text())}
    assert rows == {
        "p007": ("relabel", '["cooking", "food"]'),
        "p030": ("relabel", '["money"]'),
        "p055": ("keep", None),
    }
    data = tmp_path / "posts.csv"
    before = separated(data).splitlines()
    scores = read_scores(folder / "out/scores.parquet").table
    source = parse_params(
        {"source": {"path": "posts.csv", "label_separator": ";"}, "score": {"task": "multilabel"}},
        where="test",
    ).source
    apply_fixes(file, project=Project(tmp_path), source=source, scores=scores, task="multilabel")
    pairs = zip(before, data.read_bytes().splitlines(), strict=True)
    after = [new.rsplit(b",", 1)[1] for old, new in pairs if old != new]
    assert after == [b"cooking;food", b"money"]


def test_one_label_is_filtered_by(folder: Path, browser: Any) -> None:
    visit = Visit(browser, folder / "out/index.html", 1280, "light")
    try:
        visit.page.select_option("select[name=missing]", "money")
        assert visit.visible_cards() == 1
        assert on_desk(visit)[1] == "p030"
        visit.page.select_option("select[name=missing]", "")
        visit.page.select_option("select[name=extra]", "sport")
        assert {on_desk(visit)[1]} <= {"p007", "p055"}
        assert visit.visible_cards() == 2
    finally:
        visit.context.close()
