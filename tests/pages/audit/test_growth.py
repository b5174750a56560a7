"""What the report says of the data as a whole."""

from __future__ import annotations

import pytest

from cgaudit.pages.audit.growth import whole_section
from cgaudit.results.metrics import Metrics, PairMetric

PAIRS = {"a | b": PairMetric("a", "b", 0.93), "a | c_": PairMetric("a", "c.", 1.02)}


@pytest.mark.parametrize(
    ("growth", "says"),
    [
        ({"500": 0.9, "1000": 0.8, "2000": 0.72}, "has not levelled off"),
        ({"500": 0.9, "1000": 0.8, "2000": 0.77}, "it levels off"),
        ({"500": 0.9, "1000": 0.8, "2000": 0.8}, "does not fall"),
        ({"60": 0.9}, "too few labels"),
    ],
)
def test_growth_is_said_in_words(growth: dict[str, float], says: str) -> None:
    found = whole_section(Metrics(growth=growth, pairs=PAIRS))
    assert found is not None
    assert says in found["growth_says"]
    assert (found["chart"] is None) == (len(growth) < 2)


def test_pairs_are_listed_by_their_own_names() -> None:
    found = whole_section(Metrics(pairs=PAIRS))
    assert found is not None
    assert [(row["second"], row["value"]) for row in found["pairs"]] == [
        ("b", "0.93"),
        ("c.", "1.02"),
    ]
    assert found["pairs"][1]["width"] == "100.0"


def test_older_versions_know_nothing_of_it() -> None:
    assert whole_section(Metrics()) is None


def test_it_comes_back_from_summary_json_and_what_is_forged_does_not() -> None:
    metrics = Metrics(growth={"500": 0.9}, pairs=PAIRS)
    again = Metrics.of_json(metrics.as_json())
    assert again is not None
    assert again.pairs == PAIRS
    assert again.growth == {"500": 0.9}
    odd = Metrics.of_json(
        {"growth": {"x": 1, "5": "y", "7": 0.5}, "pair": {"p": {"first": "a"}, "q": 3, "r": []}}
    )
    assert odd is not None
    assert odd.growth == {"7": 0.5}
    assert odd.pairs == {}
