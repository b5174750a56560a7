"""Samples sorted and filtered by any column that the tables have, and found by their ids."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from browser import Visit
from desk import on_desk, press
from playwright.sync_api import expect
from report_inputs import inputs, many_odd, scores_table

from cgaudit.pages.audit import ReportOptions, build_context, render
from cgaudit.pages.audit.order import MOST_COLUMNS, order_room, orders_of
from cgaudit.pages.frame.exact import as_script
from cgaudit.pages.frame.size import PAGE_BYTES
from cgaudit.pages.frame.thumbnails import Budget

N = 60
AMPLE = 1_000_000
#: A column of another tool, as hostile as a name can be.
INFLUENCE = 'imported_<b>"x"</b>'


def table() -> pd.DataFrame:
    """Return sixty flagged samples in two splits, with oddities."""
    given = ["cat", "dog", "fox"] * (N // 3)
    truth = ["dog", "fox", "cat"] * (N // 3)
    scores = scores_table([f"s{i:02}" for i in range(N)], given, truth)
    scores["label_score"] = np.linspace(0, 0.5, N, dtype=np.float32)
    return scores.assign(
        predicted_label=truth,
        is_label_issue=True,
        cg_score=np.roll(np.arange(N), 7).astype(np.float32) / 8,
        split=["train", "train", "test"] * (N // 3),
        is_blurry_issue=np.arange(N) % 10 == 0,
        is_dark_issue=False,
    )


def beside() -> pd.DataFrame:
    """Return what lies beside: every fifth sample has no value, and one column has one alone."""
    ids = pd.Index([f"s{i:02}" for i in range(N)])
    influence = np.where(np.arange(N) % 5 == 4, np.nan, -(np.arange(N) % 20) * 1e-4)
    return pd.DataFrame({INFLUENCE: influence, "imported_same": 1.0}, index=ids)


def test_columns_that_vary_are_offered_and_no_others():
    ids = [f"s{i:02}" for i in reversed(range(N))]
    orders = orders_of(table(), beside(), ids, Budget(AMPLE))
    assert orders.numbers == ["cg_score", "margin", INFLUENCE]
    assert orders.flags == ["is_blurry_issue"]
    assert orders.splits == ["test", "train"]
    assert orders.says == ""
    columns = orders.data["columns"]
    assert columns["cg_score"]["values"][:2] == [52 / 8, 51 / 8]
    assert columns[INFLUENCE]["values"][:3] == [None, -0.0018, -0.0017]
    assert columns["is_blurry_issue"]["values"][9] == 1
    assert [columns[name]["high"] for name in ("cg_score", INFLUENCE)] == [True, False]
    assert orders.data["split"][:3] == [0, 1, 1]
    # What varies in the table and not in what the page holds would sort nothing.
    alone = orders_of(table(), beside(), ids[:1], Budget(AMPLE))
    assert (alone.numbers, alone.flags, alone.splits) == ([], [], [])


def test_what_there_is_no_room_for_is_said():
    ids = [f"s{i:02}" for i in range(N)]
    orders = orders_of(table(), beside(), ids, Budget(1_200))
    assert orders.numbers == ["cg_score"]
    assert orders.says == (
        f"To keep this page small, 3 columns cannot be sorted by here: margin, {INFLUENCE}, "
        "is_blurry_issue. The tables have them."
    )


def test_the_room_that_is_asked_for_holds_all_where_the_page_is_large():
    ids = [f"s{i:02}" for i in range(N)]
    asked = order_room(table(), beside(), N, AMPLE)
    assert orders_of(table(), beside(), ids, Budget(asked)).says == ""
    assert order_room(table(), beside(), N, 10_000) == 600


def test_hundreds_of_columns_on_a_full_page_fit():
    scores = many_odd(n=4000)
    scores["is_label_issue"] = True
    wide = {f"imported_{at} {'n' * 200}": np.random.default_rng(at).normal(size=4000)
            for at in range(300)}  # fmt: skip
    made = inputs(scores, beside=pd.DataFrame(wide, index=scores["id"]), excerpt=lambda it: it * 9)
    context = build_context(**made)
    assert len(context["orders"]["numbers"]) <= MOST_COLUMNS
    assert "and 2" in context["orders"]["says"]
    assert len(as_script(context["orders"]["data"])) > 100_000
    assert len(render(context).encode()) < PAGE_BYTES


def test_scores_that_are_imported_in_between_do_not_lose_the_decisions():
    options = ReportOptions(samples=20, random_samples=0)
    before, after = (
        as_script(build_context(**inputs(table(), params=options, beside=it))["review"])
        for it in (None, beside())
    )
    assert before == after


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    options = ReportOptions(samples=20, random_samples=10)
    plain = scores_table([f"s{i:02}" for i in range(N)], ["a", "b"] * 30, ["a", "b"] * 30)
    found = {}
    for name, scores, others in (("full", table(), beside()), ("plain", plain, None)):
        found[name] = folder / f"{name}.html"
        made = inputs(scores, params=options, beside=others, excerpt=lambda it: f"of {it}")
        found[name].write_text(render(build_context(**made)), encoding="utf-8")
    return found


@pytest.fixture
def visit_of(browser, pages):
    visits = []

    def open_page(name):
        visit = Visit(browser, pages[name], 1280, "light", reduced_motion="reduce")
        visits.append(visit)
        return visit

    yield open_page
    for visit in visits:
        assert visit.complaints == []
        assert visit.left_the_page() == []
        visit.context.close()


def ids_shown(visit):
    return visit.page.locator("#gallery .id bdi").all_inner_texts()


def choose(visit, **fields):
    for name, value in fields.items():
        place = visit.page.locator(f"#filters [name={name}]")
        if place.evaluate("e => e.tagName") == "SELECT":
            place.select_option(value)
        else:
            place.fill(value)


def status(visit):
    return visit.page.locator("#status").inner_text()


def test_a_column_sorts_from_the_end_to_look_at_first(visit_of):
    visit = visit_of("full")
    ranked = ids_shown(visit)
    choose(visit, by="cg_score")
    order = table().sort_values("cg_score", ascending=False)["id"].tolist()
    assert ids_shown(visit) == order
    assert on_desk(visit)[:2] == ("1 of 60", order[0])
    assert status(visit) == "60 samples, by cg_score descending"
    assert visit.page.locator("#exhibit .column-says").inner_text() == "cg_score 7.375"
    choose(visit, order="up")
    assert ids_shown(visit) == order[::-1]
    assert on_desk(visit)[1] == order[-1]
    choose(visit, by="predicted_label")
    assert visit.page.locator("#filters [name=low]").is_disabled()
    assert ids_shown(visit)[0] == "s02"
    choose(visit, by="")
    assert ids_shown(visit) == ranked
    assert visit.page.locator("#gallery .column-says").count() == 0


def test_samples_without_a_value_sort_last_and_are_counted(visit_of):
    visit = visit_of("full")
    choose(visit, by=INFLUENCE)
    assert status(visit) == f"60 samples, by {INFLUENCE} ascending; 12 have no value"
    for order in ("up", "down"):
        choose(visit, order=order)
        assert {int(it[1:]) % 5 for it in ids_shown(visit)[-12:]} == {4}
        assert {int(it[1:]) % 5 for it in ids_shown(visit)[:-12]} == {0, 1, 2, 3}
    last = visit.page.locator("#gallery > li").last.locator(".column-says")
    assert last.inner_text() == f"{INFLUENCE}: no value"
    assert visit.page.locator("#filters b").count() == 0


def test_all_of_a_filter_by_a_column_and_a_split_is_accepted_and_no_more(visit_of):
    visit = visit_of("full")
    choose(visit, by=INFLUENCE, low="-0.0005", high="-0.0001", split="0")
    wanted = [f"s{i:02}" for i in range(N) if 1 <= i % 20 <= 5 and i % 5 != 4 and i % 3 == 2]
    assert sorted(ids_shown(visit)) == wanted
    assert status(visit) == (
        f"{len(wanted)} of 60 samples, by {INFLUENCE} ascending; 4 have no value and are left out"
    )
    asked = []
    visit.page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    visit.page.locator("#accept-all").click()
    assert asked == [f"Change {len(wanted)} samples to the label that is suggested? "
                     "Undo takes it back."]  # fmt: skip
    visit.page.locator("#filters").get_by_role("button", name="Clear filters").click()
    expect(visit.page.locator("#gallery > li")).to_have_count(60)
    decided = visit.page.locator('#gallery > li[data-decision="relabel"] .id bdi')
    assert sorted(decided.all_inner_texts()) == wanted


def test_a_reload_goes_on_with_the_column_the_bounds_and_the_order(visit_of):
    visit = visit_of("full")
    choose(visit, by=INFLUENCE, low="-0.0015", order="down", split="1")
    press(visit, ["Escape", "ArrowRight"])
    before = (on_desk(visit), status(visit), ids_shown(visit))
    visit.page.reload()
    assert (on_desk(visit), status(visit), ids_shown(visit)) == before
    # A column may be gone when the page is made anew.
    visit.page.evaluate("""() => {
      const key = Object.keys(localStorage).find((it) => it.endsWith(":view"));
      const view = JSON.parse(localStorage.getItem(key));
      view.fields.by = "imported_gone";
      view.fields.low = "";
      localStorage.setItem(key, JSON.stringify(view));
    }""")
    visit.page.reload()
    assert visit.page.locator("#filters [name=by]").input_value() == ""


def test_the_keyboard_alone_sorts_and_bounds(visit_of):
    visit = visit_of("full")
    by = visit.page.get_by_role("combobox", name="By", exact=True)
    by.focus()
    visit.page.keyboard.type("cg")
    press(visit, ["Tab"])
    visit.page.keyboard.type("7")
    assert visit.page.evaluate("document.activeElement.name") == "low"
    assert (
        ids_shown(visit)
        == table().query("cg_score >= 7").sort_values("cg_score", ascending=False)["id"].tolist()
    )


def test_without_other_columns_there_is_no_clutter(visit_of):
    visit = visit_of("plain")
    offered = visit.page.locator("#filters [name=by] option").all_inner_texts()
    assert offered == [
        "label_score", "cg_score", "margin", "given_label", "predicted_label", "id",
    ]  # fmt: skip
    assert visit.page.locator("#filters select:visible").count() == 5
    assert visit.page.locator(".left-out").count() == 0


def test_enter_shows_what_was_found_and_hands_the_keys_to_the_desk(visit_of):
    visit = visit_of("full")
    visit.page.locator("#desk").focus()
    press(visit, "/")
    visit.page.keyboard.type("s37")
    press(visit, ["Enter"])
    assert on_desk(visit)[1:] == ("s37", "not decided")
    assert visit.page.evaluate("document.activeElement.id") == "desk"
    box = visit.page.locator("#desk").bounding_box()
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 900
    press(visit, "d")
    assert visit.page.locator("#filters [name=id]").input_value() == "s37"
    assert "1 dropped" in visit.page.locator("#tally").inner_text()
    # What is found by a part of it gives way to what is called just so.
    press(visit, "/")
    visit.page.keyboard.type("s4")
    press(visit, ["Enter"])
    assert on_desk(visit)[0] == "1 of 10"
    press(visit, "/")
    visit.page.keyboard.type("nothing like it")
    press(visit, ["Enter"])
    assert visit.page.evaluate("document.activeElement.name") == "id"


def test_escape_takes_the_search_back(visit_of):
    visit = visit_of("full")
    visit.page.locator("#desk").focus()
    press(visit, "/")
    visit.page.keyboard.type("s37")
    assert status(visit) == "1 of 60 samples"
    press(visit, ["Escape"])
    assert status(visit) == "60 samples"
    assert visit.page.locator("#filters [name=id]").input_value() == ""
    assert visit.page.evaluate("document.activeElement.id") == "desk"
    # Other fields keep what was typed.
    visit.page.locator("#filters [name=high]").fill("0.25")
    press(visit, ["Escape"])
    assert status(visit) == "30 of 60 samples"
