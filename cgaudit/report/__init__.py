"""The HTML report, in two steps: tables to a plain dict, the dict to one self-contained page.

`build_context` decides what is said and is what the tests check; `render` only lays it out. The
page needs no network and no script, holds labels, ids and texts only escaped, and is the same
byte for byte when the input is.
"""

from __future__ import annotations

from cgaudit.report.context import ReportOptions, build_context
from cgaudit.report.evidence import Evidence, Neighbour, Question, Sights
from cgaudit.report.markdown import report_markdown
from cgaudit.report.page import render

__all__ = [
    "Evidence",
    "Neighbour",
    "Question",
    "ReportOptions",
    "Sights",
    "build_context",
    "render",
    "report_markdown",
]
