"""The map of the data: what is drawn, in which colours, and what a person sees of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from browser import Visit
from click.testing import CliRunner
from playwright.sync_api import expect
from report_inputs import inputs, scores_table

from cgaudit.cli import cli
from cgaudit.pages.audit import mapped, plane_section
from cgaudit.pages.audit import plane as rooms


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
    points = mapped(scores)
    section = plane_section(points, np.random.default_rng(0).normal(size=(40, 2)), "pca", 40)
    assert [view["key"] for view in section["views"]] == ["label", "score", "split"]
    for view in section["views"]:
        assert sum(steps(part) for part in view["parts"]) == 40
        assert [part["count"] for part in view["parts"]] == [str(steps(it)) for it in view["parts"]]
    score = section["views"][1]["parts"]
    assert [(part["colour"], part["name"]) for part in score] == [
        ("l1", "above 0.8"), ("l2", "to 0.8"), ("l3", "to 0.6"), ("l4", "to 0.4"),
        ("l5", "below 0.2"),
    ]  # fmt: skip
    assert [part["name"] for part in section["views"][2]["parts"]] == ["train", "test"]


def test_rare_labels_share_a_colour_below_the_others() -> None:
    scores = table(60, "aaabbbccddeefghij")
    section = plane_section(mapped(scores), np.zeros((60, 2)), "pca", 60)
    parts = section["views"][0]["parts"]
    assert [part["colour"] for part in parts] == ["c", *(f"c{at}" for at in range(7))]
    assert parts[0]["name"] == "3 others"
    assert [part["name"] for part in parts[1:3]] == ["a", "b"]


def test_points_are_bounded_and_drawn_by_their_content(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "POINTS", 15)
    scores = table()
    chosen = mapped(scores)["id"].tolist()
    assert len(chosen) == 15
    shuffled = scores.sample(frac=1, random_state=1)
    assert set(mapped(shuffled)["id"]) == set(chosen)
    scores.loc[scores["id"] == chosen[0], "given_label"] = None
    assert chosen[0] not in mapped(scores)["id"].tolist()
    said = plane_section(mapped(scores), np.zeros((15, 2)), "pca", 40)["says"]
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
