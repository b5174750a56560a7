"""What the report says: the dict, without any HTML."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from report_inputs import NOTHING_SKIPPED, inputs, many_odd, picture_of

from cgaudit.errors import UnreadableSample
from cgaudit.pages.audit import ReportOptions, build_context
from cgaudit.pages.audit.charts import HEAT_CLASSES
from cgaudit.pages.audit.leftout import SKIP_EXAMPLES
from cgaudit.pages.frame.size import CLASS_ROWS
from cgaudit.results import parts
from cgaudit.results.overview import Overview, open_overview
from cgaudit.results.table import Scores, read_scores, write_scores


def small_table() -> pd.DataFrame:
    """Six samples: two flagged cats, one flagged dog, two fine ones, one without a label."""
    return pd.DataFrame(
        {
            "id": ["a", "b", "c", "d", "e", "f"],
            "given_label": ["cat", "cat", "dog", "dog", "cat", None],
            "predicted_label": ["dog", "dog", "cat", "dog", "dog", "cat"],
            "label_score": np.array([0.1, 0.02, 0.2, 0.9, 0.05, np.nan], np.float32),
            "is_label_issue": [True, True, True, False, False, False],
            "cg_score": np.array([3, 4, 2, 0.1, 3.5, np.nan], np.float32),
            "margin": np.zeros(6, np.float32),
            "top_labels": [["dog", "cat"]] * 6,
            "top_scores": [[0.7, 0.3]] * 6,
            "content_hash": list("abcdef"),
        }
    )


def test_flagged_come_first_and_each_part_from_the_lowest_score():
    gallery = build_context(**inputs(small_table()))["gallery"]
    assert [card["id"] for card in gallery["cards"]] == ["b", "a", "c", "e", "d"]
    assert [card["flagged"] for card in gallery["cards"]] == [True, True, True, False, False]
    assert gallery["says"] == (
        "All 3 flagged samples, then the 2 least supported of the others, "
        "from the lowest label_score up."
    )


def test_a_cut_gallery_says_what_it_leaves_out():
    gallery = build_context(**inputs(small_table(), params=ReportOptions(samples=2)))["gallery"]
    assert gallery["says"] == (
        "The first 2 of 3 flagged samples, from the lowest label_score up. "
        "The scores table has the other 3."
    )


def test_a_card_holds_both_probabilities():
    card = build_context(**inputs(small_table()))["gallery"]["cards"][0]
    assert (card["given"], card["suggested"]) == ("cat", "dog")
    assert card["label_score"] == pytest.approx(0.02, abs=1e-7)
    assert card["suggested_score"] == 0.7
    assert card["cg_score"] == 4.0


def test_class_health_by_hand():
    rows = build_context(**inputs(small_table()))["classes"]["rows"]
    assert [row["name"] for row in rows] == ["cat", "dog"]
    cat, dog = rows
    assert (cat["n"], cat["issues"], cat["instead"], cat["instead_count"]) == (3, 2, "dog", 2)
    assert (dog["n"], dog["issues"], dog["wanted"]) == (2, 1, 2)
    assert cat["quality"] == pytest.approx((0.1 + 0.02 + 0.05) / 3, abs=1e-6)
    assert dog["rate"] == 0.5


def test_confused_pairs_by_hand():
    confused = build_context(**inputs(small_table()))["confusion"]
    assert confused["columns"] == ["cat", "dog"]
    counts = [[cell["count"] for cell in row["cells"]] for row in confused["rows"]]
    assert counts == [[0, 2], [1, 0]]
    assert [(p["given"], p["suggested"], p["count"]) for p in confused["pairs"]] == [
        ("cat", "dog", 2),
        ("dog", "cat", 1),
    ]
    assert [pair["rate"] for pair in confused["pairs"]] == ["66.7 %", "50.0 %"]
    (_, cat_as_dog), (dog_as_cat, _) = (row["cells"] for row in confused["rows"])
    assert (cat_as_dog["rate_number"], dog_as_cat["rate_number"]) == ("67", "50")


def test_headline_counts_labelled_samples_only():
    context = build_context(**inputs(small_table()))
    assert context["verdict"]["says"] == "3 of 5 labels are"
    figures = {figure["name"]: figure["value"] for figure in context["figures"]}
    assert figures["Samples"] == "6"
    assert figures["Unlabelled"] == "1"
    assert figures["Flagged"] == "60.0 %"


def test_nothing_flagged_is_said():
    table = small_table().assign(is_label_issue=False)
    context = build_context(**inputs(table))
    assert context["verdict"]["clear"]
    assert context["verdict"]["says"] == "None of 5 labels looks wrong."
    assert context["confusion"]["pairs"] == []


@pytest.mark.parametrize("rows", [0, 5], ids=["empty table", "no labels at all"])
def test_nothing_to_judge(rows):
    table = pd.concat([small_table().iloc[5:]] * rows) if rows else small_table().iloc[:0]
    context = build_context(**inputs(table))
    assert context["gallery"]["cards"] == []
    assert context["classes"]["rows"] == []


def test_the_dict_is_plain_data():
    skipped = pd.DataFrame({"id": ["x"], "reason": ["broken"]})
    context = build_context(**inputs(small_table(), skipped=skipped))
    assert json.loads(json.dumps(context, allow_nan=False)) == context


def test_skipped_are_grouped_most_frequent_first():
    skipped = pd.DataFrame(
        {"id": [f"s{i}" for i in range(12)], "reason": ["rare"] + ["common"] * 11}
    )
    said = build_context(**inputs(small_table(), skipped=skipped))["skipped"]
    assert said["total"] == 12
    assert [(group["reason"], group["count"]) for group in said["reasons"]] == [
        ("common", 11),
        ("rare", 1),
    ]
    assert said["reasons"][0]["ids"] == ["s1", "s2", "s3", "s4", "s5"][:SKIP_EXAMPLES]


def test_ten_thousand_classes_are_bounded_and_counted():
    names = [f"class {i}" for i in range(10_000)]
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "id": names,
            "given_label": names,
            "predicted_label": [names[i] for i in rng.integers(0, 10_000, 10_000)],
            "label_score": rng.random(10_000, np.float32),
            "is_label_issue": rng.random(10_000) < 0.1,
            "cg_score": np.ones(10_000, np.float32),
            "margin": np.ones(10_000, np.float32),
            "top_labels": [["class 1"]] * 10_000,
            "top_scores": [[1.0]] * 10_000,
            "content_hash": names,
        }
    )
    context = build_context(**inputs(table))
    assert len(context["classes"]["rows"]) == CLASS_ROWS
    assert context["classes"]["total"] == 10_000
    confused = context["confusion"]
    assert len(confused["columns"]) == len(confused["rows"]) == HEAT_CLASSES
    assert confused["n_shown"] < confused["n_flagged"] == int(table["is_label_issue"].sum())


@pytest.mark.parametrize("error", [UnreadableSample("gone"), OSError("truncated")])
def test_an_unreadable_picture_costs_only_itself(error):
    def picture(sample: str) -> Image.Image | None:
        if sample == "b":
            raise error
        return picture_of(1, 8)

    cards = build_context(**inputs(small_table(), picture=picture))["gallery"]["cards"]
    assert [card["thumbnail"] for card in cards] == [None, 0, 0, 0, 0]


def test_long_texts_are_bounded_before_they_reach_the_page():
    table = small_table().assign(given_label=["x" * 10**6] * 5 + [None])
    context = build_context(**inputs(table, excerpt=lambda sample: "word " * 10**5))
    assert len(json.dumps(context)) < 60_000


def test_the_input_is_left_alone():
    table = small_table()
    before = table.copy(deep=True)
    build_context(**inputs(table, skipped=NOTHING_SKIPPED))
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("parted", [False, True])
def test_scores_on_the_disk_are_told_of_as_those_in_memory(
    tmp_path: Path, parted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "BLOCK", 20)
    monkeypatch.setattr(parts, "PART_ROWS", 30)
    table = many_odd().assign(is_reviewed=False)
    made = inputs(table, params=ReportOptions(samples=20, random_samples=10))
    write_scores(Scores(table, made["scores"].provenance), tmp_path / "s.parquet", parted=parted)
    told = [
        build_context(**made | {"scores": scores})
        for scores in (
            open_overview(tmp_path / "s.parquet"),
            Overview.of(read_scores(tmp_path / "s.parquet")),
        )
    ]
    assert told[0] == told[1]
    assert told[0]["oddities"]["duplicates"]["cards"]
