"""What is printed can show anything and do nothing."""

from __future__ import annotations

import json
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from cgaudit.wording.terminal import as_json, inert, table

NASTY = "\x1b[31m\x1b]0;owned\x07 \x9b2J \u202eevil\u2066 \u200b\x00\r\x7f \ud800"


def harmless(text: str) -> bool:
    kinds = {unicodedata.category(c) for c in text if c not in "\n\t\u200c\u200d"}
    return not kinds & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def test_what_a_terminal_acts_on_is_written_out() -> None:
    assert inert(NASTY) == (
        "\\x1b[31m\\x1b]0;owned\\x07 \\x9b2J \\u202eevil\\u2066 \\u200b\\x00\\r\\x7f \\ud800"
    )
    assert (
        inert("two\nlines\tä 犬 کتاب\u200cها 1\u00a0%") == "two\nlines\tä 犬 کتاب\u200cها 1\u00a0%"
    )


@given(st.text(st.characters()))
def test_nothing_gets_through(text: str) -> None:
    assert harmless(inert(text))
    assert inert(inert(text)) == inert(text)


@given(st.recursive(st.text(st.characters(exclude_categories=[])), st.lists, max_leaves=5))
def test_json_reads_back_and_does_nothing(data: object) -> None:
    text = as_json({"it": data})
    assert json.loads(text) == {"it": data}
    assert harmless(text)


def test_json_stays_readable() -> None:
    assert as_json({"a": "ä犬\u202e\U000e0001"}, indent=None) == '{"a": "ä犬\\u202e\\udb40\\udc01"}'


def test_a_cell_is_one_line_and_columns_line_up() -> None:
    assert table(["id", "label"], [["犬\n", "x"], ["b", "\x1b[0m"]]) == [
        "id    label",
        "犬\\n  x",
        "b     \\x1b[0m",
    ]
