"""From the dict to the page: Jinja, and a security policy that admits only this page's own code."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cgaudit.pages.frame.script import join
from cgaudit.wording import numbers


def render_page(
    template: str,
    context: Mapping[str, Any],
    *,
    styles: Sequence[str],
    script: str | None,
    **more: object,
) -> str:
    """Return a whole page, as text to be written as UTF-8.

    Parameters
    ----------
    template
        A file of this package's `pages`.
    context
        What the page says: strings, numbers, lists and dicts.
    styles
        The style sheets, in their order.
    script
        The module that the page starts with; None for a page without script.
    more
        Values for the template beside the context.
    """
    style = "".join(map(_source, styles))
    code = "\n" + join(script, _source) if script else ""
    return (
        _environment()
        .get_template(template)
        .render(
            context,
            policy=_policy(style, code),
            # They are files of this package, and no data is ever put into them.
            style=Markup(style),
            script=Markup(code),
            **more,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("cgaudit", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "count": numbers.count,
        "percent": _unbroken_percent,
        "score": numbers.score,
        "plural": numbers.plural,
    }
    return environment


def _unbroken_percent(share: float | None) -> str:
    return numbers.percent(share).replace(" ", "\N{NO-BREAK SPACE}")


def _source(name: str) -> str:
    """Return a file of the pages as it stands, with the line ends that a browser would hash."""
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
            f"script-src '{_hash(script) if script else 'none'}'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
