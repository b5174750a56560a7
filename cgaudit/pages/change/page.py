"""The comparison of two versions as a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from cgaudit.pages.frame.exact import as_script, key_of
from cgaudit.pages.frame.page import render_page


def render_diff(context: Mapping[str, Any]) -> str:
    """Return the whole page of a comparison, as text to be written as UTF-8.

    Parameters
    ----------
    context
        What `build_diff_context` returned.
    """
    data = as_script(context["choices"])
    return render_page(
        "change/change.html",
        context,
        styles=["frame/base.css", "frame/samples.css", "change/change.css"],
        script="change/js/start.js",
        report_key=key_of(data),
        # Escaped for where it stands: no text in it can end the element.
        choices_data=Markup(data),
    )
