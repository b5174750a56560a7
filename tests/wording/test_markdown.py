"""Markdown in which no text can be anything but read."""

from __future__ import annotations

import html
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cgaudit.wording.markdown import code, line, name, page, prose, table
from cgaudit.wording.sections import Section
from cgaudit.wording.text import visible

#: Marks that Markdown, HTML or a platform may act on anywhere in a line.
ACTIVE = set("\\`*{}[]<>|~@$^\n\r")


def test_an_escaped_name_reads_as_itself() -> None:
    assert html.unescape(str(name("a|b_c`<d>.png"))) == "<code>a|b_c`<d>.png</code>"
    assert str(name("cat/1.png")) == "<code>cat/1.png</code>"
    assert str(name("")) == "<code>&#32;</code>"


@given(st.text(max_size=200))
def test_a_name_is_shown_and_never_read(text: str) -> None:
    shown = str(name(text)).removeprefix("<code>").removesuffix("</code>")
    assert not set(shown) & (ACTIVE | set("_+!:'\"="))
    assert not set(re.sub(r"&#\d+;", "", shown)) & set("&#")
    assert html.unescape(shown).strip() == visible(text).strip()


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_prose_is_shown_and_never_read(text: str) -> None:
    shown = str(prose(text))
    assert not set(shown) & ACTIVE
    assert not set(re.sub(r"&#\d+;", "", shown)) & set("&#")
    assert html.unescape(shown).replace("\u200b", "") == visible(text, 400).replace("\u200b", "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        # Our own sentences stay readable as source.
        (
            "312 relabelled: 287 supported (0.1 at most) · label_score 0.931 → 0.944, +1 −2",
            "312 relabelled: 287 supported (0.1 at most) · label_score 0.931 → 0.944, +1 −2",
        ),
        ("from '@team' to #12", "from '&#64;&#8203;team' to &#35;&#8203;12"),
        ("see https://x.org, www.x.org", "see https&#58;//x.org, www&#46;x.org"),
        (":tada: it", "&#58;tada: it"),
        ("_a_ a_b", "&#95;a&#95; a_b"),
        ("- item", "&#45; item"),
        ("1. item", "1&#46; item"),
        ("---", "--&#45;"),
        ("+1 −2", "+1 −2"),
        ("[x](y) <b>", "&#91;x&#93;(y) &#60;b&#62;"),
    ],
)
def test_prose(text: str, shown: str) -> None:
    assert str(prose(text)) == shown


def test_pieces_that_are_plain_text_are_escaped() -> None:
    assert str(line("by ", name("<b>"), " @x ", code("--json"))) == (
        "by <code>&#60;b&#62;</code> &#64;&#8203;x `--json`"
    )
    assert str(code("a`b")) == "<code>a&#96;b</code>"


def test_a_cell_that_nobody_marked_is_escaped_too() -> None:
    rows = [["ok", "the branch @team | #1"]]
    text = str(page(prose("Head"), [Section("Limits", ("", "why"), rows, folded=False)]))
    assert text == (
        "Head\n\n**Limits**\n\n|  | why |\n| --- | --- |\n"
        "| ok | the branch &#64;&#8203;team &#124; &#35;&#8203;1 |"
    )


def test_a_table() -> None:
    text = str(table([prose("a"), prose("b")], [[prose("1"), name("x")]], "rl"))
    assert text == "| a | b |\n| --: | --- |\n| 1 | <code>x</code> |"


REFUSED = """
from cgaudit.wording.markdown import Markdown, bold, page
raw: str = "@everyone"
page(raw, [])
bold(raw)
Markdown(raw)
page(bold(Markdown("x")), [], raw)
"""


@pytest.mark.slow
def test_the_type_checker_refuses_text_that_was_not_escaped(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    file = tmp_path / "refused.py"
    file.write_text(REFUSED)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = sorted({int(found) for found in re.findall(r":(\d+): error", done.stdout)})
    assert lines == [4, 5, 6, 7], done.stdout
