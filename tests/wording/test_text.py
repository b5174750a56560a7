"""Untrusted text: nothing in it is unseen, and it ends somewhere."""

from __future__ import annotations

import pytest

from cgaudit.wording.text import natural, printable, visible


def test_what_is_invisible_is_written_out() -> None:
    assert visible("a\x1b[2Jb\u202e\n") == "a\\x1b[2Jb\\u202e\\n"
    assert visible("\udc80") == "\\udc80"
    assert visible("犬 کتاب\u200cها") == "犬 کتاب\u200cها"
    assert visible("x" * 200) == "x" * 79 + "…"


def test_on_a_page_what_is_forbidden_or_turns_the_text_is_replaced() -> None:
    assert printable("a\x07b\x9bc\u202ed\u2066e\udc80") == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffd"
    assert printable("one\ntwo\tthree") == "one two three"
    # Marks of direction, soft hyphens and wide spaces are part of how people write.
    assert printable("עברית\u200f a\u00adb\u00a0c") == "עברית\u200f a\u00adb\u00a0c"
    assert printable(" \n") == "(blank)"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a\x00b", "a\ufffdb"),
        ("\udce9t\udce9", "\ufffdt\ufffd"),
        ("  ", "(blank)"),
        ("", "(blank)"),
        ("two\nlines", "two lines"),
        ("x" * 500, "x" * 239 + "…"),
    ],
)
def test_printable(raw, shown):
    assert printable(raw) == shown


def test_names_sort_as_people_count():
    assert sorted(["10", "9", "class 10", "class 9", "a", ""], key=natural) == [
        "",
        "9",
        "10",
        "a",
        "class 9",
        "class 10",
    ]
    assert natural("7" * 10_000)
