"""Samples unlike all others, and samples that are nearly the same."""

from __future__ import annotations

from cgaudit.oddities.find import MOST_ROWS, Oddities, find_oddities

__all__ = ["MOST_ROWS", "Oddities", "find_oddities"]
