"""What axe-core finds in the page: nothing serious or critical, in any state or colour scheme."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from report_inputs import digits, wild
from test_report_browser import Visit

ROOT = Path(__file__).resolve().parents[2]
AXE = Path("axe-core", "axe.min.js")

#: Only what is wrong, and where.
RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html).join(" | ")}`);
}"""


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the source of axe-core, as npm installs it."""
    folder = Path(os.environ.get("NODE_PATH") or ROOT / "node_modules")
    if not (folder / AXE).exists():
        pytest.skip(f"no {folder / AXE}: install it with `npm install --no-save axe-core@4`")
    return (folder / AXE).read_text(encoding="utf-8")


def findings(visit: Visit, axe: str) -> list[str]:
    visit.page.evaluate(axe)
    found: list[str] = visit.page.evaluate(RUN)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("make", [digits, wild])
def test_nothing_serious(browser, write_page, axe, make, scheme, width):
    visit = Visit(browser, write_page(make()), width, scheme, reduced_motion="reduce")
    assert findings(visit, axe) == []
    visit.page.locator("#desk").scroll_into_view_if_needed()
    for key in "akds":
        visit.page.keyboard.press(key)
    visit.page.locator("[name=id]").fill("1")
    assert findings(visit, axe) == []
    visit.context.close()
