"""What a gate says of a version: the types of `cgaudit check --json`."""

from __future__ import annotations

from typing import TypedDict

# `class` is no name in Python.
_OfClass = TypedDict("_OfClass", {"class": str | None})


class Limit(_OfClass):
    """One limit, and what the version makes of it.

    ``class`` is the class that it is for, None for the whole; ``ok`` is None where it was skipped.
    """

    limit: str
    threshold: float
    value: float | None
    ok: bool | None
    detail: str


class Checked(TypedDict):
    """All limits that are set; ``ok`` is False where one is broken.

    ``neutral`` says why limits were skipped, else it is None.
    """

    ok: bool
    neutral: str | None
    limits: list[Limit]
