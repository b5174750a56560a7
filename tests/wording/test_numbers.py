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
    assert [score(x) for x in (0.93149, 1.23456, 0, 1, None)] == [
        "0.931",
        "1.235",
        "0.000",
        "1.000",
        "–",
    ]


def test_scores_near_an_end_are_told_apart():
    assert [score(x) for x in (0.00031, 3.1e-6, 1e-8)] == ["0.00031", "0.0000031", "<0.000001"]
    assert [score(x) for x in (0.99987, 0.9996, 1 - 1e-8)] == ["0.99987", "0.99960", ">0.999999"]
