"""Near-duplicates and outliers in the report: which are shown, in which order, how they look."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from browser import OVERFLOWING, Visit, findings
from datarepo import run
from outline import Outline
from PIL import Image
from playwright.sync_api import expect
from report_inputs import HARMLESS, inputs, many_odd, noise, odd_table, scores_table

from cgaudit.oddities import Oddities
from cgaudit.pages.audit import ReportOptions, build_context, render, report_markdown
from cgaudit.pages.audit.oddities import COLUMNS, MEMBERS, OUTLIERS, SETS
from cgaudit.pages.frame.size import PAGE_BYTES

#: Sets by their number: which rows, with which labels, in which splits.
SETS_OF_TEN = {
    0: {"rows": [0, 1], "labels": "aa", "splits": ["train", "train"]},
    1: {"rows": [2, 3], "labels": "aa", "splits": ["train", "test"]},
    2: {"rows": [4, 5, 6], "labels": "aab", "splits": ["train", "train", "train"]},
    3: {"rows": [7, 8], "labels": "ba", "splits": ["train", "train"]},
}


def table_of_ten() -> pd.DataFrame:
    """Ten samples: a plain set, one that crosses splits, two whose labels differ, two outliers."""
    given, split = ["a"] * 9 + ["b"], ["train"] * 10
    for one in SETS_OF_TEN.values():
        for row, label, part in zip(one["rows"], one["labels"], one["splits"], strict=True):
            given[row], split[row] = label, part
    table = scores_table([f"s{i}" for i in range(10)], given, given).assign(
        split=split, label_score=np.linspace(0.9, 0.1, 10).astype(np.float32)
    )
    sets = [one["rows"] for one in SETS_OF_TEN.values()]
    return odd_table(sets, {9: 0.1, 0: 0.05}, table)


def test_the_columns_are_those_that_the_scores_get():
    assert set(COLUMNS) <= set(Oddities.__dataclass_fields__)


def test_nothing_is_said_where_nobody_looked():
    scores = table_of_ten().drop(columns=["outlier_score"])
    context = build_context(**inputs(scores))
    assert context["oddities"] is None
    assert not {"Near-duplicates", "Outliers"} & {one["name"] for one in context["figures"]}
    text = render(context)
    assert "near-duplicates" not in text.lower().split("</script>")[1]
    assert 'id="outliers"' not in text


def test_differing_labels_come_first_then_crossed_splits_then_the_rest():
    duplicates = build_context(**inputs(table_of_ten()))["oddities"]["duplicates"]
    ids = [[sample["id"] for sample in card["members"]] for card in duplicates["cards"]]
    # Of the two with differing labels the one with the lower label_score comes first; of each
    # label one sample comes before the second of any.
    assert ids == [["s7", "s8"], ["s4", "s6", "s5"], ["s2", "s3"], ["s0", "s1"]]
    assert [card["labels"] for card in duplicates["cards"]] == [
        ["a", "b"],
        ["a", "b"],
        ["a"],
        ["a"],
    ]
    assert [card["conflict"] for card in duplicates["cards"]] == [True, True, False, False]
    assert [card["leak"] for card in duplicates["cards"]] == [False, False, True, False]
    assert duplicates["cards"][2]["splits"] == ["test", "train"]
    assert duplicates["says"] == (
        "4 sets of samples with nearly the same features: 9 samples. 2 with more than one label, "
        "1 in more than one split."
    )


def test_the_most_unusual_come_first_flagged_or_not():
    table = table_of_ten()
    table.loc[4, "outlier_score"] = 0.25
    outliers = build_context(**inputs(table))["oddities"]["outliers"]
    assert [card["id"] for card in outliers["cards"]] == ["s0", "s9", "s4"]
    assert [card["beyond"] for card in outliers["cards"]] == ["9.0", "4.0", "1.0"]
    assert [card["outlier"] for card in outliers["cards"]] == [True, True, False]
    assert outliers["says"].startswith(
        "The 3 most unusual samples, whatever the label; 2 of them beyond the threshold."
    )


def test_none_beyond_the_threshold_is_said_beside_the_most_unusual():
    table = table_of_ten().assign(is_outlier_issue=False)
    context = build_context(**inputs(table))
    outliers = context["oddities"]["outliers"]
    assert [card["id"] for card in outliers["cards"]] == ["s0", "s9"]
    assert "The 2 most unusual samples, whatever the label; none of them" in outliers["says"]
    text = render(context)
    assert text.count("beyond the usual</span>") == 2
    assert '<span class="tag">outlier</span>' not in text
    figures = {one["name"]: one for one in context["figures"]}
    assert figures["Outliers"]["value"] == "0"


def test_what_is_as_usual_as_most_is_not_shown():
    table = table_of_ten().assign(outlier_score=[0.5] * 5 + [0.9] * 4 + [np.nan])
    table["is_outlier_issue"] = False
    outliers = build_context(**inputs(table))["oddities"]["outliers"]
    assert outliers["cards"] == []
    assert outliers["says"] == "No sample is unlike all others."


def test_the_overview_counts_them():
    figures = {one["name"]: one for one in build_context(**inputs(table_of_ten()))["figures"]}
    assert figures["Near-duplicates"]["value"] == "9"
    assert "in 4 sets" in figures["Near-duplicates"]["means"]
    assert figures["Outliers"]["value"] == "2"


def test_none_found_is_said():
    context = build_context(**inputs(odd_table([], {}, scores_table(["x"], ["a"], ["a"]))))
    text = render(context)
    assert "No two samples have nearly the same features." in text
    assert "No sample is unlike all others." in text
    assert not Outline(text).open


def test_the_tail_is_counted_in_words():
    oddities = build_context(**inputs(many_odd()))["oddities"]
    duplicates, outliers = oddities["duplicates"], oddities["outliers"]
    assert (len(duplicates["cards"]), duplicates["total"]) == (SETS, 41)
    assert f"{SETS} sets are shown; the column near_duplicate_set" in duplicates["says"]
    assert (len(outliers["cards"]), outliers["total"]) == (OUTLIERS, 100)
    assert f"The {OUTLIERS} most unusual samples" in outliers["says"]
    assert f"all beyond the threshold, as {100 - OUTLIERS} more" in outliers["says"]
    (large,) = [card for card in duplicates["cards"] if card["size"] == 20]
    assert len(large["members"]) == MEMBERS
    assert {sample["label"][:2] for sample in large["members"]} == {"<b", "b ", "עב", "xx"}


def test_samples_without_label_or_split_are_shown_and_differ_from_none():
    table = scores_table(["x", "y", "z"], ["a", "a", "b"], ["a", "a", "b"])
    table = odd_table([[0, 1]], {2: 1e-5}, table)
    table.loc[1, ["given_label", "label_score", "is_duplicate_conflict"]] = [None, np.nan, False]
    (card,) = build_context(**inputs(table))["oddities"]["duplicates"]["cards"]
    assert [sample["label"] for sample in card["members"]] == ["a", None]
    assert not card["conflict"]
    assert "no label" in render(build_context(**inputs(table)))


def test_only_byte_for_byte_copies_are_called_the_same_content():
    table = table_of_ten()
    table.loc[[7, 8], "content_hash"] = "equal"
    table.loc[[2, 3], "content_hash"] = None
    cards = build_context(**inputs(table))["oddities"]["duplicates"]["cards"]
    assert [card["identical"] for card in cards] == [True, False, False, False]


def test_hostile_names_stay_text():
    def shown(table: pd.DataFrame) -> Outline:
        options = ReportOptions(samples=0)
        return Outline(render(build_context(**inputs(table, params=options, excerpt=str))))

    wild = shown(many_odd())
    assert not wild.open
    assert wild.tags == shown(many_odd(HARMLESS)).tags
    assert wild.texts.count("<b>a</b>") > 0


def test_a_picture_is_kept_once_and_shown_in_every_gallery():
    table = table_of_ten()
    picture = Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8))
    context = build_context(**inputs(table, picture=lambda _: picture))
    assert len(context["thumbnails"]) == 1
    numbers = {
        sample["thumbnail"]
        for card in context["oddities"]["duplicates"]["cards"]
        for sample in card["members"]
    }
    assert numbers == {0}
    # Where the gallery itself shows nothing, its pictures are there for the others.
    without = inputs(table, picture=lambda _: picture, params=ReportOptions(samples=0))
    assert "data:image/webp" in render(build_context(**without))


@pytest.mark.parametrize("thumbnail", [48, pytest.param(320, marks=pytest.mark.slow)])
def test_the_page_stays_under_its_limit(thumbnail):
    def large(sample: str) -> Image.Image:
        return noise(sample).resize((thumbnail, thumbnail), Image.Resampling.NEAREST)

    options = ReportOptions(samples=40, thumbnail=thumbnail)
    context = build_context(**inputs(many_odd(), params=options, picture=large, excerpt=str))
    assert len(render(context).encode()) < PAGE_BYTES
    assert context["oddities"]["outliers"]["cards"][0]["thumbnail"] is not None


def test_in_short_they_are_a_table_of_what_needs_a_decision():
    text = str(report_markdown(build_context(**inputs(table_of_ten()))))
    text = re.sub("</?code>", "", text)
    assert "| Near-duplicates | 9 |" in text
    assert "| s7, s8 | 2 | a, b | train |" in text
    assert "| s2, s3 | 2 | a | test, train |" in text
    assert "s0, s1" not in text


@pytest.fixture(scope="module")
def planted(project, tmp_path_factory) -> Path:
    """The page of 500 digits and five copies of the first, three of them with another label."""
    folder = tmp_path_factory.mktemp("planted")
    shutil.copytree(project.folder / "images", folder / "images")
    with (folder / "labels.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "path", "label"])
        for name, label in project.labels.items():
            writer.writerow([name, f"images/{name}.png", label])
        for number, name in enumerate(sorted(project.labels)[:5]):
            shutil.copyfile(folder / "images" / f"{name}.png", folder / "images" / f"{name}-2.png")
            label = int(project.labels[name]) + (1 if number < 3 else 0)
            writer.writerow([f"{name}-2", f"images/{name}-2.png", label % 10])
    command = "cgaudit audit images --labels labels.csv --featurizer pixels --outliers --out report"
    run(*command.split(), cwd=folder)
    return folder / "report" / "index.html"


@pytest.mark.slow
@pytest.mark.parametrize("script", [True, False])
def test_planted_copies_are_shown_side_by_side(browser, planted, script):
    visit = Visit(browser, planted, 1280, "light", java_script_enabled=script)
    sets = visit.page.locator(".sets > li:visible")
    copies = {f"00{i}": sets.filter(has_text=f"00{i}-2") for i in range(5)}
    for number, (name, one) in enumerate(copies.items()):
        expect(one).to_have_count(1)
        expect(one.locator(".id bdi")).to_have_text([name, f"{name}-2"])
        expect(one.get_by_text("same content")).to_be_visible()
        expect(one.get_by_text("labels differ")).to_have_count(1 if number < 3 else 0)
        pictures = one.locator(".pic")
        pictures.first.scroll_into_view_if_needed()
        expect(pictures).to_have_count(2)
        assert pictures.first.locator("use").get_attribute("href") == (
            pictures.last.locator("use").get_attribute("href")
        )
        assert len(set(pictures.first.screenshot())) > 50
    conflicts = sets.evaluate_all("sets => sets.map(one => one.classList.contains('conflict'))")
    assert conflicts == sorted(conflicts, reverse=True)
    assert visit.complaints == []
    assert visit.left_the_page() == []
    visit.context.close()


@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 1280])
def test_the_galleries_fit_and_are_accessible(browser, planted, axe, width):
    visit = Visit(browser, planted, width, "light", reduced_motion="reduce")
    assert visit.page.evaluate(OVERFLOWING) == []
    assert findings(visit, axe) == []
    visit.context.close()
