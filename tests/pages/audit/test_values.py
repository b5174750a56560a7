"""The report where labels are numbers: what it says, and the desk on which one is typed."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from desk import downloaded, on_desk, press
from measured import patients
from report_inputs import inputs

from cgaudit.pages.audit import build_context, render, report_markdown
from cgaudit.pages.audit.values import Numeric, numeric_card, residual_picture
from cgaudit.paramsfile import parse_params
from cgaudit.project import Project
from cgaudit.results.metrics import Metrics
from cgaudit.review import apply_fixes
from cgaudit.verbs.audit import audit


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Patients whose values are written with a decimal comma, audited."""
    folder = tmp_path_factory.mktemp("patients")
    patients(folder / "patients.csv", write="{},0")
    section = {
        "source": {"path": str(folder / "patients.csv"), "label_column": "target"},
        "score": {"task": "regression"},
        "report": {"samples": 12, "random_samples": 5},
    }
    silent = dict.fromkeys(("featurize", "score"), lambda done, total: None)
    audit(parse_params(section, where="test"), folder / "out", silent)
    return folder


def numbers(n: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    value = rng.normal(100, 10, n)
    value[3] = 5000.0
    predicted = np.full(n, 100.0)
    return pd.DataFrame(
        {
            "id": [f"s{i:03d}" for i in range(n)],
            "given_label": [f"{it:.1f}" for it in value],
            "predicted_label": "100",
            "label_score": np.where(np.arange(n) == 3, 0.0, 0.5),
            "is_label_issue": np.arange(n) == 3,
            "cg_score": 1.0,
            "margin": np.abs(value - predicted) / 10,
            "top_labels": [[] for _ in range(n)],
            "top_scores": [[] for _ in range(n)],
            "content_hash": [f"{i:032x}" for i in range(n)],
            "value": value,
            "predicted": predicted,
            "residual": value - predicted,
            "deviation": 10.0,
        }
    )


def context_of(table: pd.DataFrame, **changes: Any) -> dict[str, Any]:
    metrics = Metrics(n_samples=len(table), n_label_issues=1, typical_residual=7.0, explained=0.2)
    return build_context(**inputs(table, metrics=metrics, task="regression", **changes))


def test_the_page_tells_of_residuals_and_of_no_classes() -> None:
    context = context_of(numbers())
    assert context["confusion"] is context["classes"] is context["whole"] is None
    worst = context["gallery"]["cards"][0]
    assert worst["id"] == "s003"
    assert worst["numeric"]["why"] == (
        "Judged by all other samples it is 100 ± 10; 5000.0 is 490 standard deviations above."
    )
    page = render(context)
    assert 'id="residuals"' in page
    assert 'id="pairs"' not in page
    markdown = str(report_markdown(context))
    assert "The values farthest off" in markdown
    assert "+4,900" in markdown


def test_the_picture_keeps_to_what_is_usual_and_says_what_is_beyond() -> None:
    table = numbers()
    picture = residual_picture(table, np.arange(40.0))
    assert picture is not None
    assert "1 sample beyond the edge stand" in picture["says"]
    keys = {it["key"]: it["path"].count("M") for it in picture["series"]}
    assert keys == {"others": 39, "flagged": 1}
    assert len(picture["rules"]) > 2
    assert len(picture["places"]) > 2
    assert residual_picture(table.iloc[:1], np.zeros(1)) is None
    equal = residual_picture(table.assign(value=1.0, residual=0.0), np.arange(40.0))
    assert equal is not None


def test_the_line_of_a_card_holds_the_value_and_what_is_said() -> None:
    card = numeric_card(Numeric(20.0, 10.0, 10.0, 2.0), "20", "10")
    assert card["from"] < card["said"] < card["from"] + card["width"] < card["at"] < 100
    still = numeric_card(Numeric(10.0, 10.0, 0.0, 0.0), "10", "10")
    assert still["why"] == "Judged by all other samples it is 10, not 10."


def test_hostile_labels_stay_texts() -> None:
    table = numbers().assign(given_label="<script>alert(1)</script>")
    page = render(context_of(table))
    assert "<script>alert" not in page


def test_a_number_is_typed_on_the_desk_and_written(
    folder: Path, browser: Any, axe: str, tmp_path: Path
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"file://{folder}/out/index.html")
    visit = SimpleNamespace(page=page)
    _, sample, decision = on_desk(visit)
    assert decision == "not decided"
    page.locator("#label").fill("12.5")
    page.locator("#label").press("Enter")
    assert page.locator("#label-problem").inner_text() == "Type a number, such as 1234,5."
    page.locator("#label").fill("12,5")
    page.locator("#label").press("Enter")
    page.evaluate("document.getElementById('desk').scrollIntoView({behavior: 'instant'})")
    _, second, _ = on_desk(visit)
    press(visit, "a")
    _, third, _ = on_desk(visit)
    press(visit, "k")
    assert page.locator("#accept-all").is_hidden()

    # A flagged one that the page has no card of gets one, which says the same.
    page.locator('#filters [name="flagged"]').check()
    page.locator("#gallery > li").last.locator(".open").click()
    exhibit = page.locator("#exhibit").inner_text()
    assert "Judged by all other samples it is" in exhibit
    assert "%" not in exhibit
    assert "too long" not in exhibit
    page.evaluate("document.getElementById('desk').scrollIntoView({behavior: 'instant'})")
    _, last, _ = on_desk(visit)
    press(visit, "d")

    fixes = downloaded(visit, tmp_path)
    rows = {row["id"]: row for row in json.loads(fixes.read_text())}
    assert rows[sample]["label"] == "12,5"
    assert rows[second]["action"] == "relabel"
    assert rows[third]["action"] == "keep"
    assert (rows[last]["action"], rows[last]["given_label"][-2:]) == ("drop", ",0")
    asked = json.loads((folder / "out/audit.json").read_text())
    section = {name: asked[name] for name in ("source", "score")}
    params = parse_params(section, where="test")
    scores = pd.read_parquet(folder / "out/scores.parquet")
    result = apply_fixes(
        fixes,
        project=Project(Path(), audited=folder / "out"),
        source=params.source,
        scores=scores,
        task="regression",
        dry_run=True,
    )
    assert (result["relabelled"], result["kept"], result["dropped"]) == (2, 1, 1)
    assert result["conflicts"] == []
    assert errors == []
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert [(it["id"], [node["html"][:120] for node in it["nodes"][:3]]) for it in found] == []
    page.close()
