"""How a column writes its numbers."""

from __future__ import annotations

import pytest

from cgaudit.dataset import Notation

COLUMNS = {
    "points": ["1", "2.5", "-3", "1,234.5", "n/a", None],
    "commas": ["1,25", "2,5", "1.234,5", "-3"],
    "shares": ["12 %", "7,5 %", "0,1 %"],
    "money before": ["€ 12", "€ 1,300.50"],
    "money behind": ["12 €", "1.300,50 €", "7,2 €"],
    "mixed": ["12", "€ 13", "14 kg"],
    "minus": ["\u22123", "4"],
}


@pytest.mark.parametrize("cells", COLUMNS.values(), ids=COLUMNS.keys())
@pytest.mark.parametrize(
    "value", [0.0, 12.0, -7.25, 0.07, 0.2061, 206.123, 1234.5, 1e-4, 98765432.1]
)
def test_what_is_written_is_read_as_the_same_number(cells: list[str | None], value: float) -> None:
    notation = Notation.of(cells)
    assert notation.read(notation.write(value)) == value


@pytest.mark.parametrize(
    ("name", "value", "written"),
    [
        ("points", 206.0, "206"),
        ("points", -0.0, "0"),
        ("points", 1e-7, "1e-07"),
        ("commas", 206.5, "206,5"),
        ("commas", 1234.5, "1234,5"),
        ("shares", 0.2061, "20,61 %"),
        ("money before", 1300.5, "€ 1300.5"),
        ("money behind", 7.2, "7,2 €"),
        ("mixed", 15.0, "15"),
        ("minus", -3.0, "-3"),
    ],
)
def test_numbers_are_written_as_the_column_does(name: str, value: float, written: str) -> None:
    assert Notation.of(COLUMNS[name]).write(value) == written


def test_a_point_among_commas_is_no_decimal_one() -> None:
    notation = Notation.of(COLUMNS["commas"])
    assert notation.read("206.123") == 206123.0
    assert notation.read("12.5") is None
    assert notation.read("1e999") is None
    assert Notation.of([]) == Notation()
