"""Numbers and untrusted text, in the form in which they are read on the page."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import SupportsFloat

#: No name, id or reason takes more of the page than this many characters.
NAME_LIMIT = 240

_DIGITS = re.compile(r"(\d+)")


def count(number: float) -> str:
    """Return a whole number with its thousands apart: ``1,797``."""
    return f"{int(number):,}"


def percent(share: float | None) -> str:
    """Return a share as a percentage that never rounds something to nothing: ``<0.1 %``."""
    if share is None:
        return "–"
    if 0 < share < 0.001:
        return "<0.1 %"
    if 0.999 < share < 1:
        return ">99.9 %"
    return f"{100 * share:.0f} %" if share in (0, 1) else f"{100 * share:.1f} %"


def score(value: float | None) -> str:
    """Return a score with three digits after the point, or a dash where there is none."""
    if value is None:
        return "–"
    return "<0.001" if 0 < value < 0.0005 else f"{value:.3f}"


def plural(number: int, one: str, many: str | None = None) -> str:
    """Return ``"1 label"`` or ``"1,797 labels"``."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def finite(value: SupportsFloat | None) -> float | None:
    """Return a float, or None where there is no finite number (JSON has no NaN)."""
    number = math.nan if value is None else float(value)
    return number if math.isfinite(number) else None


def printable(text: object, limit: int = NAME_LIMIT) -> str:
    """Return untrusted text as it may be shown: no control characters, bounded, never blank.

    Control characters and lone surrogates (a file name that is no UTF-8) become U+FFFD, because
    HTML forbids the first and UTF-8 the second. Escaping is left to the template.
    """
    shown = str(text)
    if len(shown) > limit:
        shown = shown[: limit - 1] + "…"
    shown = "".join(_visible(character) for character in shown)
    return shown if shown.strip() else "(blank)"


def _visible(character: str) -> str:
    if character in "\t\n\r":
        return " "
    return "\ufffd" if unicodedata.category(character) in ("Cc", "Cs") else character


def natural(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Return a sort key that puts ``"class 2"`` before ``"class 10"``."""
    parts = _DIGITS.split(name[:NAME_LIMIT])
    key = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]
    return key, name
