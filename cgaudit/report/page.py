"""From the dict to the page: Jinja, and a security policy that admits only this page's own code."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cgaudit.report import words
from cgaudit.report.review import as_script, key_of


def render(context: Mapping[str, Any]) -> str:
    """Return the whole page, as text to be written as UTF-8.

    Parameters
    ----------
    context
        What `cgaudit.report.build_context` returned.
    """
    environment = _environment()
    style, script = _source("report.css"), _source("report.js")
    data = as_script(context["review"])
    return environment.get_template("report.html").render(
        context,
        policy=_policy(style, script),
        report_key=key_of(data),
        # Escaped for where it stands: no text in it can end the element.
        review_data=Markup(data),
        # Both are files of this package, and no data is ever put into them.
        style=Markup(style),
        script=Markup(script),
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("cgaudit"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "count": words.count,
        "percent": words.percent,
        "score": words.score,
        "plural": words.plural,
    }
    return environment


def _source(name: str) -> str:
    """Return a template's text as it stands, with the line ends that a browser would hash."""
    environment = _environment()
    assert environment.loader is not None
    text = environment.loader.get_source(environment, name)[0]
    return "\n" + text.strip() + "\n"


def _policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy: nothing from anywhere, but this style and this script."""
    return "; ".join(
        [
            "default-src 'none'",
            "img-src data:",
            f"style-src '{_hash(style)}'",
            f"script-src '{_hash(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
