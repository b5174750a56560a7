"""The report as Markdown: what it says, and that no name can say anything else."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st
from report_inputs import digits, inputs, scores_table, wild

from cgaudit.report import ReportOptions, build_context, report_markdown
from cgaudit.report.markdown import name


def test_it_says_what_the_page_says():
    context = build_context(**digits())
    text = report_markdown(context)
    assert text.startswith("## Handwritten digits\n\n**")
    assert context["verdict"]["says"] in text
    for figure in context["figures"]:
        assert f"| {figure['name']} | {figure['value']} |" in text
    assert text.count("<details>") == text.count("</details>") == 2
    first = context["gallery"]["cards"][0]
    assert f"| {name(first['id'])} | {first['given']} | {first['suggested']} |" in text


def test_it_stays_small():
    assert len(report_markdown(build_context(**wild(300)))) < 20_000


def test_nothing_to_say():
    scores = scores_table(list("abc"), list("xyz"), list("xyz")).assign(is_label_issue=False)
    text = report_markdown(build_context(**inputs(scores, params=ReportOptions(samples=0))))
    assert "None of 3 labels looks wrong." in text
    assert "Confused pairs" not in text


def test_every_row_of_a_table_has_its_cells():
    text = report_markdown(build_context(**wild()))
    for block in re.findall(r"(?:^\|.*\|$\n?)+", text, re.MULTILINE):
        widths = {line.count("|") for line in block.strip().split("\n")}
        assert len(widths) == 1


@given(st.text(max_size=200))
def test_a_name_is_shown_and_never_read(text):
    shown = name(text)
    assert not set(shown) & set("\\`*_{}[]()<>+-.!|~:@$\n\r")
    assert re.sub(r"&#\d+;", "", shown).count("&") == 0
    assert re.sub(r"&#\d+;", "", shown).count("#") == 0
    whole = " ".join(text.split())
    assert html.unescape(shown)[:79] == whole[:79] or len(text) > 80
