"""Numbers in the spellings that people and spreadsheets use; what is none stays none."""

from __future__ import annotations

import pytest

from cgaudit.dataset.tables import Tally, canonical_number, number_in


@pytest.mark.parametrize(
    ("text", "with_point", "with_comma"),
    [
        ("1,234", 1234, 1.234),
        ("1,234.5", 1234.5, None),
        ("1.234,5", None, 1234.5),
        ("12,5", None, 12.5),
        ("0,123", None, 0.123),
        ("$1,200.50", 1200.5, None),
        ("12 €", 12, 12),
        ("12.5%", 0.125, None),
        ("−3.5", -3.5, None),
        ("1 234 567", 1234567, 1234567),
        ("1\u202f234,5", None, 1234.5),
        ("1'234.50", 1234.5, None),
        ("1e3", 1000, None),
        (" 7 ", 7, 7),
    ],
)
def test_spellings(text, with_point, with_comma):
    assert number_in(text) == with_point
    assert number_in(text, decimal_comma=True) == with_comma


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "$", "%", "<0.01", "inf", "nan", "1,23,456", "12,34,567", "1_000", "5 $ 3"),
        *("1-2", "2024-01-05", "12:30", "3 kg", "1 2", "0x10", "١٢٬٣", "1" * 400 + ","),
    ],
)
def test_no_numbers(text):
    assert number_in(text) is None
    assert number_in(text, decimal_comma=True) is None


def tallied(cells):
    tally = Tally()
    tally.add(cells)
    return tally


def test_the_better_reading_is_taken_and_a_tie_goes_to_the_point():
    assert tallied(["1,5", "2,25", "1.000"]).decimal_comma
    assert not tallied(["1,500", "2,250"]).decimal_comma
    assert tallied(["1,500", "0,250"]).decimal_comma


@pytest.mark.parametrize(
    ("cells", "kept", "numbers"),
    [
        (["1.5"] * 199 + ["error"], 0, True),
        (["1"] * 6 + ["two"] * 6, 12, False),
        (["1"] * 60 + ["2"] * 60 + ["x"], 120, True),
        (["1"] * 4 + ["<1"] * 4, 0, False),
        ([None, "NA", " "], 0, False),
    ],
    ids=str,
)
def test_a_column_is_one_of_numbers_where_that_loses_no_more_cells(cells, kept, numbers):
    assert tallied(cells).is_number(kept) is numbers


@pytest.mark.parametrize(
    ("written", "short"),
    [
        *(("1.0", "1"), ("1.50", "1.5"), ("-0.0", "0"), ("5.", "5"), ("10", "10"), ("007", "007")),
        *(("1.0e3", "1.0e3"), ("v1.0", "v1.0"), ("1.2.0", "1.2.0"), ("100.00", "100")),
    ],
)
def test_the_shortest_spelling(written, short):
    assert canonical_number(written) == short
