"""Where contents are poured: a file, a buffer, or what only counts or hashes them."""

from __future__ import annotations

from typing import Protocol


class Sink(Protocol):
    """Takes bytes."""

    def write(self, block: bytes, /) -> int:
        """Take a block, and return its length."""
