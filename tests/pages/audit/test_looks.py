"""Pictures that look odd, in the report and on the terminal, from pictures on the disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from browser import Visit
from click.testing import CliRunner
from desk import on_desk, press
from PIL import Image
from report_inputs import inputs, noise, scores_table

from cgaudit.cli import cli
from cgaudit.numerics.pictures import KINDS
from cgaudit.pages.audit import ReportOptions, build_context, render
from cgaudit.pages.audit.looks import SHOWN, looks_line
from cgaudit.pages.frame.asked import Sights
from cgaudit.results.columns import picture_column
from cgaudit.results.table import read_scores


def table_with(odd: dict[int, tuple[str, ...]], n: int = 60) -> pd.DataFrame:
    scores = scores_table([f"s{i:02}" for i in range(n)], ["a"] * n, ["a"] * n)
    for kind in KINDS:
        scores[picture_column(kind)] = [kind in odd.get(row, ()) for row in range(n)]
    return scores


def test_the_gallery_has_those_with_most_kinds_first() -> None:
    odd = {3: ("dark",), 5: ("dark",), 7: ("dark", "low_information"), 9: ("blurry",)}
    context = build_context(**inputs(table_with(odd), sights=Sights(picture=noise)))
    cards = context["looks"]["cards"]
    assert [card["id"] for card in cards] == ["s07", "s09", "s03", "s05"]
    assert cards[0]["kinds"] == ["dark", "flat"]
    assert all(card["thumbnail"] is not None for card in cards)
    # All labelled samples of a small table are on the desk.
    assert [context["review"]["id"][card["at"]] for card in cards] == ["s07", "s09", "s03", "s05"]
    assert context["looks"]["next"].startswith("These can be opened on the desk: there Drop (D)")
    text = render(context)
    assert text.count('<li data-at="') == 4
    assert "A wavy line marks" not in text
    assert "4 pictures look unlike the rest, whatever the label: 3 dark, 1 flat, 1 blurred." in text
    assert "dark, flat" in text
    figures = {one["name"]: one for one in context["figures"]}
    assert figures["Odd pictures"]["value"] == "4"


def test_more_than_are_shown_are_counted() -> None:
    context = build_context(**inputs(table_with(dict.fromkeys(range(40), ("dark",)))))
    assert len(context["looks"]["cards"]) == SHOWN
    assert "40 dark. 24 of them are shown." in context["looks"]["says"]


def test_nothing_is_shown_where_nothing_is_odd_or_nobody_looked() -> None:
    context = build_context(**inputs(table_with({})))
    assert context["looks"] is None
    assert 'id="looks"' not in render(context)
    figures = {one["name"]: one for one in context["figures"]}
    assert figures["Odd pictures"]["means"] == "No picture looks unlike the rest."
    context = build_context(**inputs(table_with({}).drop(columns="is_dark_issue")))
    assert "Odd pictures" not in {one["name"] for one in context["figures"]}


def test_the_line_of_the_terminal() -> None:
    assert looks_line({"dark": 1, "odd_size": 2_000}) == "pictures: 1 dark, 2,000 of odd size"
    assert looks_line({"dark": 0}) == looks_line({}) == ""


def test_an_audit_tells_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(24):
        values = np.random.default_rng(number).normal(100 + 40 * (number % 2), 40, (40, 40))
        if number == 6:
            values = values / 6
        file = tmp_path / f"pictures/{'ab'[number % 2]}/{number:02}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(values.clip(0, 255).astype(np.uint8)).save(file)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["audit", "pictures", "--out", "out"])
    assert done.exit_code == 0, done.output
    assert "pictures: 1 dark" in done.stdout
    table = read_scores(tmp_path / "out/scores.parquet").table.set_index("id")
    assert table.index[table["is_dark_issue"]].tolist() == ["a/06.png"]
    counts = json.loads((tmp_path / "out/summary.json").read_text())["picture_issues"]
    assert counts == {kind: int(kind == "dark") for kind in KINDS}
    assert "1 picture looks unlike the rest" in (tmp_path / "out/index.html").read_text()


def test_what_is_not_on_the_desk_is_acted_on_by_its_id() -> None:
    options = ReportOptions(samples=1, random_samples=0)
    table = table_with({3: ("dark",), 5: ("dark",)})
    table["is_label_issue"] = table["id"] == "s05"
    table.loc[5, "predicted_label"] = "b"
    unlabelled = {"given_label": None, "label_score": np.nan, "is_label_issue": False}
    table.loc[3, list(unlabelled)] = list(unlabelled.values())
    context = build_context(**inputs(table, params=options))
    assert [card["at"] for card in context["looks"]["cards"]] == [None, 0]
    said = context["looks"]["next"]
    assert said.startswith("1 of these can be opened on the desk")
    assert said.endswith(
        "the columns is_dark_issue to is_odd_aspect_ratio_issue of the scores table have them all."
    )
    assert "A wavy line marks a flagged label." in render(context)


def test_none_is_on_the_desk_where_none_has_a_label() -> None:
    table = table_with({3: ("dark",)})
    table.loc[3, "given_label"] = None
    context = build_context(**inputs(table))
    assert context["looks"]["next"].startswith("None of these is on the desk. To act on them")
    assert context["gallery"]["n_odd"] == 0


def test_odd_pictures_are_a_part_of_the_desk_of_their_own(browser: Any, tmp_path: Path) -> None:
    table = table_with({3: ("dark",), 5: ("blurry", "dark")})
    made = inputs(table, params=ReportOptions(samples=1, random_samples=0))
    (tmp_path / "index.html").write_text(render(build_context(**made)), encoding="utf-8")
    visit = Visit(browser, tmp_path / "index.html", 1280, "light", reduced_motion="reduce")
    button = visit.page.locator("#modes button[data-mode=odd]")
    assert button.inner_text().split() == ["Odd", "samples", "2"]
    button.click()
    assert visit.page.locator("#samples-title").inner_text() == "Outliers and odd pictures"
    assert on_desk(visit)[1] == "s05"
    press(visit, "d")
    assert on_desk(visit)[1] == "s03"
    press(visit, "k")
    assert "1 dropped" in visit.page.locator("#tally").inner_text()
    assert visit.complaints == []
    visit.context.close()


def test_an_odd_picture_opens_on_the_desk(browser: Any, tmp_path: Path) -> None:
    table = table_with({3: ("dark",), 5: ("blurry",)})
    # Neither of them is among the most suspicious.
    options = ReportOptions(samples=1, random_samples=0)
    made = inputs(table, sights=Sights(picture=noise), params=options)
    (tmp_path / "index.html").write_text(render(build_context(**made)), encoding="utf-8")
    visit = Visit(browser, tmp_path / "index.html", 1280, "light", reduced_motion="reduce")
    visit.page.get_by_role("button", name="Open on the desk: s05").click()
    assert on_desk(visit)[1] == "s05"
    press(visit, "d")
    assert "1 dropped" in visit.page.locator("#tally").inner_text()
    assert visit.complaints == []
    visit.context.close()
