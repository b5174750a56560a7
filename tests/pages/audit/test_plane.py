"""The map of the data: what is drawn, in which colours, and what a person sees of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from browser import Visit
from click.testing import CliRunner
from desk import on_desk
from playwright.sync_api import expect
from report_inputs import inputs, overview_of, scores_table

from cgaudit.cli import cli
from cgaudit.pages.audit import ReportOptions, mapped, plane_section
from cgaudit.pages.audit import plane as rooms
from cgaudit.pages.audit.plane import points_of


def table(n: int = 40, labels: str = "ab") -> pd.DataFrame:
    given = [labels[row % len(labels)] for row in range(n)]
    scores = scores_table([f"s{row:02}" for row in range(n)], given, given)
    scores["label_score"] = np.linspace(0, 1, n, dtype=np.float32)
    scores["content_hash"] = [f"{row * 7919:032x}" for row in range(n)]
    return scores


def steps(part: dict[str, str]) -> int:
    return part["path"].count("M")


def test_each_point_is_drawn_once_in_every_view() -> None:
    scores = table().assign(split=["train", "test", "train", "train"] * 10)
    points = mapped(overview_of(scores))
    section = plane_section(points, np.random.default_rng(0).normal(size=(40, 2)), "pca", 40)
    assert [view["key"] for view in section["views"]] == ["label", "score", "split"]
    for view in section["views"]:
        assert sum(steps(part) for part in view["parts"]) == 40
        counts = [f"{steps(part)} samples" for part in view["parts"]]
        assert [part["count"] for part in view["parts"]] == counts
    score = section["views"][1]["parts"]
    assert [(part["colour"], part["name"]) for part in score] == [
        ("l1", "0.8–1"), ("l2", "0.6–0.8"), ("l3", "0.4–0.6"), ("l4", "0.2–0.4"), ("l5", "0–0.2"),
    ]  # fmt: skip
    assert [part["name"] for part in section["views"][2]["parts"]] == ["train", "test"]


def test_rare_labels_share_a_colour_below_the_others() -> None:
    scores = table(60, "aaabbbccddeefghij")
    section = plane_section(mapped(overview_of(scores)), np.zeros((60, 2)), "pca", 60)
    parts = section["views"][0]["parts"]
    assert [part["colour"] for part in parts] == ["c", *(f"c{at}" for at in range(7))]
    assert parts[0]["name"] == "3 others"
    assert [part["name"] for part in parts[1:3]] == ["a", "b"]
    assert [part["named"] for part in parts[:3]] == [False, True, True]


def test_points_are_bounded_and_drawn_by_their_content(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "POINTS", 15)
    scores = table()
    chosen = mapped(overview_of(scores))["id"].tolist()
    assert len(chosen) == 15
    shuffled = scores.sample(frac=1, random_state=1)
    assert set(mapped(overview_of(shuffled))["id"]) == set(chosen)
    scores.loc[scores["id"] == chosen[0], "given_label"] = None
    assert chosen[0] not in mapped(overview_of(scores))["id"].tolist()
    said = plane_section(mapped(overview_of(scores)), np.zeros((15, 2)), "pca", 40)["says"]
    assert "15 of 40 samples are drawn." in said


def test_far_points_stay_in_the_picture() -> None:
    plane = np.random.default_rng(0).normal(size=(400, 2))
    plane[0] = 1e9, -1e9
    section = plane_section(table(400), plane, "pca", 400)
    numbers = [
        float(number)
        for part in section["views"][0]["parts"]
        for step in part["path"].split("M")[1:]
        for number in step.removesuffix("h0").split()
    ]
    assert -3 <= min(numbers) < 20
    assert 80 < max(numbers) <= 103


def test_each_point_has_its_sample_where_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    points = mapped(overview_of(table()))
    section = plane_section(points, np.random.default_rng(0).normal(size=(40, 2)), "pca", 40)
    told = points_of(section, {"s03": 7})
    assert steps({"path": told["steps"]}) == len(told["points"]) == 40
    assert told["points"][:5] == ["s00", "s01", "s02", 7, "s04"]
    # Five characters and their quotes each: there is room for three.
    monkeypatch.setattr(rooms, "POINT_BYTES", 3 * len('"s00"') + 1)
    section = plane_section(points, np.zeros((40, 2)), "pca", 40)
    assert points_of(section, {})["points"] == ["s00", "s01", "s02", *[None] * 37]
    assert points_of(None, {}) == {}


def test_a_point_says_its_id_and_opens_the_desk(
    browser: Any, write_page: Callable[[dict[str, Any]], Path]
) -> None:
    scores = table()
    scores["id"] = [f"<b>{name}</b>" for name in scores["id"]]
    plane = np.column_stack([np.arange(40) % 8, np.arange(40) // 8]).astype(float)
    section = plane_section(mapped(overview_of(scores)), plane, "pca", 40)
    options = ReportOptions(samples=10, random_samples=0)
    made = inputs(scores, sections={"plane": section}, params=options)
    visit = Visit(browser, write_page(made), 1280, "light", reduced_motion="reduce")
    # A filter that the sample does not pass gives way to it.
    visit.page.locator("#filters [name=id]").fill("s09")
    square = visit.page.locator(".plane .label .map > svg")
    square.scroll_into_view_if_needed()
    data = json.loads(visit.page.locator("#review-data").text_content() or "")
    held = data["id"].index("<b>s03</b>")
    at = {"point": None, "other": None}
    for name, row in (("point", 3), ("other", 39)):
        at[name] = visit.page.evaluate(
            """(row) => {
              const steps = JSON.parse(document.getElementById("order-data").textContent).steps;
              const [, x, y] = steps.split("M")[row + 1].match(/^(\\S+) (\\S+)h0$/);
              const m = document.querySelector(".plane .label path.held").getScreenCTM();
              return [m.a * x + m.e, m.d * y + m.f];
            }""",
            row,
        )
    tip = visit.page.locator(".plane .tip")
    visit.page.mouse.move(*at["other"])
    expect(tip).to_have_text("<b>s39</b> · not on this page's desk")
    visit.page.mouse.click(*at["other"])
    assert on_desk(visit)[1] == "<b>s09</b>"
    visit.page.mouse.move(*at["point"])
    expect(tip).to_have_text("<b>s03</b> · open on the desk")
    assert tip.locator("b").count() == 0
    visit.page.mouse.click(*at["point"])
    assert data["id"][held] == on_desk(visit)[1] == "<b>s03</b>"
    assert visit.page.evaluate("document.activeElement.id") == "desk"
    assert visit.complaints == []
    visit.context.close()


def test_the_views_are_chosen_by_their_names(
    browser: Any, write_page: Callable[[dict[str, Any]], Path]
) -> None:
    plane = np.random.default_rng(0).normal(size=(40, 2))
    section = plane_section(table(), plane, "pca", 40)
    visit = Visit(browser, write_page(inputs(table(), sections={"plane": section})), 1280, "light")
    by_label = visit.page.locator(".plane .label")
    by_score = visit.page.locator(".plane .score")
    expect(by_label).to_be_visible()
    expect(by_score).to_be_hidden()
    visit.page.get_by_role("radio", name="By label_score").check()
    expect(by_score).to_be_visible()
    expect(by_label).to_be_hidden()
    assert visit.complaints == []


def test_a_report_has_it_where_it_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    rows = "\n".join(f"r{n},{rng.normal(n % 2)},{rng.normal()},{'xy'[n % 2]}" for n in range(30))
    (tmp_path / "table.csv").write_text(f"id,one,two,label\n{rows}\n")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["audit", "table.csv", "--out", "out"])
    assert done.exit_code == 0, done.output
    assert 'id="map"' in (tmp_path / "out/index.html").read_text()
