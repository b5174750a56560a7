"""The page of a comparison: what it says, what can never be in it, how large it may get."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from diff_inputs import LACKING, changed, comparison, digits_change, shown, wild_change
from hypothesis import given, settings
from hypothesis import strategies as st
from outline import TEXTS, Outline
from report_inputs import noise, scores_table

from cgaudit.errors import UnreadableSample
from cgaudit.pages.change import DiffOptions, build_diff_context, render_diff
from cgaudit.pages.frame.asked import Sights
from cgaudit.pages.frame.size import PAGE_BYTES
from cgaudit.wording.text import printable


def page(arguments: dict[str, Any]) -> str:
    return render_diff(build_diff_context(**arguments))


@pytest.fixture(scope="module")
def change() -> dict[str, Any]:
    return digits_change()


@pytest.fixture(scope="module")
def context(change: dict[str, Any]) -> dict[str, Any]:
    return build_diff_context(**change)


def test_the_figures_are_those_of_the_comparison(change, context):
    diff = change["diff"]
    assert diff["samples"] == {
        "added": 7, "removed": 5, "relabelled": 72, "edited": 4, "moved": 3, "unchanged": 509,
    }  # fmt: skip
    figures = {figure["name"]: figure for figure in context["figures"]}
    assert figures["Relabelled"]["value"] == "72"
    assert figures["Samples"]["means"] == "7 added, 5 removed, 4 edited, 3 moved."
    assert figures["Ripple"]["value"] == f"{diff['ripple']['count']:,}"
    contradicted = diff["verdicts"]["contradicted"]
    assert contradicted
    assert context["verdict"]["marked"] == f"{contradicted}\u00a0contradicted."


def test_scores_of_other_tools_are_told_of(change):
    moved = {
        "column": "imported_<b>value</b>", "n": 500, "rank_correlation": 0.25, "up": 3, "down": 40,
        "median_a": 0.5, "median_b": 0.125,
        "largest": [
            {"id": f"<i>{n}</i>", "id_a": None, "value_a": 1.0, "value_b": -2.0} for n in range(20)
        ],
    }  # fmt: skip
    text = page(change | {"diff": change["diff"] | {"imported": [moved] * 22}})
    section = text[text.index('<section id="imported"') : text.index('<section id="ripple"')]
    assert "imported_&lt;b&gt;value&lt;/b&gt;" in section
    assert "<b>" not in section
    assert "<i>" not in section
    assert section.count("0.500 → 0.125") == 20
    assert section.count("1.000 → -2.000") == 20 * 5
    assert "2 more columns are in cgaudit diff --json." in section
    assert 'id="imported"' not in page(change)


def test_the_lead_says_what_the_headline_and_the_figures_do_not(change, context):
    issues = change["diff"]["issues"]
    direct = len(issues["introduced"]) - issues["by_ripple"]["introduced"]
    assert context["lead"] == (
        "Look at the contradicted first: to the rest of the data their old label is the more "
        f"probable one. Of {len(issues['introduced'])} label issues introduced, {direct} are among "
        "what was changed itself."
    )
    text = render_diff(context)
    quality = f"{change['diff']['summary']['a']['label_quality']:.3f} →"
    assert text.count(quality) == 1
    assert len(re.findall(r"72\W+relabelled", text)) == 1


def test_the_lead_without_anything_contradicted():
    a = scores_table(list("abcd"), list("xyxy"), list("xyxy"))
    b = scores_table(list("abcde"), list("xyxyx"), list("xyxyx"))
    lead = build_diff_context(**comparison(a, b))["lead"]
    assert lead.startswith("Samples were added; their effect on the label issues is below.")
    assert build_diff_context(**comparison(a, a))["lead"] == (
        "Both versions hold the same samples with the same labels."
    )


def test_a_suggestion_has_its_probability(change, context):
    cards = [
        card
        for name in ("introduced", "resolved", "relabelled")
        for card in context[name]["cards"]
        if card["suggested"] is not None
    ]
    assert {card["suggested_score"] is None for card in cards} == {False}
    (row,) = (
        row for row in change["diff"]["issues"]["introduced"]
        if row["id"] == context["introduced"]["cards"][0]["id"]
    )  # fmt: skip
    said = (
        f"suggested: <bdi>{row['suggested']}</bdi>&nbsp;({100 * row['suggested_score']:.1f}\u00a0%)"
    )
    assert said in render_diff(context)
    # A task without probabilities has none to say.
    without = digits_change()
    for row in without["diff"]["issues"]["introduced"]:
        row["suggested_score"] = None
    assert said not in page(without)


def test_long_lists_are_folded_and_new_issues_are_not(context):
    text = render_diff(context)
    sections = dict(re.findall(r'<section id="(\w+)".*?>(.*?)</section>', text, re.DOTALL))
    assert len(context["resolved"]["cards"]) == 50
    assert "<summary>Show 50 samples</summary>" in sections["resolved"]
    assert sections["resolved"].index("</summary>") < sections["resolved"].index("<li>")
    assert "<details" not in sections["introduced"]
    assert "<details" not in sections["samples"]
    # 7 added and 5 removed are few.
    assert "<details" not in sections["others"]
    assert " open" not in "".join(re.findall("<details[^>]*>", text))


def test_new_issues_by_ripple_are_folded_when_they_are_many():
    ids = [f"{i:02}" for i in range(20)]
    a = scores_table(ids, ["x", "y"] * 10, ["x", "y"] * 10).assign(is_label_issue=False)
    b = a.assign(is_label_issue=True)
    assert "<summary>Show 20 samples by ripple</summary>" in page(comparison(a, b))
    b["is_label_issue"] = [True] * 12 + [False] * 8
    assert "<details" not in page(comparison(a, b))


def test_few_new_issues_by_ripple_stand_beside_the_direct_ones():
    ids = [f"{i:02}" for i in range(6)]
    a = scores_table(ids, ["x", "y"] * 3, ["x", "y"] * 3).assign(is_label_issue=False)
    b = a.assign(is_label_issue=[True, True, *[False] * 4])
    b.loc[0, "given_label"] = "y"
    (section,) = re.findall(r'<section id="introduced".*?</section>', page(comparison(a, b)), re.S)
    assert "1 directly, 1 by ripple" in section
    # One grid: two of a card each would leave a column and gaps.
    assert section.count('<ol class="gallery') == 1


def test_what_needs_a_look_comes_first(context):
    verdicts = [card["verdict"] for card in context["relabelled"]["cards"]]
    order = [verdict for i, verdict in enumerate(verdicts) if verdict not in verdicts[:i]]
    assert order == ["contradicted", "undecided", "supported"]
    assert {c["name"]: c["count"] for c in context["relabelled"]["counts"]} == {
        name: verdicts.count(name) for name in order
    }
    kinds = [card["kind"] in ("moved", "unchanged") for card in context["introduced"]["cards"]]
    assert kinds == sorted(kinds)


def test_a_content_that_changed_is_shown_twice_and_others_once(context):
    assert len(context["edited"]["cards"]) == 4
    for card in context["edited"]["cards"]:
        assert [shot["side"] for shot in card["shots"]] == ["before", "after"]
    for card in context["relabelled"]["cards"]:
        assert [shot["side"] for shot in card["shots"]] == [None]
        assert (card["shots"][0]["thumbnail"] is None) == (card["shots"][0]["lacking"] == LACKING)


def test_what_cannot_be_had_is_said_on_its_card(context):
    text = render_diff(context)
    lacking = [c for c in context["relabelled"]["cards"] if c["shots"][0]["lacking"]]
    assert len(lacking) == 2
    assert text.count(LACKING) >= 2


def test_lists_are_bounded_and_their_tail_counted():
    ids = [f"{i:04}" for i in range(400)]
    truth = ["a", "b"] * 200
    a, b = scores_table(ids[:150], truth[:150], truth[:150]), scores_table(ids, truth, truth)
    b["label_score"] = np.float32(0.5)
    text = page(comparison(a, b))
    assert "The first 100 of 250, by id; <code>cgaudit diff --json</code> lists them all." in text
    assert "<summary>Show 100 samples</summary>" in text
    swapped = b.assign(given_label=b["given_label"].map({"a": "b", "b": "a"}))
    text = page(comparison(b, swapped, options=DiffOptions(samples=30)))
    assert "The first 30 of 400, contradicted first" in text
    assert text.count('<li class="') == 30
    nothing = page(comparison(b, swapped, options=DiffOptions(samples=0)))
    assert "400 samples were relabelled; none is shown here." in nothing


def test_warnings_are_shown_and_counted():
    table = scores_table(list("abcd"), list("xyxy"), list("xyxy"))
    arguments = comparison(table, table)
    arguments["diff"]["warnings"] = [f"<b>warning {i}</b>" for i in range(13)]
    text = page(arguments)
    assert "&lt;b&gt;warning 9&lt;/b&gt;" in text
    assert "warning 10" not in text
    assert "3 more, listed by" in text


def test_nothing_changed():
    table = scores_table(list("abcd"), list("xyxy"), list("xyxy"))
    text = page(comparison(table, table))
    assert not Outline(text).open
    for said in (
        "No label was changed.",
        "No sample that is in both versions changed its label.",
        "There is none.",
        "No sample was added, removed, edited or moved.",
        "No class gained or lost a sample or a label issue.",
        "the change is felt where it was made",
    ):
        assert said in text


def test_labels_that_came_or_went_and_reviewed_ones():
    table = scores_table(list("abcd"), list("xyxy"), list("xyxy"))
    before = table.assign(given_label=["x", "y", None, "x"])
    after = table.assign(given_label=["x", None, "x", "y"])
    memory = pd.DataFrame(
        {"id": ["d"], "content_hash": [table["content_hash"][3]], "label": ["y"],
         "decision": ["keep"]}
    )  # fmt: skip
    cards = {
        card["id"]: card
        for card in build_diff_context(**comparison(before, after, reviewed=memory))["relabelled"][
            "cards"
        ]
    }
    assert (cards["b"]["label"], cards["b"]["support"]) == ("(no label)", None)
    assert cards["c"]["from"] == "(no label)"
    assert cards["d"]["verdict"] == "reviewed"
    text = page(comparison(before, after, reviewed=memory))
    assert "There is nothing to judge it by." in text
    assert "A person looked at it and let" in text


def test_the_skeleton(context):
    text = render_diff(context)
    outline = Outline(text)
    assert not outline.open
    assert len(outline.ids) == len(set(outline.ids))
    pictures = {f"t{i}" for i in range(len(context["thumbnails"]))}
    assert set(outline.references) - pictures <= set(outline.ids)
    assert "style" not in outline.attributes
    assert not [name for name in outline.attributes if name.startswith("on")]
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
    assert "default-src &#39;none&#39;; img-src data:" in text


def test_same_input_same_bytes():
    assert page(digits_change()) == page(digits_change())


@settings(max_examples=30, deadline=None)
@given(one=TEXTS, other=TEXTS, sample=TEXTS, text=TEXTS, why=st.booleans())
def test_no_text_changes_the_structure(one, other, sample, text, why):
    def outline(before: str, after: str, name: str, excerpt: str) -> Outline:
        a = scores_table(["0", "1", "2"], ["a", "b", "b"], ["a", "b", "b"])
        b = a.copy()
        a["given_label"] = ["a" + before, "b" + after, "b" + after]
        b["given_label"] = ["b" + after, "b" + after, "c" + before]
        for table in (a, b):
            table["predicted_label"] = "b" + after
            table["top_labels"] = [["b" + after, "a" + before]] * 3
            table["top_scores"] = [[0.9, 0.05]] * 3
            table["id"] = ["0" + name, "1" + name, "2" + name]

        def says(sample):
            if why:
                raise UnreadableSample("x" + excerpt)
            return "x" + excerpt

        versions = shown(a, b, Sights(excerpt=says))
        return Outline(page(comparison(a, b, versions=versions, options=DiffOptions("t" + name))))

    wildly, plainly = outline(one, other, sample, text), outline("", "", "", "plain")
    assert wildly.tags == plainly.tags
    del wildly.attributes["title"], plainly.attributes["title"]
    assert wildly.attributes == plainly.attributes
    assert printable("a" + one) in wildly.texts


@pytest.mark.parametrize("n", [150, pytest.param(6000, marks=pytest.mark.slow)])
def test_the_page_stays_under_its_limit_whatever_is_shown(n):
    ids = [f"{i:05d} images/of/\"'<&" for i in range(n)]
    labels = ["<'\"&>" + str(i % 200) for i in range(n)]
    a, b = changed(ids, labels, labels, labels[::-1])
    versions = shown(a, b, Sights(picture=noise))
    text = page(comparison(a, b, versions=versions, options=DiffOptions(samples=5000)))
    assert len(text.encode()) < PAGE_BYTES
    assert ("not all samples have their picture here" in text) == (n > 150)


def test_texts_are_shown():
    text = page(wild_change())
    assert not Outline(text).open
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert len(text.encode()) < 1_500_000
