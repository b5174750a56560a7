"""Pictures that look odd as pictures, whatever is on them, as a gallery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cgaudit.numerics.pictures import KINDS
from cgaudit.pages.audit.specimens import Card, Wall, bytes_of, laid_out, next_step, sample_says
from cgaudit.pages.frame.thumbnails import Budget
from cgaudit.results.columns import picture_column
from cgaudit.wording.numbers import count, plural

#: Pictures that the page shows at most.
SHOWN = 24
#: What people call the kinds.
NAMES = {
    "dark": "dark",
    "light": "light",
    "low_information": "flat",
    "blurry": "blurred",
    "odd_size": "of odd size",
    "odd_aspect_ratio": "long or narrow",
}


def looks_in(scores: pd.DataFrame) -> pd.DataFrame | None:
    """Return the pictures that look odd, or None where samples are no pictures.

    Those with the most kinds come first, then those of a rare kind.
    """
    columns = [picture_column(kind) for kind in KINDS]
    if not set(columns) <= set(scores.columns):
        return None
    odd = scores[scores[columns].any(axis=1)]
    rarity = odd[columns].astype(float).div(odd[columns].sum().clip(lower=1)).max(axis=1)
    order = odd.assign(kinds=odd[columns].sum(axis=1), rarity=rarity).sort_values(
        ["kinds", "rarity", "id"], ascending=[False, False, True]
    )
    return odd.loc[order.index]


def looks_line(counts: Mapping[str, int]) -> str:
    """Return how many pictures look odd in which way, for a terminal; empty where none does."""
    found = _counted(counts)
    return f"pictures: {found}" if found else ""


def _counted(counts: Mapping[str, int]) -> str:
    found = (f"{count(counts[kind])} {NAMES[kind]}" for kind in KINDS if counts.get(kind))
    return ", ".join(found)


def looks_figure(odd: pd.DataFrame) -> dict[str, str]:
    """Return the figure of the overview."""
    line = _counted(_counts(odd))
    return {
        "name": "Odd pictures",
        "value": count(len(odd)),
        "means": f"{line[:1].upper()}{line[1:]}." if line else "No picture looks unlike the rest.",
    }


def build_looks(
    odd: pd.DataFrame,
    wall: Wall,
    room: int,
) -> dict[str, Any]:
    """Return what the gallery says; where the room is spent, the last go without a picture.

    Parameters
    ----------
    odd
        What `looks_in` returned.
    wall
        Where it hangs.
    room
        Bytes of the page that all of it may take.
    """
    wall.album.budget = Budget(room)
    rows = [row for _, row in odd.head(SHOWN).iterrows()]
    cards = laid_out([_card(row, wall) for row in rows], wall)
    more = "" if len(cards) == len(odd) else f" {count(len(cards))} of them are shown."
    look = "looks" if len(odd) == 1 else "look"
    first, last = (picture_column(kind) for kind in (KINDS[0], KINDS[-1]))
    return {
        "cards": cards,
        "says": f"{plural(len(odd), 'picture')} {look} unlike the rest, whatever the label: "
        f"{_counted(_counts(odd))}.{more}",
        "next": next_step(cards, f"columns {first} to {last}"),
        "pictured": bool(wall.album.items),
    }


def _counts(odd: pd.DataFrame) -> dict[str, int]:
    return {kind: int(odd[picture_column(kind)].sum()) for kind in KINDS}


def _card(row: pd.Series[Any], wall: Wall) -> Card:
    kinds = [NAMES[kind] for kind in KINDS if row[picture_column(kind)]]
    says = {**sample_says(row, wall), "kinds": kinds}
    return Card(says, [(str(row["id"]), says)], bytes_of(says))
