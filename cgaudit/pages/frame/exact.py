"""Names as they are in the data, for a page's script: what is decided names samples exactly."""

from __future__ import annotations

import hashlib
import json
import re

#: A longer id or label cannot be decided on in a page; the file of decisions needs it whole.
EXACT_LIMIT = 1000

_UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


def as_script(data: object) -> str:
    """Return JSON that may stand in a script element: no tag can end it, no surrogate break it."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def key_of(text: str) -> str:
    """Return what tells one report from another: a digest of what is decided in it."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def exact(text: str) -> str | None:
    """Return a name as it is, None where it is too long."""
    return text if len(text) <= EXACT_LIMIT else None


def exact_bytes(text: str) -> int:
    """Return what an exact name takes in a page's data."""
    return len(as_script(exact(text)).encode())
