"""A page in a real browser, and what is measured there: overflow, contrast, what axe finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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

#: What axe-core finds serious or critical: only what is wrong, and where.
RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html).join(" | ")}`);
}"""


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


def findings(visit: Visit, axe: str) -> list[str]:
    visit.page.evaluate(axe)
    found: list[str] = visit.page.evaluate(RUN)
    return found
