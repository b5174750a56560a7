"""The page of a comparison in a real browser."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import OVERFLOWING, POOR_CONTRAST, WIDTHS, Visit, findings
from diff_inputs import digits_change, wild_change
from playwright.sync_api import expect

from cgaudit.pages.change import build_diff_context, render_diff

MAKERS = {"digits": digits_change, "wild": wild_change}
CARDS = "#samples .gallery > li"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("diff-pages")
    paths = {name: folder / f"{name}.html" for name in MAKERS}
    for name, path in paths.items():
        path.write_text(render_diff(build_diff_context(**MAKERS[name]())), encoding="utf-8")
    return paths


@pytest.fixture
def visit(browser: Any, pages: dict[str, Path]) -> Iterator[Callable[..., Visit]]:
    """Open a page; it must end without complaints, and nothing may have left it."""
    visits: list[Visit] = []

    def open_page(
        name: str = "digits", width: int = 1280, scheme: str = "light", **options: Any
    ) -> Visit:
        visits.append(Visit(browser, pages[name], width, scheme, **options))
        return visits[-1]

    yield open_page
    for one in visits:
        assert one.complaints == []
        assert one.left_the_page() == []
        one.context.close()


def shown(visit: Visit) -> int:
    return int(visit.page.locator(f"{CARDS}:visible").count())


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", sorted(MAKERS))
def test_inside_the_window_and_legible(visit, name, scheme):
    for width in WIDTHS:
        page = visit(name, width, scheme).page
        assert page.evaluate(OVERFLOWING) == []
        scrolled, window = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert scrolled <= window
        if width == 1280:
            assert page.evaluate(POOR_CONTRAST) == []


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", sorted(MAKERS))
def test_nothing_serious(visit, axe, name, scheme, width):
    one = visit(name, width, scheme, reduced_motion="reduce")
    assert findings(one, axe) == []
    one.page.get_by_role("button", name="Contradicted").click()
    one.page.locator("[name=id]").fill("1")
    assert findings(one, axe) == []


def test_a_verdict_filters_the_relabelled(visit):
    one = visit()
    total = 72
    button = one.page.get_by_role("button", name="Contradicted")
    button.focus()
    one.page.keyboard.press("Enter")
    n = int(button.locator("span").inner_text())
    assert 0 < n < total
    assert shown(one) == one.page.locator(f"{CARDS}[data-verdict=contradicted]").count() == n
    assert one.page.locator("#samples .more").is_hidden()
    assert one.page.locator("#status").inner_text() == f"{n} of {total} samples"
    assert button.get_attribute("aria-pressed") == "true"
    one.page.get_by_role("button", name="Clear filters").click()
    one.page.wait_for_function(f"document.querySelectorAll('{CARDS}').length === 24")


def test_galleries_are_laid_out_in_portions_and_say_so(visit):
    one = visit()
    assert shown(one) == 24
    one.page.get_by_role("button", name="Show the other 48").click()
    assert shown(one) == 72
    assert one.page.locator("#samples .more").is_hidden()


def test_a_printed_page_has_every_card_and_picture(visit):
    page = visit().page
    missing = """() => {
      dispatchEvent(new Event("beforeprint"));
      const used = Array.from(
        document.querySelectorAll("#samples .gallery > li > :not(.near) use"),
        (e) => e.getAttribute("href"));
      return [used.length, used.filter((picture) => !document.querySelector(picture)).length];
    }"""
    # Neighbours left out, and two of the 72 that cannot be had.
    assert page.evaluate(missing) == [70, 0]


def test_what_was_resolved_is_folded_until_it_is_asked_for(visit):
    one = visit()
    cards = one.page.locator("#resolved .gallery > li:visible")
    assert cards.count() == 0
    assert one.page.evaluate("document.querySelector('#resolved').offsetHeight") < 300
    one.page.locator("#resolved summary").press("Enter")
    assert cards.count() == 24
    picture = one.page.locator("#resolved .pic").first
    picture.scroll_into_view_if_needed()
    assert len(set(picture.screenshot())) > 50


@pytest.mark.parametrize("width", [360, 390, 1024, 1280, 1600])
def test_a_figure_stands_on_one_line(visit, width):
    lines = """(values) => values.map((value) => {
      const range = document.createRange();
      range.selectNodeContents(value);
      return new Set(Array.from(range.getClientRects(), (r) => Math.round(r.top))).size;
    })"""
    assert visit(width=width).page.locator(".figures .value").evaluate_all(lines) == [1] * 5


def test_labels_and_ids_filter_the_relabelled(visit):
    one = visit()
    label = one.page.locator(f"{CARDS} .from").first.inner_text()
    one.page.locator("[name=from]").select_option(label)
    names = one.page.locator(f"{CARDS} .from").all_inner_texts()
    assert names == [label] * len(names)
    sample = one.page.locator(f"{CARDS} .id bdi").last.inner_text()
    one.page.locator("[name=id]").fill(sample.upper())
    assert shown(one) == 1
    one.page.locator("[name=id]").fill("no such sample")
    assert shown(one) == 0
    assert one.page.get_by_text("No sample here fits the filters.").is_visible()


def test_the_pictures_are_painted(visit):
    one = visit()
    picture = one.page.locator("#others .shots.two .pic").first
    picture.scroll_into_view_if_needed()
    assert len(set(picture.screenshot())) > 50


def test_the_class_table_sorts(visit):
    one = visit()
    head = one.page.locator("#health thead th").nth(1)
    head.locator("button").click()
    numbers = one.page.locator("#health tbody tr td:nth-child(2)").all_inner_texts()
    assert [int(text) for text in numbers] == sorted(map(int, numbers), reverse=True)
    assert head.get_attribute("aria-sort") == "descending"


def test_everything_is_there_without_javascript(visit):
    one = visit(java_script_enabled=False)
    assert shown(one) == 72
    assert one.page.locator("button:visible").count() == 0
    assert one.page.locator("#others .gallery > li:visible").count() == 4
    picture = one.page.locator(f"{CARDS} .pic").first
    picture.scroll_into_view_if_needed()
    assert len(set(picture.screenshot())) > 50


def test_hostile_names_stay_text(visit):
    one = visit("wild", 390, "dark")
    assert one.page.locator("main script, main img, main b:text('bold')").count() == 0
    assert one.page.get_by_text("<script>alert(1)</script>").count() > 0


def test_a_decision_and_why_go_into_the_file(visit, tmp_path):
    page = visit().page
    card = page.locator("#samples .gallery > li[data-at]:visible").first
    why = card.locator(".decide input")
    # Before the decision or after it, as on the desk.
    why.fill("a sleeve, not a hat")
    other = page.locator("#samples .gallery > li[data-at]:visible").nth(1)
    other.locator(".decide input").fill("look again")
    height = card.evaluate("card => card.getBoundingClientRect().height")
    button = card.locator(".decide button").first
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    # Nothing under the eye moves.
    assert card.evaluate("card => card.getBoundingClientRect().height") == height
    with page.expect_download() as download:
        page.locator("#download").click()
    download.value.save_as(tmp_path / "fixes.json")
    expect(page.locator("#decided-so-far")).to_contain_text(
        "1 decided; 1 comment is on samples of which nothing is decided, and not in the file"
    )
    (row,) = json.loads((tmp_path / "fixes.json").read_text())
    assert row["action"] == "keep"
    assert row["comment"] == "a sleeve, not a hat"
    # Both are there after a reload.
    page.reload()
    expect(card.locator(".decide input")).to_have_value("a sleeve, not a hat")
