"""How the scores of other tools moved between two versions: the section of the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cgaudit.results.imported import ImportedChange
from cgaudit.wording.numbers import count, figure, plural
from cgaudit.wording.text import printable

#: A page shows so many columns, and of each so many of the samples that moved most.
COLUMNS, MOVES = 20, 5


def imported_section(changes: Sequence[ImportedChange]) -> dict[str, Any] | None:
    """Return what the page says of columns of other tools, as plain data; None without any.

    Parameters
    ----------
    changes
        One a column.
    """
    if not changes:
        return None
    left = len(changes) - COLUMNS
    return {
        "rows": [_row(of) for of in changes[:COLUMNS]],
        "says": "Over the samples that have a value in both versions. "
        "A rank correlation of 1 says that their order is the same."
        + (f" {plural(left, 'more column')} are in cgaudit diff --json." if left > 0 else ""),
    }


def _row(of: ImportedChange) -> dict[str, Any]:
    return {
        "column": printable(of["column"]),
        "n": count(of["n"]),
        "median": f"{figure(of['median_a'])} → {figure(of['median_b'])}",
        "up": count(of["up"]),
        "down": count(of["down"]),
        "rank_correlation": figure(of["rank_correlation"]),
        "largest": [
            {
                "id": printable(move["id"]),
                "moved": f"{figure(move['value_a'])} → {figure(move['value_b'])}",
            }
            for move in of["largest"][:MOVES]
        ],
    }
