"""Where values stand in the text of JSON, so that one can be changed and all else stay."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_DECODER = json.JSONDecoder()
_BLANK = re.compile(r"[ \t\r\n]*[,:{\[]?[ \t\r\n]*")


def value_span(text: str, start: int, key: str) -> tuple[int, int] | None:
    """Return where the value of a key stands in the JSON object that begins at `start`.

    Of a repeated key the last value counts, as it does when reading. None where there is no such
    key. The text must be valid JSON.
    """
    found = None
    at = _past(text, start)
    while text[at] != "}":
        name, at = _DECODER.raw_decode(text, at)
        begin = _past(text, at)
        _, at = _DECODER.raw_decode(text, begin)
        if name == key:
            found = (begin, at)
        at = _past(text, at)
    return found


def element_spans(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Yield where the elements of the JSON list that begins at `start` stand."""
    at = _past(text, start)
    while text[at] != "]":
        begin = at
        _, at = _DECODER.raw_decode(text, begin)
        yield begin, at
        at = _past(text, at)


def _past(text: str, at: int) -> int:
    """Return the place after blanks, and one sign between values."""
    match = _BLANK.match(text, at)
    return at if match is None else match.end()
