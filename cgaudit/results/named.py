"""A sample, as whatever compares two versions names it."""

from __future__ import annotations

from typing import TypedDict


class Named(TypedDict):
    """A sample: b's id, and a's where it is another; a removed sample has only a's.

    Attributes
    ----------
    id
        Of the sample, in b; of one that was removed, in a.
    id_a
        In a, where it is another; else None.
    """

    id: str
    id_a: str | None
