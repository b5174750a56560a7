"""The report of 50,000 samples: small, and at hand at once, however much of it is shown."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import Visit
from PIL import Image
from report_inputs import inputs, neighbours_in, scores_table

from cgaudit.pages.audit import ReportOptions, build_context, render
from cgaudit.pages.frame.size import PAGE_BYTES

SAMPLES = 50_000
#: Cards that the page lays out before it is asked for more, and elements that one takes at most.
LAID_OUT, ELEMENTS = 200, 75
#: Elements of everything else; the map of 25 × 25 classes has four for each pair.
FRAME = 3800

#: Decides on the first sample as soon as the page listens, and says when that was done and seen.
DECIDE = """() => {
  const decide = () => {
    document.getElementById("desk").scrollIntoView({ behavior: "instant" });
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "k", bubbles: true }));
    const { value } = document.getElementById("progress");
    window.measured = { value, decided: performance.now() };
    requestAnimationFrame(() => setTimeout(() => { window.measured.seen = performance.now(); }));
  };
  const wait = () =>
    document.documentElement?.classList.contains("ready") ? decide() : setTimeout(wait, 1);
  wait();
}"""


def picture(sample: str) -> Image.Image:
    """Return 32 × 32 pixels with the detail of a photograph that was made small."""
    rng = np.random.default_rng(zlib.crc32(sample.encode()))
    coarse = Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((32, 32), Image.Resampling.BICUBIC), dtype=np.int16)
    grain = rng.integers(-12, 13, (32, 32, 3))
    return Image.fromarray((smooth + grain).clip(0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def scores() -> Any:
    """Return the scores of 50,000 samples in 100 classes, 5 % of the labels wrong."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 100, SAMPLES)
    wrong = rng.random(SAMPLES) < 0.05
    given = np.where(wrong, rng.integers(0, 100, SAMPLES), truth)
    names = [f"class {i}" for i in range(100)]
    ids = [f"images/{i:05d}.jpg" for i in range(SAMPLES)]
    return scores_table(ids, [names[i] for i in given], [names[i] for i in truth])


@pytest.mark.slow
@pytest.mark.parametrize("shown", [300, 2000])
def test_small_and_lazy_and_told_how_soon_it_is_at_hand(browser, scores, tmp_path: Path, shown):
    page = tmp_path / "index.html"
    arguments = inputs(
        scores,
        picture=picture,
        neighbours=neighbours_in(scores),
        params=ReportOptions(samples=shown),
    )
    page.write_text(render(build_context(**arguments)), encoding="utf-8")
    assert page.stat().st_size < PAGE_BYTES

    visit = Visit(browser, page, 1280, "light", before=DECIDE)
    visit.page.wait_for_function("window.measured?.seen")
    measured = visit.page.evaluate("window.measured")
    elements = visit.page.evaluate("document.querySelectorAll('body *').length")
    print(
        f"\n{shown} shown of {SAMPLES}: {page.stat().st_size / 1e6:.2f} MB, {elements} elements, "
        f"first decision after {measured['decided']:.0f} ms, seen after {measured['seen']:.0f} ms"
    )
    assert measured["value"] == 1
    assert visit.page.locator("#gallery > li").count() == min(shown, LAID_OUT)
    assert elements < FRAME + LAID_OUT * ELEMENTS
    assert visit.complaints == []
    visit.context.close()
