"""The review in a real browser: look, decide, reload, take the decisions home, apply them."""

from __future__ import annotations

import json
import shutil

import pytest
from browser import Visit
from desk import downloaded, on_desk, press
from playwright.sync_api import expect

from cgaudit.paramsfile import parse_params
from cgaudit.project import Project
from cgaudit.review.decisions import read_decisions
from cgaudit.verbs import report


@pytest.fixture
def visit(browser, project):
    """The project's report at the desk, in a fresh profile; it must end without complaints."""
    visit = Visit(browser, project.page, 1280, "light", reduced_motion="reduce")
    visit.page.locator("#desk").scroll_into_view_if_needed()
    yield visit
    assert visit.complaints == []
    assert visit.left_the_page() == []
    visit.context.close()


def data_of(visit):
    return json.loads(visit.page.locator("#review-data").text_content())


def choose(visit, **fields):
    for name, value in fields.items():
        visit.page.locator(f"#filters [name={name}]").select_option(value)


def estimate(visit):
    return visit.page.locator("#estimate").inner_text().replace("\N{NO-BREAK SPACE}", " ")


def test_undo_takes_back_step_by_step(visit):
    first, second = on_desk(visit)[1], None
    press(visit, "a")
    second = on_desk(visit)[1]
    press(visit, "d")
    press(visit, "u")
    assert on_desk(visit)[1:] == (second, "not decided")
    press(visit, "u")
    assert on_desk(visit)[1:] == (first, "not decided")
    press(visit, "u")
    assert visit.page.locator("#said").inner_text() == "There is nothing to undo."
    assert visit.page.locator("#download").is_disabled()


def test_a_digit_names_the_class_where_classes_are_digits(visit, tmp_path):
    sample = on_desk(visit)[1]
    press(visit, "7")
    (decision,) = read_decisions(downloaded(visit, tmp_path))
    assert (decision.id, decision.action, decision.label) == (sample, "relabel", "7")


def test_a_comment_goes_with_the_decision_and_survives_reload_and_undo(visit, tmp_path):
    comment = '<b>blurred</b> & "dark", =1+1'
    field = visit.page.locator("#comment")
    sample = on_desk(visit)[1]
    press(visit, "c")
    visit.page.keyboard.type(comment)
    press(visit, ["Enter"])
    # The letters decided nothing, and the keys work again at once.
    assert on_desk(visit)[1:] == (sample, "not decided")
    press(visit, "a")
    assert on_desk(visit)[1] != sample
    assert field.input_value() == ""

    visit.page.reload()
    visit.page.locator("#desk").scroll_into_view_if_needed()
    press(visit, ["ArrowLeft"])
    assert on_desk(visit)[1] == sample
    assert field.input_value() == comment
    press(visit, "u")
    assert on_desk(visit)[1:] == (sample, "not decided")
    assert field.input_value() == comment
    press(visit, "k")
    (decision,) = read_decisions(downloaded(visit, tmp_path))
    assert (decision.id, decision.action, decision.comment) == (sample, "keep", comment)


def test_a_comment_without_a_decision_is_not_lost_in_silence(visit, tmp_path):
    visit.page.locator("#comment").fill("look again")
    visit.page.locator("#desk").focus()
    press(visit, ["ArrowRight", "k"])
    (decision,) = read_decisions(downloaded(visit, tmp_path))
    assert decision.comment is None
    assert visit.page.locator("#filed").inner_text() == (
        "1 comment is on samples of which nothing is decided, and not in the file."
    )


def test_a_typed_label_must_be_one_of_the_classes(visit):
    press(visit, "l")
    visit.page.keyboard.type("banana")
    press(visit, ["Enter"])
    assert visit.page.locator("#label-problem").inner_text() == "No class is called “banana”."
    visit.page.locator("#label").fill("2")
    press(visit, ["Enter"])
    assert "1 changed" in visit.page.locator("#tally").inner_text()
    # The keys work again at once, and the letters typed into the field decided nothing.
    press(visit, "k")
    assert visit.page.locator("#tally").inner_text().startswith("2 of 80 decided")


def test_the_given_label_typed_means_to_keep_it(visit):
    given = visit.page.locator("#keeps").inner_text()
    press(visit, "l")
    visit.page.keyboard.type(given)
    press(visit, ["Enter"])
    assert "1 kept" in visit.page.locator("#tally").inner_text()


def test_keys_do_nothing_while_the_desk_is_out_of_view_or_they_are_switched_off(visit):
    visit.page.evaluate("scrollTo(0, 0)")
    press(visit, "adk")
    assert visit.page.locator("#tally").inner_text() == "0 of 80 decided"
    visit.page.locator("#keys").uncheck()
    press(visit, "adk")
    assert visit.page.locator("#tally").inner_text() == "0 of 80 decided"


