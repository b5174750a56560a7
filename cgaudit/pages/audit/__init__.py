"""The report of an audit: as a page, as Markdown, and in a few lines."""

from cgaudit.pages.audit.after import commands_after, commands_after_part
from cgaudit.pages.audit.context import build_context
from cgaudit.pages.audit.dynamics import dynamics_section
from cgaudit.pages.audit.imported import imported_section
from cgaudit.pages.audit.markdown import report_markdown
from cgaudit.pages.audit.options import Part, ReportOptions
from cgaudit.pages.audit.page import render
from cgaudit.pages.audit.plane import LEAST, mapped, plane_section
from cgaudit.pages.audit.selection import selection_section
from cgaudit.pages.audit.text import audit_text

__all__ = [
    "LEAST",
    "Part",
    "ReportOptions",
    "audit_text",
    "build_context",
    "commands_after",
    "commands_after_part",
    "dynamics_section",
    "imported_section",
    "mapped",
    "plane_section",
    "render",
    "report_markdown",
    "selection_section",
]
