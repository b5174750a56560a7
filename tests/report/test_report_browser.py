"""The page in a real browser: nothing leaves it, nothing overflows, what it offers works."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from report_inputs import digits, odd, wild

WIDTHS = (360, 390, 1280, 2560, 3840)

#: Right edges beyond the window, apart from what scrolls inside its own region.
OVERFLOWING = """() => [...document.querySelectorAll("body *")]
  .filter((e) => !e.closest(".scroll") && e.getBoundingClientRect().right > innerWidth + 0.5)
  .map((e) => `${e.tagName}.${e.className}`)"""

#: The contrast (WCAG 2.2) of every text with what is painted behind it, the worst per style.
POOR_CONTRAST = """() => {
  const parse = (c) => (c.match(/[\\d.]+/g) ?? []).map(Number);
  const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(e).backgroundColor);
      if (a > 0) return [r, g, b];
    }
    throw new Error("no background");
  };
  const poor = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const e = node.parentElement;
    if (!node.textContent.trim() || !e.checkVisibility() || e.closest("svg, script, .vh")) continue;
    const style = getComputedStyle(e);
    const pair = [light(parse(style.color)), light(behind(e))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) poor.add(`${e.tagName}.${e.className} ${ratio.toFixed(2)}`);
  }
  return [...poor];
}"""

#: Cards that the script lays out before it is asked for more.
LAID_OUT = 200


class Visit:
    """One page in one window, with everything it complained of or asked for.

    A function of JavaScript given as `before` is called before the page's own script runs.
    """

    def __init__(
        self,
        browser: Any,
        path: Path,
        width: int,
        scheme: str,
        *,
        before: str | None = None,
        **options: Any,
    ) -> None:
        self.address = path.as_uri()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, **options
        )
        self.page = self.context.new_page()
        if before is not None:
            self.page.add_init_script(f"({before})()")
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(self.address)

    def left_the_page(self) -> list[str]:
        own = (self.address, "data:", "blob:")
        return [url for url in self.requests if not url.startswith(own)]

    def visible_cards(self) -> int:
        return int(self.page.locator("#gallery > li:visible").count())


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
