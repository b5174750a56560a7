"""How the columns of a table were read, in words and as facts."""

from __future__ import annotations

import pytest

from cgaudit.results.metrics import Metrics
from cgaudit.results.reading import (
    CATEGORY,
    LEFT_OUT,
    MOST_READINGS,
    NUMBER,
    ColumnReading,
    most_remarkable,
    readings_in_words,
)

UNREAD = ColumnReading("a", NUMBER, 200, n_unread=1, example="<0.01")
RARE = ColumnReading("name", CATEGORY, 200, n_unread=200, says_nothing=True)


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        (ColumnReading("a", NUMBER, 9), "numbers"),
        (UNREAD, "numbers; 1 of 200 cells is no number ('<0.01'), taken as missing"),
        (RARE, "categories, all of them rare: it says nothing"),
        (ColumnReading("k", CATEGORY, 9, n_categories=4), "4 categories"),
        (ColumnReading("i", LEFT_OUT, why="an index"), "left out: an index"),
    ],
    ids=lambda it: getattr(it, "name", None),
)
def test_a_column_in_words(reading, words):
    assert reading.in_words() == words


def test_what_there_is_to_know_is_said_by_name_and_the_rest_together():
    ordinary = [ColumnReading(f"c{i}", NUMBER, 9) for i in range(20)]
    first, second, third = readings_in_words([*ordinary, UNREAD, RARE])
    assert first.startswith("columns read as numbers: 'c0', 'c1'")
    assert first.endswith("and 12 more")
    assert second == f"column 'a': {UNREAD.in_words()}"
    assert third == f"column 'name': {RARE.in_words()}"


def test_of_a_wide_table_what_there_is_to_know_is_kept():
    many = [ColumnReading(f"c{i}", NUMBER, 9) for i in range(3 * MOST_READINGS)]
    kept = most_remarkable([*many, UNREAD])
    assert len(kept) == MOST_READINGS
    assert kept[0] == UNREAD


def test_the_summary_holds_them_and_gives_them_back():
    metrics = Metrics(n_samples=200, columns={"a": UNREAD, "na_me": RARE})
    again = Metrics.of_json(metrics.as_json())
    assert again == metrics
    assert "columns" not in metrics.figures()
    assert "column" not in Metrics(n_samples=1).as_json()


@pytest.mark.parametrize(
    "column", [None, [], {"a": None}, {"a": {"read_as": 5}}, {"a": {"n_rows": 5}}], ids=str
)
def test_what_somebody_wrote_into_the_summary_is_no_reading(column):
    assert Metrics.of_json({"column": column}) == Metrics()


def test_facts_of_another_type_are_left_out():
    found = ColumnReading.of("a", {"read_as": NUMBER, "n_rows": "many", "why": 7, "odd": 1})
    assert found == ColumnReading("a", NUMBER)
