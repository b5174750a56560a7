"""The comparison of two versions: as a page, as Markdown, and for a terminal."""

from cgaudit.pages.change.cards import DiffOptions, Versions
from cgaudit.pages.change.context import build_diff_context
from cgaudit.pages.change.page import render_diff
from cgaudit.pages.change.text import diff_markdown, diff_text, headline

__all__ = [
    "DiffOptions",
    "Versions",
    "build_diff_context",
    "diff_markdown",
    "diff_text",
    "headline",
    "render_diff",
]
