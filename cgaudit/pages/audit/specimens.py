"""Samples as small cards: what they say, and the room that they take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd

from cgaudit.pages.frame.album import Album
from cgaudit.pages.frame.asked import Sights
from cgaudit.pages.frame.size import EXCERPT_LIMIT, Audit, text_bytes
from cgaudit.wording.numbers import finite
from cgaudit.wording.text import printable


class Card(NamedTuple):
    """What a card says, its samples by their ids, and what it takes without their pictures."""

    says: dict[str, Any]
    samples: list[tuple[str, dict[str, Any]]]
    size: int


def laid_out(cards: Sequence[Card], album: Album, side: int) -> list[dict[str, Any]]:
    """Return the cards that there is room for, with the pictures that there is room for then."""
    kept = [card for card in cards if album.budget.take(card.size)]
    for card in kept:
        for name, sample in card.samples:
            sample["thumbnail"] = album.add(name, side)
    return [card.says for card in kept]


def sample_says(row: pd.Series[Any], sights: Sights) -> dict[str, Any]:
    """Return what a card says of a sample, a row of the scores table."""
    text = sights.excerpt(str(row["id"])) if sights.excerpt else None
    return {
        "id": printable(row["id"]),
        "label": None if pd.isna(row["given_label"]) else printable(row["given_label"]),
        "split": None if pd.isna(row.get("split")) else printable(row["split"]),
        "flagged": bool(row["is_label_issue"]),
        "label_score": finite(row["label_score"]),
        "excerpt": None if text is None else printable(text, EXCERPT_LIMIT),
        "thumbnail": None,
    }


def bytes_of(sample: dict[str, Any]) -> int:
    """Return what a sample takes of the page without its picture."""
    return Audit.SAMPLE + text_bytes(sample)
