"""Numbers as people write them."""

from __future__ import annotations

from cgaudit.wording.numbers import count, percent, score


def test_numbers_in_words():
    assert count(1234567) == "1,234,567"
    assert [percent(x) for x in (0, 0.0001, 0.04, 0.9999, 1, None)] == [
        "0 %",
        "<0.1 %",
        "4.0 %",
        ">99.9 %",
        "100 %",
        "–",
    ]
    assert [score(x) for x in (0.93149, 0.0001, 0, None)] == ["0.931", "<0.001", "0.000", "–"]
