"""A row is shown by its telling columns, its neighbours by the same; a text is shown at length."""

from __future__ import annotations

import csv
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from browser import Visit
from outline import Outline
from playwright.sync_api import expect
from report_inputs import inputs, neighbours_in, scores_table
from sklearn.datasets import load_breast_cancer

from cgaudit.pages.audit import ReportOptions, build_context, render
from cgaudit.pages.audit.gallery import CELL_LIMIT, LONG_EXCERPT_LIMIT
from cgaudit.pages.frame.asked import TellingColumn, TellingColumns
from cgaudit.pages.frame.size import EXCERPT_LIMIT, PAGE_BYTES

HOSTILE = ["<b>x</b>", "</td><script>alert(1)</script>", "\"'&" * 30, "עברית", "a\x00\ud800b"]
HARMLESS = ["x", "y", "z" * 90, "u", "v"]


def telling(names, value="1"):
    def find(questions):
        return [
            TellingColumns(
                [asked.given, asked.rival],
                [TellingColumn(name, value, [None, name]) for name in names],
            )
            for asked in questions
        ]

    return find


def rows_of(names, n=60, value="1", **changes):
    labels = [f"class {i % 3}" for i in range(n)]
    scores = scores_table([f"s{i:04d}" for i in range(n)], labels, labels)
    return inputs(
        scores,
        neighbours=neighbours_in(scores),
        columns=telling(names, value),
        cells=lambda _, wanted: [value for _ in wanted],
        excerpt=lambda _: "an excerpt that nobody sees",
        **changes,
    )


def test_a_card_holds_columns_in_place_of_the_excerpt():
    context = build_context(**rows_of(["size", "x" * 100], params=ReportOptions(samples=5)))
    for card in context["gallery"]["cards"]:
        assert card["excerpt"] is None
        assert card["columns"]["classes"] == [card["given"], card["rival"]]
        first, second = card["columns"]["rows"]
        assert first == {"name": "size", "value": "1", "usual": ["–", "size"]}
        assert len(second["name"]) == CELL_LIMIT
        for side in ("given", "rival"):
            assert {tuple(other["cells"]) for other in card["evidence"][side]} == {("1", "1")}


def test_a_row_that_nothing_tells_of_keeps_its_excerpt():
    context = build_context(**rows_of([]))
    assert {card["excerpt"] for card in context["gallery"]["cards"]} == {
        "an excerpt that nobody sees"
    }
    assert {card["columns"] for card in context["gallery"]["cards"]} == {None}


def test_names_and_values_are_inert():
    def outline(names, value):
        context = build_context(**rows_of(names, value=value, params=ReportOptions(samples=3)))
        return Outline(render(context)).tags

    assert outline(HOSTILE, HOSTILE[1]) == outline(HARMLESS, "w" * 30)


@pytest.mark.parametrize("long", ["<&>\"'" * 9, "長" * 40, "a"])
def test_the_page_stays_small_with_thousands_of_rows(long):
    names = [f"{i}{long}" for i in range(6)]
    arguments = rows_of(names, 5000, long, params=ReportOptions(samples=5000))
    context = build_context(**arguments)
    assert len(render(context).encode()) < PAGE_BYTES
    assert len(context["gallery"]["cards"]) > 400


# --- long texts ---


def text_cards(n, text):
    labels = [f"class {i % 3}" for i in range(n)]
    scores = scores_table([f"s{i:04d}" for i in range(n)], labels, labels)
    arguments = inputs(scores, excerpt=lambda _: text, params=ReportOptions(samples=n))
    context = build_context(**arguments, **{})
    assert len(render(context).encode()) < PAGE_BYTES
    return context["gallery"]["cards"]


def test_a_text_is_kept_at_length_and_cut_where_many_would_not_fit():
    few, many = (text_cards(n, "<words> " * 1000) for n in (120, 2500))
    assert {len(card["excerpt"]) for card in few} == {LONG_EXCERPT_LIMIT}
    assert {len(card["excerpt"]) for card in many} == {EXCERPT_LIMIT}
    assert len(many) > 1500


@pytest.mark.parametrize("width", [390, 1280])
def test_the_desk_shows_the_text_that_the_gallery_clamps(browser, write_page, width):
    text = "One line of a long complaint. " * 45 + "The end."
    labels = [f"class {i % 3}" for i in range(30)]
    scores = scores_table([f"s{i}" for i in range(30)], labels, labels)
    page = write_page(inputs(scores, excerpt=lambda _: text, neighbours=neighbours_in(scores)))
    visit = Visit(browser, page, width, "light")
    card, desk = (visit.page.locator(f"{at} blockquote").first for at in ("#gallery", "#exhibit"))
    lines = "node => node.clientHeight / parseFloat(getComputedStyle(node).lineHeight)"
    assert card.evaluate(lines) == pytest.approx(8, abs=0.2)
    expect(desk).to_contain_text("The end.")
    desk.evaluate("node => node.scrollTo(0, node.scrollHeight)")
    assert desk.evaluate("node => node.scrollTop + node.clientHeight >= node.scrollHeight - 1")
    assert desk.evaluate("node => getComputedStyle(node).webkitLineClamp") == "none"
    visit.context.close()


# --- the whole way ---


@pytest.fixture(scope="module")
def cancer_page(tmp_path_factory):
    """Return the report of scikit-learn's breast cancer, some labels flipped, and their rows."""
    folder = tmp_path_factory.mktemp("cancer")
    data = load_breast_cancer()
    names = [str(name) for name in data.feature_names]
    labels = np.array(["malignant", "benign"])[data.target]
    flipped = [*range(3, 569, 40)]
    labels[flipped] = np.where(labels[flipped] == "benign", "malignant", "benign")
    with (folder / "cancer.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*names, "diagnosis"])
        writer.writerows([*row, label] for row, label in zip(data.data, labels, strict=True))
    command = [sys.executable, "-m", "cgaudit", "audit", "cancer.csv", "--label-column"]
    done = subprocess.run(
        [*command, "diagnosis", "--out", "out"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return folder / "out" / "index.html", dict(zip(names, data.data.T, strict=True)), labels


@pytest.mark.parametrize("width", [390, 1280])
def test_breast_cancer_by_its_telling_columns(browser, cancer_page, width):
    path, columns, labels = cancer_page
    visit = Visit(browser, path, width, "light")
    page = visit.page
    assert page.locator("#gallery blockquote").count() == 0
    row = int(page.locator("#gallery > li .id bdi").first.text_content())
    table = page.locator("#exhibit .telling")
    heads = table.locator("thead bdi").all_text_contents()
    assert heads[0] == labels[row]
    assert set(heads) == {"benign", "malignant"}
    lines = [
        [cell.strip() for cell in line.locator("th, td").all_text_contents()]
        for line in table.locator("tbody tr").all()
    ]
    assert len(lines) == 6
    scores = []
    for name, own, *usual in lines:
        values = columns[name]
        medians = [np.median(values[labels == head]) for head in heads]
        assert [float(own), *map(float, usual)] == pytest.approx([values[row], *medians], rel=5e-4)
        spread = np.subtract(*np.percentile(values, [75, 25]))
        given, rival = np.abs(values[row] - medians) / spread
        scores.append(given - rival)
    assert all(first >= second for first, second in pairwise(scores))
    near = page.locator("#exhibit .near table").first
    assert near.locator("th").all_text_contents() == [name for name, *_ in lines]
    assert near.locator("tbody tr").count() == 4
    overflow = "() => document.documentElement.scrollWidth - window.innerWidth"
    assert page.evaluate(overflow) <= 0
    assert visit.complaints == []
    visit.context.close()
