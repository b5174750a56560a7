"""Whether the rest of the data supports a new label."""

from __future__ import annotations

import pytest

from cgaudit.versions.verdict import Ground, crowd_warnings, ground_of, judge

#: All labels have somebody else to speak for them.
KNOWN = Ground(frozenset([*"abcde", "zz", "yy", "gone"]), {})


@pytest.mark.parametrize(
    ("before", "after", "verdict", "support"),
    [
        ("a", "b", "contradicted", -0.4),
        ("b", "a", "supported", 0.4),
        ("c", "d", "undecided", 0.05),
        ("zz", "a", "supported", 0.45),  # zz has between 0 and 0.05
        ("zz", "b", "undecided", 0.05),  # 0.1 − (0 … 0.05): within the band whatever it is
        ("zz", "yy", "undecided", 0.0),
        (None, "a", "supported", 0.4),  # a first label, against the best other
        (None, "b", "contradicted", -0.4),
        ("a", None, "undecided", None),
    ],
)
def test_verdicts(
    before: str | None, after: str | None, verdict: str, support: float | None
) -> None:
    found = judge(before, after, list("abcde"), [0.5, 0.1, 0.1, 0.15, 0.05], band=0.3, ground=KNOWN)
    assert found.verdict == verdict
    assert found.support == pytest.approx(support)


def test_a_bound_that_does_not_decide_is_undecided() -> None:
    found = judge("zz", "a", list("abcde"), [0.32, 0.2, 0.2, 0.1, 0.1], band=0.3, ground=KNOWN)
    assert found == ("undecided", pytest.approx(0.22))


def test_with_fewer_than_five_classes_an_absent_one_has_probability_zero() -> None:
    found = judge("gone", "a", ["a", "b"], [0.9, 0.1], band=0.3, ground=KNOWN)
    assert found == ("supported", pytest.approx(0.9))


@pytest.mark.parametrize("labels", [None, []])
def test_without_probabilities_nothing_is_decided(labels: list[str] | None) -> None:
    assert judge("a", "b", labels, labels and [], band=0.0, ground=KNOWN).verdict == "undecided"


def test_many_of_one_pair_are_warned_of() -> None:
    assert crowd_warnings([("cat", "dog")] * 9 + [("dog", "cat")] * 9) == []
    (warning,) = crowd_warnings([("cat", "dog")] * 10 + [("fox", "dog")])
    assert "10 samples were relabelled from 'cat' to 'dog'" in warning


def test_what_there_is_to_judge_by() -> None:
    moves = [("a", "x"), ("a", "x"), ("b", "y"), ("c", "b")]
    ground = ground_of("abc", {"x": 2, "y": 1, "b": 3, "c": 1}, moves)
    # x and y are there because of the change alone; b had two before.
    assert ground.known == {"b", "c"}
    # b is still there, so y is no new name for it.
    assert ground.renamed == {"a": "x"}
    assert judge("a", "x", ["x"], [0.9], 0.1, ground) == ("renamed", None)
    assert judge("b", "y", ["y"], [0.9], 0.1, ground) == ("undecided", None)
    assert judge("c", "b", ["b", "c"], [0.7, 0.3], 0.1, ground).verdict == "supported"