def test_the_mouse_decides_what_the_keys_decide(visit):
    visit.page.locator("#gallery .open").nth(3).click()
    assert on_desk(visit)[0].startswith("4 of")
    visit.page.locator("#actions [data-do=drop]").click()
    card = visit.page.locator("#gallery > li").nth(3)
    assert card.locator(".stamp").inner_text() == "dropped"
    assert on_desk(visit)[0].startswith("5 of")


def test_filters_by_decision_score_and_id(visit):
    press(visit, "ak")
    choose(visit, decision="open")
    assert visit.visible_cards() == 78
    choose(visit, decision="keep")
    assert visit.visible_cards() == 1
    choose(visit, decision="")
    scores = [score for score in data_of(visit)["score"][:80] if score <= 0.3]
    visit.page.locator("[name=high]").fill("0.3")
    assert 0 < visit.visible_cards() == len(scores) < 80
    visit.page.get_by_role("button", name="Clear filters").click()
    sample = visit.page.locator("#gallery .id bdi").nth(10).inner_text()
    visit.page.locator("[name=id]").fill(sample)
    assert visit.visible_cards() == 1
    visit.page.locator("[name=id]").fill("nothing like it")
    assert visit.page.locator("#nothing").is_visible()
    assert visit.page.locator("#actions").is_hidden()


def test_an_open_sample_follows_when_the_decided_one_leaves_the_filter(visit):
    choose(visit, decision="open")
    seen = []
    for _ in range(4):
        seen.append(on_desk(visit)[1])
        press(visit, "k")
    assert len(set(seen)) == 4
    assert visit.visible_cards() == 76


def test_decisions_are_loaded_back_unless_the_label_has_changed(visit, tmp_path):
    press(visit, "akd")
    path = downloaded(visit, tmp_path)
    rows = json.loads(path.read_text())
    rows[1]["given_label"] = "another"
    rows.append({"id": "no such sample", "action": "keep"})
    path.write_text(json.dumps(rows))
    visit.page.on("dialog", lambda dialog: dialog.accept())
    visit.page.locator("#forget").click()
    assert visit.page.locator("#tally").inner_text() == "0 of 80 decided"
    visit.page.locator("#load").set_input_files(path)
    expect(visit.page.locator("#tally")).to_contain_text("2 of 80 decided")
    assert visit.page.locator("#filed").inner_text() == (
        "2 of 4 decisions loaded. 1 were made on another label than this report's. "
        "1 are not on samples shown here."
    )


@pytest.mark.parametrize("content", ["no JSON", '{"a": 1}', "[[1], null, 7]"])
def test_a_file_that_is_none_is_refused_and_changes_nothing(visit, tmp_path, content):
    press(visit, "a")
    path = tmp_path / "other.json"
    path.write_text(content)
    visit.page.locator("#load").set_input_files(path)
    expect(visit.page.locator("#filed")).to_contain_text("load")
    assert visit.page.locator("#tally").inner_text().startswith("1 of 80 decided")


def test_the_random_sample_estimates_the_rate_of_wrong_labels(visit):
    visit.page.get_by_text("Random sample").click()
    assert visit.visible_cards() == 30
    press(visit, "k" * 9 + "d")
    assert estimate(visit) == (
        "1 of 10 drawn at random had a wrong label: 10 % (95 % interval 1.8 % to 40 %, Wilson) "
        "of all 500 labels, or 8 to 203 of them."
    )
    # A decision further on says nothing before those in between are taken.
    press(visit, ["ArrowRight", "d"])
    assert "1 of 10 drawn" in estimate(visit)
    assert "1 decided further on" in estimate(visit)


def test_the_decided_flags_say_what_to_expect_of_the_rest(visit):
    flagged = data_of(visit)["counts"]["flagged"]
    assert "After 5 more decisions" in visit.page.locator("#estimate").inner_text()
    press(visit, "aaak" * 2)
    assert estimate(visit) == (
        "6 of the last 8 flags, by rank, had a wrong label: 75 % "
        "(95 % interval 41 % to 92.9 %, Wilson). Expect about 8 to 19 wrong among the next 20, and "
        f"no larger share of the {flagged - 8} that remain: they rank lower. "
        "Stop when that is not worth your time."
    )


def test_flags_decided_out_of_order_say_nothing_of_those_that_rank_lower(visit):
    visit.page.locator("#gallery .open").nth(6).click()
    press(visit, "k" * 8)
    assert "After 5 more decisions on flagged samples, from the top" in estimate(visit)
    assert "8 decided further on will count once those before are decided." in estimate(visit)


