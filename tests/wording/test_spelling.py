"""Labels that differ in how they are written only, and how that is named."""

from __future__ import annotations

import pytest

from cgaudit.wording.spelling import alike, alike_warning, canonical, spelt


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("cat", "Cat"), ("cat", " cat  "), ("ice cream", "ice\u00a0 cream"), ("a b", "a\nb")),
        *(("caf\u00e9", "cafe\u0301"), ("cat", "c\u200bat"), ("cat", "cat\0"), ("cat", "c\u0430t")),
        *(("1", "1.0"), ("-1.50", "-1.5"), ("0", "-0.0"), ("+1", "1."), ("1", "\uff11")),
        *(("true", "TRUE"), ("stra\u00dfe", "STRASSE"), ("\u2764", "\u2764\ufe0f")),
    ],
)
def test_the_same_label(one, other):
    assert one != other
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("007", "7"), ("1", "11"), ("cafe", "caf\u00e9"), ("ab", "a b"), ("1.5", "15"), ("-1", "1")],
)
def test_other_labels(one, other):
    assert canonical(one) != canonical(other)


def test_what_cannot_be_seen_is_written_out():
    assert spelt(["cat", "c\u0430t"]) == ["'cat'", "'c\\u0430t'"]
    assert spelt(["cat", "cat "]) == ["'cat'", "'cat '"]
    assert spelt(["\u00c9t\u00e9", "\u00e9t\u00e9"]) == ["'\u00c9t\u00e9'", "'\u00e9t\u00e9'"]


def test_spellings_of_one_label_are_warned_of_the_most_frequent_first():
    counts = {"cat": 25, "Cat": 4, "cat ": 2, "dog": 29}
    assert alike(counts) == [["Cat", "cat", "cat "]]
    warning = alike_warning(counts)
    assert warning is not None
    assert "'cat' (25), 'Cat' (4), 'cat ' (2). Write" in warning
    assert alike_warning({"cat": 1, "dog": 2}) is None


def test_a_warning_is_bounded():
    counts = {f"{i}{end}": 1 for i in range(2000) for end in ("x" * 500, "X" * 500)}
    warning = alike_warning(counts)
    assert warning is not None
    assert "and 1995 more such groups" in warning
    assert len(warning) < 1500
