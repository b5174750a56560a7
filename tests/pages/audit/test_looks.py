"""Pictures that look odd, in the report and on the terminal, from pictures on the disk."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image
from report_inputs import inputs, noise, scores_table

from cgaudit.cli import cli
from cgaudit.numerics.pictures import KINDS
from cgaudit.pages.audit import build_context, render
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
    text = render(context)
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
