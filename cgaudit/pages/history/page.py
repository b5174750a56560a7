"""A history as a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cgaudit.pages.frame.page import render_page
from cgaudit.pages.history.context import page_context


def history_page(found: Mapping[str, Any], title: str = "Label quality by version") -> str:
    """Return the HTML page of a history, as text to be written as UTF-8. It has no script.

    Parameters
    ----------
    found
        From `cgaudit.verbs.history.history`.
    title
        The heading.
    """
    return render_page(
        "history/history.html",
        page_context(found, title),
        styles=["frame/base.css", "history/history.css"],
        script=None,
    )
