"""Samples as small cards: what they say, and the room that they take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

from cgaudit.pages.frame.album import Album
from cgaudit.pages.frame.asked import Sights
from cgaudit.pages.frame.size import EXCERPT_LIMIT, Audit, text_bytes
from cgaudit.wording.numbers import count, finite
from cgaudit.wording.text import printable


@dataclass(frozen=True)
class Wall:
    """Where galleries beside the desk hang.

    Attributes
    ----------
    sights
        How samples can be shown.
    album
        Where their pictures go.
    side
        The longer side of a picture, in pixels.
    places
        Where in the review's data a sample is that can be decided on, by its id.
    """

    sights: Sights
    album: Album
    side: int = 0
    places: Mapping[str, int] = field(default_factory=dict)


class Card(NamedTuple):
    """What a card says, its samples by their ids, and what it takes without their pictures."""

    says: dict[str, Any]
    samples: list[tuple[str, dict[str, Any]]]
    size: int


def laid_out(cards: Sequence[Card], wall: Wall) -> list[dict[str, Any]]:
    """Return the cards that there is room for, with the pictures that there is room for then."""
    kept = [card for card in cards if wall.album.budget.take(card.size)]
    for card in kept:
        for name, sample in card.samples:
            sample["thumbnail"] = wall.album.add(name, wall.side)
    return [card.says for card in kept]


def sample_says(row: pd.Series[Any], wall: Wall) -> dict[str, Any]:
    """Return what a card says of a sample, a row of what is counted of the scores."""
    text = wall.sights.excerpt(str(row["id"])) if wall.sights.excerpt else None
    return {
        "id": printable(row["id"]),
        "label": None if pd.isna(row["given_label"]) else printable(row["given_label"]),
        "split": None if pd.isna(row.get("split")) else printable(row["split"]),
        "flagged": bool(row["is_label_issue"]),
        "label_score": finite(row["label_score"]),
        "excerpt": None if text is None else printable(text, EXCERPT_LIMIT),
        "at": wall.places.get(str(row["id"])),
        "thumbnail": None,
    }


def next_step(cards: Sequence[dict[str, Any]], columns: str) -> str:
    """Return what to do with a gallery of odd samples, in a sentence or two.

    Parameters
    ----------
    cards
        What is shown; ``at`` of each is where it is in the review's data, None where it is not.
    columns
        "column …" or "columns …": what of the scores table has all of them.
    """
    here = sum(card["at"] is not None for card in cards)
    rest = (
        "write lines of id,action (drop or keep) into a CSV and run cgaudit apply on it; the "
        f"{columns} of the scores table {'have' if columns.startswith('columns') else 'has'} "
        "them all."
    )
    if not here:
        return f"None of these is on the desk. To act on them, {rest}"
    these = "These" if here == len(cards) else f"{count(here)} of these"
    return (
        f"{these} can be opened on the desk: there Drop (D) takes a sample out of the data once "
        f"the decisions are applied, and Keep (K) lets its label stand. For any other, {rest}"
    )


def bytes_of(sample: dict[str, Any]) -> int:
    """Return what a sample takes of the page without its picture."""
    return Audit.SAMPLE + text_bytes(sample)
