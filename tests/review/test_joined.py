"""Decisions of several reviewers joined: nothing is lost, and no order matters."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from cgaudit.errors import DecisionError
from cgaudit.review import Decision, Known, join, named, split

KNOWN = {f"s{i}": Known("cat", f"h{i}") for i in range(40)}


def decided(sample, who, outcome="keep", at="2026-11-01T10:00:00Z", given="cat", digest=None):
    action, label = ("keep", None) if outcome == "keep" else ("relabel", outcome)
    if outcome == "drop":
        action, label = "drop", None
    digest = digest or sample.replace("s", "h")
    return Decision(sample, action, label, given, digest, who, at)


def three_reviewers():
    """Ada, Bo and Cy: agreed, disagreed, changed their minds, and worked on older data."""
    made = []
    for i in range(10):  # all three, alike
        made += [
            decided(f"s{i}", who, "dog" if i % 3 == 0 else "keep") for who in ("ada", "bo", "cy")
        ]
    for i in range(10, 14):  # Bo sees it differently
        made += [decided(f"s{i}", "ada"), decided(f"s{i}", "bo", "dog"), decided(f"s{i}", "cy")]
    for i in range(14, 24):  # one alone
        made.append(decided(f"s{i}", ("ada", "bo", "cy")[i % 3], "drop" if i % 2 else "fox"))
    # Changed minds: the later one counts.
    made.append(decided("s0", "ada", "drop", at="2026-10-01T10:00:00Z"))
    # On a label and a content that are no more, and on a sample that is gone.
    made += [
        decided("s30", "ada", given="dog"),
        decided("s31", "bo", digest="old"),
        decided("gone", "cy"),
    ]
    # The same file twice.
    made += made[:7]
    return made


@pytest.mark.parametrize("seed", range(25))
def test_three_reviewers_merge_without_loss_in_any_order(seed):
    made = three_reviewers()
    expected = join(made, known=KNOWN)
    random.Random(seed).shuffle(made)
    joined = join(made, known=KNOWN)
    assert joined == expected
    assert [it.id for it in joined.merged] == sorted(f"s{i}" for i in (*range(10), *range(14, 24)))
    assert list(joined.conflicts) == ["s10", "s11", "s12", "s13"]
    assert {it.id for it in joined.stale} == {"s30", "s31", "gone"}
    assert [(it.id, it.action) for it in joined.superseded] == [("s0", "drop")]
    by_id = {it.id: it for it in joined.merged}
    assert by_id["s0"][1:3] == ("relabel", "dog")
    assert by_id["s1"].reviewer == "ada, bo, cy"
    assert by_id["s14"].reviewer == "cy"
    # Each decision is somewhere: in what it became a part of, or by itself.
    where = Counter()
    for it in {*made}:
        where[it] += it in joined.stale or it in joined.superseded
        where[it] += it in joined.conflicts.get(it.id, ())
        one = by_id.get(it.id)
        where[it] += (
            one is not None
            and one.outcome == it.outcome
            and (it.reviewer in one.reviewer.split(", ") and it not in joined.stale)
        )
    assert set(where.values()) == {1}


def test_how_far_they_agree_is_of_what_all_looked_at():
    joined = join(three_reviewers(), known=KNOWN)
    assert joined.asked == (["ada", "bo", "cy"], 14)
    assert joined.agreement.low < joined.agreement.kappa < joined.agreement.high
    assert joined.agreement.observed == pytest.approx((10 + 4 / 3) / 14)
    alone = join([decided("s1", "ada"), decided("s2", "bo")], known=KNOWN)
    assert alone.agreement is None


def test_what_was_settled_stands():
    settled = [decided("s10", "ada and bo", "dog")]
    joined = join(three_reviewers(), settled, KNOWN)
    assert "s10" not in joined.conflicts
    (stands,) = (it for it in joined.merged if it.id == "s10")
    assert (stands.label, stands.reviewer) == ("dog", "ada and bo")
    assert {(it.id, it.reviewer) for it in joined.superseded} == {
        ("s0", "ada"), ("s10", "ada"), ("s10", "cy"),
    }  # fmt: skip
    twice = [*settled, decided("s10", "cy", "keep")]
    with pytest.raises(DecisionError, match="contradicts itself on 's10'"):
        join(three_reviewers(), twice, KNOWN)


def test_where_nobody_knows_what_there_is_now_they_must_have_seen_the_same():
    made = [decided("s1", "ada"), decided("s1", "bo", given="dog")]
    assert list(join(made).conflicts) == ["s1"]
    assert list(join(made, known=KNOWN).conflicts) == []
    # To set the label that it has is to keep it.
    alike = [decided("s1", "ada", "cat"), decided("s1", "bo", "keep")]
    assert [it.outcome for it in join(alike, known=KNOWN).merged] == [("keep", None)]


def test_without_times_two_minds_of_one_person_are_a_conflict():
    made = [decided("s1", "ada", at=None), decided("s1", "ada", "dog", at=None)]
    assert list(join(made, known=KNOWN).conflicts) == ["s1"]


def test_a_decision_of_nobody_is_refused():
    with pytest.raises(DecisionError, match="Nobody says who decided on 's1'"):
        join([decided("s1", None)])


@pytest.mark.parametrize("n", [2, 3, 7])
def test_parts_cover_all_and_meet_in_the_common_one(n):
    samples = [f"s{i}" for i in range(101)]
    names = [f"r{i}" for i in range(n)]
    parts = split(samples, names, 0.1, seed=0)
    assert len(parts.common) == 11
    of = [set(parts.of(name)) for name in names]
    assert set.union(*of) == set(samples)
    assert set.intersection(*of) == set(parts.common)
    sizes = [len(it) for it in of]
    assert max(sizes) - min(sizes) <= 1
    assert split(samples[::-1], names, 0.1, seed=0) == parts
    assert split(samples, names, 0.1, seed=1) != parts


@pytest.mark.parametrize(
    ("names", "words"),
    [("ada", "1 named"), ("ada,Ada", "come twice"), ("a/b,c", "a/b"), ("../x,y", "file's name")],
)
def test_names_that_will_not_do(names, words):
    with pytest.raises(DecisionError, match=words):
        named(names)
