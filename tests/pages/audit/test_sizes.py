"""The desk in windows of the usual sizes: what is judged, by what, and what a key does is seen."""

from __future__ import annotations

import pytest
from browser import Visit
from desk import on_desk, press
from report_inputs import inputs, neighbours_in, noise, scores_table

from cgaudit.pages.audit import ReportOptions, build_context, render

BETWEEN = [(1280, 800), (1280, 900), (1366, 768), (1440, 900), (1536, 864)]
SIZES = [
    *((1280, 720), (1920, 1080)),
    *(pytest.param(*size, marks=pytest.mark.slow) for size in BETWEEN),
]

#: So high a picture is, in pixels, at least.
PICTURE = 200

#: How high each is in sight: within the window, and within the part of the desk that scrolls.
SEEN = """() => Object.fromEntries(Object.entries({
    picture: "#exhibit .frame .pic", labels: "#exhibit .change", choices: "#choices",
    neighbours: "#exhibit .near", keep: '#actions [data-do="keep"]',
  }).map(([name, selector]) => {
    const e = document.querySelector(selector);
    const box = e.getBoundingClientRect();
    const around = (e.closest("#exhibit") ?? e).getBoundingClientRect();
    const top = Math.max(box.top, around.top, 0);
    const bottom = Math.min(box.bottom, around.bottom, innerHeight);
    const middle = [(box.left + box.right) / 2, (top + bottom) / 2];
    const inside = e.contains(document.elementFromPoint(...middle));
    return [name, { whole: box.height, seen: inside ? bottom - top : 0 }];
  }))"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Pictures of classes with long names, each with neighbours on both sides and a file."""
    names = [f"a class with a long name {i}" for i in range(9)]
    truth = [names[i % 9] for i in range(120)]
    given = [names[(i + i % 3) % 9] for i in range(120)]
    scores = scores_table([f"s{i:03}" for i in range(120)], given, truth).assign(
        path=[f"{i}.png" for i in range(120)]
    )
    made = inputs(scores, picture=noise, neighbours=neighbours_in(scores, 4),
                  params=ReportOptions(samples=20, random_samples=0))  # fmt: skip
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(render(build_context(**made)), encoding="utf-8")
    return path


@pytest.fixture
def visit(browser, page):
    visit = Visit(browser, page, 1280, "light", reduced_motion="reduce")
    yield visit
    assert visit.complaints == []
    visit.context.close()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_picture_labels_and_the_first_neighbours_are_seen_at_once(visit, width, height):
    visit.page.set_viewport_size({"width": width, "height": height})
    visit.page.evaluate("document.getElementById('desk').scrollIntoView({block: 'start'})")
    for _ in range(3):
        seen = visit.page.evaluate(SEEN)
        assert seen["picture"]["seen"] >= PICTURE, seen
        for name in ("picture", "labels", "choices", "neighbours", "keep"):
            assert seen[name]["seen"] >= seen[name]["whole"] - 1, (name, seen)
        press(visit, ["ArrowRight"])


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_wherever_the_page_is_scrolled_to_a_key_decides_on_what_is_seen(visit, width, height):
    visit.page.set_viewport_size({"width": width, "height": height})
    top = visit.page.evaluate(
        "document.getElementById('desk').getBoundingClientRect().top + scrollY"
    )
    end = visit.page.evaluate(
        "document.querySelector('.work').getBoundingClientRect().bottom + scrollY"
    )
    decided = 0
    for at in [*range(-600, 100, 100), end - top - height // 2, end - top - 200]:
        visit.page.evaluate("(y) => scrollTo(0, y)", top + at)
        seen = visit.page.evaluate(SEEN)
        before = on_desk(visit)
        press(visit, "k")
        if on_desk(visit) != before:
            decided += 1
            assert seen["picture"]["seen"] >= PICTURE, (at, seen)
            assert seen["keep"]["seen"] >= seen["keep"]["whole"] - 1, (at, seen)
        elif "out of sight" in visit.page.locator("#said").inner_text():
            # Then it was shown, and the same key decides.
            press(visit, "k")
            assert on_desk(visit) != before, at
        press(visit, "u")
    assert decided
