"""Telling prose from categories."""

from __future__ import annotations

from collections.abc import Sequence

#: So many of the first samples are looked at to tell.
LOOKED_AT = 200
#: Cells of a column of prose are longer than this on average, and more than half of them differ.
_PROSE_LENGTH = 15


def is_prose(texts: Sequence[str]) -> bool:
    """Tell whether texts are sentences rather than names of categories."""
    long = sum(map(len, texts)) > _PROSE_LENGTH * len(texts)
    return bool(texts) and long and 2 * len(set(texts)) > len(texts)
