"""Where the file of a sample lies, seen from the page."""

from __future__ import annotations

import json
from collections.abc import Callable

from cgaudit.pages.audit.select import Shown


def address(shown: Shown, beside: Callable[[str], str | None]) -> str | None:
    """Return the address of a sample's file, None where it has none."""
    return None if shown.path is None else beside(shown.path)


def address_bytes(shown: Shown, beside: Callable[[str], str | None] | None) -> int:
    """Return what the address of a sample's file takes in the review's data."""
    return len(json.dumps(address(shown, beside))) + 1 if beside else 0
