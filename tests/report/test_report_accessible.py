"""What axe-core finds in the page: nothing serious or critical, in any state or colour scheme."""

from __future__ import annotations

import pytest
from report_inputs import digits, odd, wild
from test_report_browser import Visit

#: Only what is wrong, and where.
RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html).join(" | ")}`);
}"""


def findings(visit: Visit, axe: str) -> list[str]:
    visit.page.evaluate(axe)
    found: list[str] = visit.page.evaluate(RUN)
    return found


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
