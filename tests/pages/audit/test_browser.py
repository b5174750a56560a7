"""The page in a real browser: nothing leaves it, nothing overflows, what it offers works."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser import OVERFLOWING, POOR_CONTRAST, WIDTHS, Visit, findings
from playwright.sync_api import expect
from report_inputs import digits, odd, wild

#: Cards that the script lays out before it is asked for more.
LAID_OUT = 200


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("make", [digits, wild, odd])
def test_quiet_alone_and_inside_the_window(
    browser: Any, write_page: Callable[..., Path], make: Callable[[], Any], scheme: str
) -> None:
    path = write_page(make())
    for width in WIDTHS:
        visit = Visit(browser, path, width, scheme)
        assert visit.complaints == []
        assert visit.left_the_page() == []
        scrolled, window = visit.page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert scrolled <= window, visit.page.evaluate(OVERFLOWING)
        assert visit.page.evaluate(OVERFLOWING) == []
        if width == 1280:
            assert visit.page.evaluate(POOR_CONTRAST) == []
        visit.context.close()


def test_the_heat_map_shows_counts_or_shares(browser, write_page):
    visit = Visit(browser, write_page(digits()), 1280, "light")
    cell = visit.page.locator(".heatmap td[data-g] button").first
    flagged, share = cell.locator(".as-count"), cell.locator(".as-rate")
    assert (flagged.is_visible(), share.is_visible()) == (True, False)
    visit.page.get_by_label("% of the given label").check()
    assert (flagged.is_visible(), share.is_visible()) == (False, True)
    assert visit.complaints == []
    visit.context.close()


def test_a_cell_of_the_heat_map_filters_the_gallery(browser, write_page):
    visit = Visit(browser, write_page(digits()), 1280, "light")
    assert visit.visible_cards() == LAID_OUT
    cell = visit.page.locator(".heatmap td[data-g] button").first
    flagged = int(cell.inner_text())
    cell.focus()
    visit.page.keyboard.press("Enter")
    assert visit.visible_cards() == flagged
    assert cell.get_attribute("aria-pressed") == "true"
    said = visit.page.locator(".shelf-says").inner_text()
    assert said == f"{flagged} of 300 samples, {flagged} flagged in all of this pair"
    visit.page.get_by_role("button", name="Clear filters").click()
    expect(visit.page.locator("#gallery > li")).to_have_count(LAID_OUT)
    assert visit.complaints == []
    visit.context.close()


def test_the_class_table_sorts_both_ways(browser, write_page):
    visit = Visit(browser, write_page(digits()), 1280, "light")
    head = visit.page.locator("#health thead th").nth(1)
    column = visit.page.locator("#health tbody tr td:nth-child(2)")
    for direction in ("descending", "ascending"):
        head.locator("button").click()
        sizes = [int(text) for text in column.all_inner_texts()]
        assert sizes == sorted(sizes, reverse=direction == "descending")
        assert head.get_attribute("aria-sort") == direction
    visit.context.close()


def test_everything_is_there_without_javascript(browser, write_page):
    visit = Visit(browser, write_page(digits()), 1280, "light", java_script_enabled=False)
    assert visit.visible_cards() == 300
    assert visit.page.locator("button:visible").count() == 0
    assert visit.page.locator("#health tbody tr").count() == 10
    visit.context.close()


def test_the_pictures_are_painted(browser, write_page):
    visit = Visit(browser, write_page(digits()), 1280, "light")
    picture = visit.page.locator("#gallery .pic").first
    picture.scroll_into_view_if_needed()
    assert len(set(picture.screenshot())) > 50
    assert (
        visit.page.evaluate("getComputedStyle(document.getElementById('t0')).imageRendering")
        == "pixelated"
    )
    visit.context.close()


def test_hostile_names_stay_text(browser, write_page):
    visit = Visit(browser, write_page(wild()), 390, "dark")
    assert visit.page.locator("main script, main img, main b:text('bold')").count() == 0
    assert visit.page.get_by_text("<script>alert(1)</script>").count() > 0
    assert visit.complaints == []
    visit.context.close()


def test_paper_is_white_even_where_the_screen_is_dark(browser, write_page):
    visit = Visit(browser, write_page(digits()), 760, "dark")
    visit.page.emulate_media(media="print", color_scheme="dark")
    ink, sheet = visit.page.evaluate(
        "[getComputedStyle(document.body).color,"
        " getComputedStyle(document.querySelector('.panel')).backgroundColor]"
    )
    assert (ink, sheet) == ("rgb(28, 27, 25)", "rgb(255, 255, 255)")
    visit.context.close()


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("make", [digits, wild, odd])
def test_nothing_serious(browser, write_page, axe, make, scheme, width):
    visit = Visit(browser, write_page(make()), width, scheme, reduced_motion="reduce")
    assert findings(visit, axe) == []
    visit.page.locator("#desk").scroll_into_view_if_needed()
    for key in "akds":
        visit.page.keyboard.press(key)
    visit.page.locator("[name=id]").fill("1")
    assert findings(visit, axe) == []
    visit.context.close()
