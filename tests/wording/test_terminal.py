"""What is printed can show anything and do nothing."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
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


#: How CI services find a command in a line: GitHub, Azure Pipelines, TeamCity.
COMMANDS = (r"^\s*::", r"##\[", r"##vso\[", r"##teamcity\[", r"##\w*\[")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::x", "\\x3a:error::x"),
        ("  ::add-mask::x", "  \\x3a:add-mask::x"),
        ("a\n\u3000::error::x", "a\n\u3000\\x3a:error::x"),
        ("a ::b::", "a ::b::"),
        ("std::string", "std::string"),
        ("##[error]x", "\\x23#[error]x"),
        ("###[x] ##vso[x]", "#\\x23#[x] \\x23#vso[x]"),
        ("## heading #1", "## heading #1"),
    ],
)
def test_no_line_is_a_command_to_a_ci_service(text: str, shown: str) -> None:
    assert inert(text) == shown
    assert json.loads(as_json([text])) == [text]


@given(st.text(st.sampled_from(":#[]v so\n\u3000\xa0")))
def test_no_text_makes_a_command(text: str) -> None:
    for said in (inert(text), as_json({"it": [text]})):
        assert not any(re.search(command, said, re.MULTILINE) for command in COMMANDS)


def test_json_is_whole_in_any_encoding() -> None:
    data = {"é→": "日本 \U0001f600 \x9b"}
    for encoding in ("ascii", "latin-1", "utf-8"):
        text = as_json(data, encoding=encoding)
        assert json.loads(text.encode(encoding).decode(encoding)) == data


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
