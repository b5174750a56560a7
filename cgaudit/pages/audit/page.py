"""The report as a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from cgaudit.pages.frame.exact import as_script, key_of
from cgaudit.pages.frame.page import render_page


def render(context: Mapping[str, Any]) -> str:
    """Return the whole page of an audit, as text to be written as UTF-8.

    Parameters
    ----------
    context
        What `build_context` returned.
    """
    numbers, several = context["numbers"] is not None, context["several"] is not None
    data = as_script(context["review"])
    return render_page(
        "audit/audit.html",
        context,
        styles=[
            *("frame/base.css", "frame/samples.css"),
            *("audit/audit.css", "audit/boxes.css", "audit/graph.css"),
            *(["audit/values.css"] if numbers else []),
            *(["audit/several.css"] if several else []),
        ],
        script=f"audit/js/{'values' if numbers else 'several' if several else 'start'}.js",
        report_key=key_of(data),
        # Escaped for where it stands: no text in it can end the element.
        review_data=Markup(data),
        # Apart from what is decided on: whoever imports scores in between keeps the decisions.
        order_data=Markup(as_script(context["orders"]["data"])),
    )
