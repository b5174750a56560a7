"""The page of a history in a real browser."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from browser import OVERFLOWING, POOR_CONTRAST, WIDTHS, Visit, findings

from cgaudit.pages.history import history_page

#: The height of the letters of every text in a plot, in pixels of the window.
LETTERS = """() => [...document.querySelectorAll(".plot text")]
  .filter((e) => e.checkVisibility())
  .map((e) => parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().d)"""

#: Where the visible names below the first chart are, from left to right, and where its panel is.
NAMES = """() => {
  const [plot] = document.querySelectorAll(".plot");
  const names = [...plot.querySelectorAll(".label:not(.date)")]
    .filter((e) => e.checkVisibility()).map((e) => e.getBoundingClientRect());
  return [names.map((r) => [r.left, r.right]), plot.parentElement.getBoundingClientRect().right];
}"""

#: axe rates a page without its landmarks as moderate only.
LANDMARKS = """async () => {
  const { violations } = await axe.run(document, { runOnly: ["landmark-one-main", "region"] });
  return violations.map(({ id }) => id);
}"""


def many(n: int = 30) -> dict[str, Any]:
    """Return a history of versions with names of every length, computed anew once."""
    rng = random.Random(0)
    versions = [
        {
            "commit": f"{i:07x}" * 5,
            "date": f"2025-01-{1 + i % 28:02}",
            "subject": f"<b>change</b> {i}" + " and some more" * (i % 9),
            "tags": ["v" + "1234567890" * 12] if i == 7 else [f"版本 {i}"] if i == 9 else [],
            "recomputed": i == 20,
            "n_samples": 800_000 + 5 * i,
            "n_label_issues": 40_000 - i,
            "label_issue_rate": 0.05,
            "label_quality": None if i == 3 else 0.7 + 0.2 * rng.random(),
            "complexity": 3.5 + i / 7,
            "added": i,
            "removed": None,
            "relabelled": 10 * i,
        }
        for i in range(n)
    ]
    return {"versions": versions, "notes": ["1234567 is left out: its summary.json is damaged."]}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("history-page") / "history.html"
    path.write_text(history_page(many()), encoding="utf-8")
    return path


@pytest.fixture
def visit(browser: Any, path: Path) -> Iterator[Callable[..., Visit]]:
    """Open the page; it must end without complaints, and nothing may have left it."""
    visits: list[Visit] = []

    def open_page(width: int = 1280, scheme: str = "light") -> Visit:
        visits.append(Visit(browser, path, width, scheme))
        return visits[-1]

    yield open_page
    for one in visits:
        assert one.complaints == []
        assert one.left_the_page() == []
        one.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_inside_the_window_and_legible(visit, scheme):
    for width in WIDTHS:
        page = visit(width, scheme).page
        assert page.evaluate(OVERFLOWING) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        letters = page.evaluate(LETTERS)
        assert len(letters) > 20
        assert min(letters) >= 11
        if width == 1280:
            assert page.evaluate(POOR_CONTRAST) == []


def test_the_names_below_a_chart_keep_apart(visit):
    shown = []
    for width in (360, 390, 700, 1280, 1600):
        names, panel = visit(width).page.evaluate(NAMES)
        shown.append(len(names))
        assert all(a[1] + 4 < b[0] for a, b in pairwise(names))
        assert names[-1][1] <= panel
    assert shown[0] > 2
    assert shown[-1] > shown[0]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious(visit, axe, scheme, width):
    one = visit(width, scheme)
    assert findings(one, axe) == []
    assert one.page.evaluate(LANDMARKS) == []


def test_the_table_is_apart_and_its_heads_stand_over_their_cells(visit):
    page = visit().page
    bottom = page.locator(".trend").last.bounding_box()
    table = page.locator(".log")
    assert table.bounding_box()["y"] > bottom["y"] + bottom["height"] + 48
    aligned = "(cells) => cells.map((cell) => getComputedStyle(cell).textAlign)"
    heads = table.locator("thead th").evaluate_all(aligned)
    assert heads == table.locator("tbody tr").first.locator("th, td").evaluate_all(aligned)
    assert heads[-1] == "start"
    assert heads[2] == "end"


def test_it_looks_like_the_report(visit):
    """The masthead, the ground and the letters are those of report.css."""
    page = visit(scheme="dark").page
    assert page.locator("header.masthead .mark").inner_text() == "cgaudit"
    assert page.locator("footer").is_visible()
    ground = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert ground == "rgb(19, 20, 22)"
    page.locator(".skip").press("Enter")
    assert page.url.endswith("#versions")
