"""The report as Markdown: what it says, and that no name can say anything else."""

from __future__ import annotations

import re

from report_inputs import digits, inputs, scores_table, wild

from cgaudit.pages.audit import ReportOptions, build_context, report_markdown
from cgaudit.wording.markdown import name


def test_it_says_what_the_page_says():
    context = build_context(**digits())
    text = str(report_markdown(context))
    assert text.startswith("## Handwritten digits\n\n**")
    assert context["verdict"]["says"] in text
    for figure in context["figures"]:
        assert f"| {figure['name']} | {figure['value']} |" in text
    assert text.count("<details>") == text.count("</details>") == 2
    first = context["gallery"]["cards"][0]
    cells = " | ".join(str(name(first[key])) for key in ("id", "given", "suggested"))
    assert f"| {cells} |" in text


def test_it_stays_small():
    assert len(str(report_markdown(build_context(**wild(300))))) < 20_000


def test_nothing_to_say():
    scores = scores_table(list("abc"), list("xyz"), list("xyz")).assign(is_label_issue=False)
    text = str(report_markdown(build_context(**inputs(scores, params=ReportOptions(samples=0)))))
    assert "None of 3 labels looks wrong." in text
    assert "Confused pairs" not in text


def test_every_row_of_a_table_has_its_cells():
    text = str(report_markdown(build_context(**wild())))
    for block in re.findall(r"(?:^\|.*\|$\n?)+", text, re.MULTILINE):
        widths = {line.count("|") for line in block.strip().split("\n")}
        assert len(widths) == 1
