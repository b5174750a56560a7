"""Chance that stays what it was when samples come and go."""

from __future__ import annotations

import hashlib


def drawn(content: str, seed: int) -> float:
    """Return the number of [0, 1) that is drawn for a content, whatever else there is.

    Parameters
    ----------
    content
        What tells a sample from another: its content hash.
    seed
        Of the draw.
    """
    digest = hashlib.blake2b(f"{seed}:{content}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
