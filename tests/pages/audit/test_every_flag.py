"""Every flag can be decided on, and nothing that a key does is out of sight."""

from __future__ import annotations

import json

import pytest
from browser import Visit
from desk import downloaded, on_desk, press
from report_inputs import context_of, inputs, many_odd, scores_table

from cgaudit.pages.audit import ReportOptions, build_context, render
from cgaudit.pages.frame.size import PAGE_BYTES
from cgaudit.review.decisions import read_decisions

#: Of laptops, small windows, and a telephone.
SIZES = [(1280, 720), (1366, 768), (1440, 900), (1024, 600), (1920, 1080), (760, 560), (390, 800)]

#: What of the desk's buttons and field is not wholly in sight, or lies under something.
HIDDEN = """() => [...document.querySelectorAll(
    "#actions button:not([hidden]), #choices button, #label, #desk .place button")]
  .filter((e) => {
    const box = e.getBoundingClientRect();
    const points = [[box.left + 3, box.top + 3], [box.right - 3, box.bottom - 3]];
    return !points.every(([x, y]) => e.contains(document.elementFromPoint(x, y)));
  })
  .map((e) => e.textContent || e.id)"""


def many_flags(n=700):
    """A table of which most labels are wrong, in words of fifteen classes."""
    names = [f"class {i}" for i in range(15)]
    truth = [names[i % 15] for i in range(n)]
    given = [names[(i + 1 + i % 3) % 15] for i in range(n)]
    return scores_table([f"s{i:04}" for i in range(n)], given, truth)


def pairs():
    """The same with sets of near-duplicates whose labels differ."""
    return many_odd(names=["cat", "dog", "fox", "owl", "test"])


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    options = ReportOptions(samples=20, random_samples=10, after=["cgaudit apply"])
    found = {}
    for name, table in (("flags", many_flags()), ("pairs", pairs())):
        found[name] = folder / f"{name}.html"
        text = render(build_context(**inputs(table, params=options, excerpt=lambda it: f"of {it}")))
        found[name].write_text(text, encoding="utf-8")
    return found


@pytest.fixture
def visit_of(browser, pages):
    visits = []

    def open_page(name, **options):
        visit = Visit(browser, pages[name], 1280, "light", reduced_motion="reduce", **options)
        visits.append(visit)
        visit.page.locator("#desk").scroll_into_view_if_needed()
        return visit

    yield open_page
    for visit in visits:
        assert visit.complaints == []
        assert visit.left_the_page() == []
        visit.context.close()


def test_every_flag_is_in_the_data_once():
    scores = many_flags()
    flagged = set(scores.loc[scores["is_label_issue"], "id"])
    review = context_of(scores, excerpt=lambda it: f"of {it}")["review"]
    assert len(flagged) > 300
    assert len(set(review["id"])) == len(review["id"])
    assert flagged <= set(review["id"])
    assert len(review["rest"]) == len(review["id"]) - 15 or len(review["rest"]) > 280


def test_flags_without_end_fit_the_page_and_are_said_to_be_cut():
    scores = many_flags(6000)
    long = "many words that say nothing, " * 40
    context = context_of(scores, excerpt=lambda it: f"{it} {long}")
    assert len(render(context).encode()) < PAGE_BYTES
    assert "for more there is no room on one page" in context["gallery"]["rest_says"]


def test_cards_that_are_cut_off_can_still_be_decided_on():
    scores = many_flags(3000)
    wide = "x" * 1200
    scores["id"] = [f"{sample} {wide[:700]}" for sample in scores["id"]]
    options = ReportOptions(samples=3000, random_samples=0)
    context = build_context(**inputs(scores, params=options))
    shown, rest = len(context["gallery"]["cards"]), len(context["review"]["rest"])
    assert shown < scores["is_label_issue"].sum()
    assert rest > 0
    assert len(render(context).encode()) < PAGE_BYTES


def test_what_keys_do_is_in_sight_at_every_size(visit_of):
    visit = visit_of("flags")
    for width, height in SIZES:
        visit.page.set_viewport_size({"width": width, "height": height})
        visit.page.evaluate(
            "document.getElementById('desk').scrollIntoView({block: 'start', behavior: 'instant'})"
        )
        assert visit.page.evaluate(HIDDEN) == [], (width, height)
        seen = visit.page.locator("#exhibit blockquote").bounding_box()
        assert 0 <= seen["y"] < height, (width, height)


def test_a_key_whose_button_is_out_of_sight_shows_it_first(visit_of):
    visit = visit_of("flags")
    visit.page.set_viewport_size({"width": 1280, "height": 260})
    visit.page.evaluate("scrollTo(0, document.getElementById('desk').offsetTop - 200)")
    sample = on_desk(visit)[1]
    hidden = visit.page.evaluate(HIDDEN)
    press(visit, "k")
    # However small the window: nothing is set that could not be seen.
    assert any("Keep" in text for text in hidden)
    assert on_desk(visit)[1:] == (sample, "not decided")


def test_the_last_flag_is_decided_on_like_the_first(visit_of, tmp_path):
    visit = visit_of("flags")
    data = json.loads(visit.page.locator("#review-data").text_content())
    last = max(range(len(data["id"])), key=lambda i: (data["flagged"][i], data["rank"][i]))
    assert last >= len(data["id"]) - len(data["rest"])
    visit.page.locator("#filters [name=id]").fill(data["id"][last])
    assert on_desk(visit)[1] == data["id"][last]
    assert f"of {data['id'][last]}" in visit.page.locator("#exhibit").inner_text()
    visit.page.locator("#desk").focus()
    press(visit, "a")
    (decision,) = read_decisions(downloaded(visit, tmp_path))
    assert decision.id == data["id"][last]
    assert decision.label == data["labels"][str(data["suggested"][last])]
    assert decision.decided_at
    assert visit.page.locator("#then").is_visible()


def test_all_of_a_filter_is_accepted_and_taken_back_at_once(visit_of):
    visit = visit_of("flags")
    visit.page.locator("#filters [name=given]").select_option(index=1)
    n = int(visit.page.locator("#status").inner_text().split(" of ")[0])
    asked = []
    visit.page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    visit.page.locator("#accept-all").click()
    assert asked == [f"Change {n} samples to the label that is suggested? Undo takes it back."]
    assert visit.page.locator("#download").inner_text() == f"Download {n} decisions"
    visit.page.locator('[data-do="undo"]').click()
    assert visit.page.locator("#download").is_disabled()


def test_a_reload_goes_on_with_the_filters_and_the_sample(visit_of):
    visit = visit_of("flags")
    visit.page.locator("#filters [name=suggested]").select_option(index=2)
    press(visit, ["ArrowRight", "ArrowRight"])
    before = (on_desk(visit), visit.page.locator("#status").inner_text())
    visit.page.reload()
    assert (on_desk(visit), visit.page.locator("#status").inner_text()) == before


def test_near_duplicates_that_differ_are_decided_on_where_they_are_seen(visit_of, tmp_path):
    visit = visit_of("pairs")
    twin = visit.page.locator(".twins > li[data-at]").first
    name = twin.locator(".id bdi").inner_text()
    twin.locator(".open").click()
    assert on_desk(visit)[1] == name
    assert "Its near-duplicates are labelled" in visit.page.locator("#exhibit").inner_text()
    assert visit.page.locator('[data-mode="sets"]').get_attribute("aria-pressed") == "true"
    press(visit, "d")
    assert twin.locator(".stamp").inner_text() == "dropped"
    (decision,) = read_decisions(downloaded(visit, tmp_path))
    assert (decision.id, decision.action) == (name, "drop")
