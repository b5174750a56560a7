"""Near-duplicates and outliers in the report: which are shown, in which order, how they look."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from report_inputs import inputs, scores_table
from test_report_page import Outline, noise

from cgaudit.outliers import Oddities
from cgaudit.report import ReportOptions, build_context, render, report_markdown
from cgaudit.report.context import PAGE_BYTES
from cgaudit.report.oddities import COLUMNS, MEMBERS, OUTLIERS, SETS

#: Sets by their number: which rows, with which labels, in which splits.
SETS_OF_TEN = {
    0: {"rows": [0, 1], "labels": "aa", "splits": ["train", "train"]},
    1: {"rows": [2, 3], "labels": "aa", "splits": ["train", "test"]},
    2: {"rows": [4, 5, 6], "labels": "aab", "splits": ["train", "train", "train"]},
    3: {"rows": [7, 8], "labels": "ba", "splits": ["train", "train"]},
}


def odd_table(
    sets: list[list[int]], outliers: dict[int, float], table: pd.DataFrame
) -> pd.DataFrame:
    """Return the table with the columns of oddities: these sets, these outliers' scores."""
    n = len(table)
    number = np.full(n, -1, dtype=np.int64)
    for at, rows in enumerate(sets):
        number[rows] = at
    score = np.full(n, 0.5, dtype=np.float32)
    score[list(outliers)] = list(outliers.values())
    of_set = table.groupby(number)
    splits = of_set["split"].transform("nunique") if "split" in table else pd.Series(np.zeros(n))
    return table.assign(
        outlier_score=score,
        is_outlier_issue=np.isin(np.arange(n), list(outliers)),
        near_duplicate_set=number,
        is_near_duplicate_issue=number >= 0,
        is_duplicate_conflict=(number >= 0) & (of_set["given_label"].transform("nunique") > 1),
        is_split_leak=(number >= 0) & (splits > 1),
    )


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
    return odd_table(sets, {9: 1e-3, 0: 1e-12}, table)


HOSTILE = ["<b>a</b>", "b & \"c\" 'd'", "עברית", "x" * 300, "</li>test"]
HARMLESS = ["a", "b", "z", "x" * 300, "test"]


def many(names: list[str] = HOSTILE, n: int = 400) -> pd.DataFrame:
    """Forty pairs and one set of twenty, and a hundred outliers; the last name is of a split."""
    given = [names[i % 4] for i in range(n)]
    table = scores_table([f"{i:03d} of {names[0]}" for i in range(n)], given, given).assign(
        split=["train" if i % 3 else names[4] for i in range(n)]
    )
    sets = [[2 * i, 2 * i + 1] for i in range(40)] + [list(range(100, 120))]
    return odd_table(sets, {row: 1e-4 / row for row in range(200, 300)}, table)


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


def test_outliers_are_told_how_rare_they_are_the_farthest_first():
    outliers = build_context(**inputs(table_of_ten()))["oddities"]["outliers"]
    assert [card["id"] for card in outliers["cards"]] == ["s0", "s9"]
    assert [card["chance"] for card in outliers["cards"]] == ["under 1 in a billion", "1 in 1,000"]


def test_the_overview_counts_them():
    figures = {one["name"]: one for one in build_context(**inputs(table_of_ten()))["figures"]}
    assert figures["Near-duplicates"]["value"] == "9"
    assert "in 4 sets" in figures["Near-duplicates"]["means"]
    assert figures["Outliers"]["value"] == "2"


def test_none_found_is_said():
    context = build_context(**inputs(odd_table([], {}, scores_table(["x"], ["a"], ["a"]))))
    text = render(context)
    assert "No two samples are closer than chance explains." in text
    assert "No sample is farther from its neighbours than chance explains." in text
    assert not Outline(text).open


def test_the_tail_is_counted_in_words():
    oddities = build_context(**inputs(many()))["oddities"]
    duplicates, outliers = oddities["duplicates"], oddities["outliers"]
    assert (len(duplicates["cards"]), duplicates["total"]) == (SETS, 41)
    assert f"{SETS} sets are shown; the column near_duplicate_set" in duplicates["says"]
    assert (len(outliers["cards"]), outliers["total"]) == (OUTLIERS, 100)
    assert f"{OUTLIERS} of 100 are shown" in outliers["says"]
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

    wild = shown(many())
    assert not wild.open
    assert wild.tags == shown(many(HARMLESS)).tags
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


@pytest.mark.parametrize("thumbnail", [128, pytest.param(320, marks=pytest.mark.slow)])
def test_the_page_stays_under_its_limit(thumbnail):
    def large(sample: str) -> Image.Image:
        return noise(sample).resize((thumbnail, thumbnail), Image.Resampling.NEAREST)

    options = ReportOptions(samples=40, thumbnail=thumbnail)
    context = build_context(**inputs(many(), params=options, picture=large, excerpt=str))
    assert len(render(context).encode()) < PAGE_BYTES
    assert context["oddities"]["outliers"]["cards"][0]["thumbnail"] is not None


def test_in_short_they_are_a_table_of_what_needs_a_decision():
    text = report_markdown(build_context(**inputs(table_of_ten())))
    assert "| Near-duplicates | 9 |" in text
    assert "| s7, s8 | 2 | a, b | train |" in text
    assert "| s2, s3 | 2 | a | test, train |" in text
    assert "s0, s1" not in text
