"""The HTML report, in two steps: tables to a plain dict, the dict to one self-contained page.

`build_context` decides what is said and is what the tests check; `render` only lays it out. For the
comparison of two versions, `build_diff_context` and `render_diff` do the same; `render_history`
lays out what `cgaudit.history` says. A page needs no network and no script, holds labels, ids and
texts only escaped, and is the same byte for byte when the input is.
"""

from __future__ import annotations

from cgaudit.report.context import ReportOptions, build_context
from cgaudit.report.diffpage import DiffOptions, Seen, View, build_diff_context
from cgaudit.report.evidence import (
    Evidence,
    Neighbour,
    Question,
    Sights,
    TellingColumn,
    TellingColumns,
)
from cgaudit.report.markdown import report_markdown
from cgaudit.report.page import render, render_diff, render_history
from cgaudit.report.text import audit_text

__all__ = [
    "DiffOptions",
    "Evidence",
    "Neighbour",
    "Question",
    "ReportOptions",
    "Seen",
    "Sights",
    "TellingColumn",
    "TellingColumns",
    "View",
    "audit_text",
    "build_context",
    "build_diff_context",
    "render",
    "render_diff",
    "render_history",
    "report_markdown",
]