def test_after_the_last_sample_a_key_decides_on_none_again(visit):
    choose(visit, decision="open")
    press(visit, "k" * 80)
    assert visit.page.locator("#tally").inner_text() == "80 of 80 decided: 80 kept"
    choose(visit, decision="")
    press(visit, "add")
    assert visit.page.locator("#tally").inner_text() == "80 of 80 decided: 80 kept"
    assert visit.page.locator("#exhibit").inner_text().startswith("All of these are decided.")
    press(visit, "u")
    assert on_desk(visit)[0] == "80 of 80"


def test_a_key_held_down_decides_once(visit):
    visit.page.keyboard.down("k")
    for _ in range(5):
        visit.page.keyboard.down("k")
    visit.page.keyboard.up("k")
    assert visit.page.locator("#tally").inner_text() == "1 of 80 decided: 1 kept"


def test_keys_do_nothing_while_only_the_edge_of_the_desk_is_seen(visit):
    visit.page.evaluate("document.getElementById('desk').scrollIntoView({block: 'start'})")
    visit.page.evaluate("scrollBy(0, -innerHeight + 60)")
    press(visit, "dd")
    assert visit.page.locator("#tally").inner_text() == "0 of 80 decided"


def test_a_loaded_file_is_taken_back_in_one_step(visit, tmp_path):
    press(visit, "aaa")
    path = downloaded(visit, tmp_path)
    visit.page.locator("#desk").scroll_into_view_if_needed()
    press(visit, "uuuk")
    visit.page.locator("#load").set_input_files(path)
    expect(visit.page.locator("#tally")).to_have_text("3 of 80 decided: 3 changed")
    assert "1 took the place of one made here" in visit.page.locator("#filed").inner_text()
    visit.page.locator("#desk").scroll_into_view_if_needed()
    press(visit, "u")
    assert visit.page.locator("#tally").inner_text() == "1 of 80 decided: 1 kept"


def test_where_no_class_is_suggested_accepting_says_so(visit):
    fine = next(i for i, flag in enumerate(data_of(visit)["flagged"]) if not flag)
    agrees = next(
        i
        for i, (given, suggested) in enumerate(
            zip(data_of(visit)["given"], data_of(visit)["suggested"], strict=True)
        )
        if given == suggested and i >= fine
    )
    visit.page.locator("#gallery .open").nth(agrees).click()
    press(visit, "a")
    assert "No other class is suggested" in visit.page.locator("#said").inner_text()
    assert visit.page.locator("#tally").inner_text() == "0 of 80 decided"


def test_the_next_sample_is_told_to_those_who_do_not_see_it(visit):
    press(visit, "k")
    heard = visit.page.locator("#said").text_content()
    given, suggested = (visit.page.locator(f"#exhibit .change {c}").text_content()
                        for c in (".given", ".other"))  # fmt: skip
    assert heard.endswith(f"kept. Next: 2 of 80, {given}, suggested {suggested}.")


def test_two_reports_keep_their_decisions_apart(project, visit, tmp_path):
    press(visit, "aaa")
    section = project.params.model_dump() | {"report": {"samples": 40}}
    params = parse_params(section, "cgaudit")
    copy = Project(tmp_path / "copy")
    shutil.copytree(project.folder / "reports", copy.outputs.folder)
    report.report(copy, params)
    for path, said in (
        (copy.outputs.page, "0 of 40 decided"),
        (project.page, "3 of 80 decided: 3 changed"),
    ):
        page = visit.context.new_page()
        page.goto(path.as_uri())
        assert page.locator("#tally").inner_text() == said


def test_nothing_is_lost_silently_where_the_browser_keeps_nothing(browser, project):
    visit = Visit(browser, project.page, 1280, "light")
    visit.page.evaluate("() => { Storage.prototype.setItem = () => { throw new Error('full'); }; }")
    visit.page.locator("#desk").scroll_into_view_if_needed()
    press(visit, "a")
    assert "download before you leave" in visit.page.locator("#estimate").inner_text()
    visit.context.close()


def test_by_touch_the_desk_comes_to_the_card(browser, project):
    visit = Visit(browser, project.page, 390, "light", has_touch=True, reduced_motion="reduce")
    visit.page.locator("#gallery .open").nth(30).tap()
    assert visit.page.locator("#place").is_visible()
    box = visit.page.locator("#actions [data-do=keep]").bounding_box()
    assert box
    assert box["height"] >= 44
    assert 0 < box["y"] < 900
    visit.page.locator("#actions [data-do=keep]").tap()
    assert visit.page.locator("#tally").inner_text().startswith("1 of 80 decided")
    visit.context.close()
