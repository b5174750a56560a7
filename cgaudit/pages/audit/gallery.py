"""From the shown samples to what each card says, within the size that the page may have."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from cgaudit.pages.audit.boxes import scene_of
from cgaudit.pages.audit.rest import REST_SHARE, illustrate
from cgaudit.pages.audit.review import address_bytes
from cgaudit.pages.audit.select import Rest, Selection, Shown
from cgaudit.pages.audit.several import neighbour_says, several_card
from cgaudit.pages.audit.values import numeric_card
from cgaudit.pages.frame.album import Album
from cgaudit.pages.frame.asked import Evidence, Neighbour, Question, Sights, TellingColumns
from cgaudit.pages.frame.exact import exact_bytes
from cgaudit.pages.frame.size import EXCERPT_LIMIT, Audit, text_bytes
from cgaudit.pages.frame.thumbnails import Budget
from cgaudit.wording.numbers import count, plural
from cgaudit.wording.text import printable

#: Where there are pictures, the cards leave them this share of the room.
PICTURES_SHARE = 0.4

#: Pictures of neighbours are this much smaller than those of the samples themselves, which count as
#: no larger than this.
NEIGHBOUR_SIDE = 0.5
LARGEST_SIDE = 128

#: A text may be long where its sample is decided on, if all of them leave half of the room.
LONG_EXCERPT_LIMIT = 1500
LONG_EXCERPTS_SHARE = 0.5
NEIGHBOUR_EXCERPT_LIMIT = 120

#: Names of columns and values in them are cut after this many characters; no tooltip has the rest.
CELL_LIMIT = 40

NO_COLUMNS = TellingColumns((), ())


#: So many pictures tell how much all of them take.
TRIED = 8

#: Of the room for pictures, those of the samples may take this share; the others are neighbours'.
OWN_SHARE = 0.6


class _Told(NamedTuple):
    """A sample to show, and the columns to show of it."""

    shown: Shown
    columns: TellingColumns


class Laid(NamedTuple):
    """A gallery, laid out.

    Attributes
    ----------
    gallery
        What the cards say.
    kept
        The part of the selection that has a card.
    rest
        What is decided on without one.
    side
        The longer side of their pictures, in pixels.
    """

    gallery: dict[str, Any]
    kept: Selection
    rest: Rest
    side: int

    @property
    def samples(self) -> list[Shown]:
        """What can be decided on, in the page's order."""
        return [*self.kept.samples, *self.rest.samples]


def build_gallery(
    selection: Selection,
    codes: Mapping[str, int],
    sights: Sights,
    album: Album,
    thumbnail: int | None,
    room: int,
    rest_of: Callable[[Selection, int], tuple[Rest, int]],
) -> Laid:
    """Lay out the cards that there is room for, and the rest.

    Where the room does not hold everything, what goes first are the neighbours of the last cards,
    then the last pictures; the last cards go where the others would leave too little for pictures.

    Parameters
    ----------
    selection
        What to show.
    codes
        The number of each class.
    sights
        How samples can be shown.
    album
        Where their pictures go.
    thumbnail
        The longer side of a picture, in pixels; None for as large as there is room.
    room
        Bytes of the page that all of it may take.
    rest_of
        Gives the samples to decide on that have no card, and what they take, by those that have one
        and the room that there is. Their pictures come before those of neighbours.
    """
    reserved, share = (
        round(PICTURES_SHARE * room) if sights.picture else 0,
        round(REST_SHARE * room),
    )
    told = _told(selection.samples, sights)
    rest, taken = rest_of(selection, share)
    cards, left = _cards_within(max(0, room - reserved - taken), told, codes, sights)
    if len(cards) < len(told):
        # Those that are cut off join the rest, which may take all of its share then.
        cards, left = _cards_within(max(0, room - reserved - share), told, codes, sights)
        rest, taken = rest_of(selection.cut(len(cards)), share)
        left += share - taken
    kept = selection.cut(len(cards))
    side = thumbnail or _picture_side(kept, rest, album, room)
    album.budget = Budget(left + reserved)
    without_picture = _illustrate(cards, kept.samples, album, side)
    illustrate(rest, album, side)
    of_neighbours = max(16, round(min(side, LARGEST_SIDE) * NEIGHBOUR_SIDE))
    without_neighbours = _testify(cards, told[: len(cards)], sights, album, of_neighbours)
    for card, shown in zip(cards, kept.samples, strict=True):
        card["scene"] = scene_of(shown.id, sights, album, side)
    gallery = {
        "cards": cards,
        "n_worst": kept.n_worst,
        "drawn": kept.drawn,
        "pictured": bool(album.items),
        "without_picture": without_picture,
        "without_neighbours": without_neighbours,
    }
    return Laid(gallery, kept, rest, side)


def _picture_side(kept: Selection, rest: Rest, album: Album, room: int) -> int:
    """Return how large the pictures may be for those of all samples, a card or not, to fit."""
    samples = [shown.id for shown in (*kept.samples, *rest.samples)]
    tried = samples[:: max(1, len(samples) // TRIED)][:TRIED]
    return album.side_for(tried, len(samples), round(OWN_SHARE * PICTURES_SHARE * room))


def rest_says(n_rest: int, n_cards: int, n_flagged: int) -> str:
    """Return which flagged samples follow the cards, for those whose browser runs scripts."""
    left = n_flagged - min(n_cards, n_flagged)
    if not left:
        return ""
    if n_rest == left:
        return f"The other {count(left)} flagged ones follow, without their neighbours."
    return (
        f"Of the other {count(left)} flagged ones, {count(n_rest)} follow, without their "
        "neighbours; for more there is no room on one page."
    )


def gallery_says(n_shown: int, n_flagged: int, n_labelled: int) -> str:
    """Return which samples the gallery shows, and what it leaves out."""
    if n_shown == 0:
        return "No sample is shown: the report was asked for none, or there is none with a label."
    flagged = min(n_shown, n_flagged)
    others = n_shown - flagged
    parts = []
    if flagged:
        whole = "All" if flagged == n_flagged else f"The first {count(flagged)} of"
        parts.append(f"{whole} {plural(n_flagged, 'flagged sample')}")
    if others:
        of = "least supported of the others" if n_flagged else "that the rest supports least"
        parts.append(f"the {count(others)} {of}")
    says = ", then ".join(parts) + ", from the lowest label_score up."
    left = n_labelled - n_shown
    says = says[0].upper() + says[1:]
    return f"{says} The scores table has the other {count(left)}." if left else says


def _told(samples: Sequence[Shown], sights: Sights) -> list[_Told]:
    """Return the samples, each with the columns to show of it: none where it is no row."""
    if sights.columns is None:
        return [_Told(shown, NO_COLUMNS) for shown in samples]
    return list(map(_Told, samples, sights.columns(list(map(_question, samples)))))


def _question(shown: Shown) -> Question:
    return Question(shown.id, shown.given, shown.rival)


def _cards_within(
    room: int, told: Sequence[_Told], codes: Mapping[str, int], sights: Sights
) -> tuple[list[dict[str, Any]], int]:
    """Return the cards that there is room for, and what they leave of it."""
    spare = round((1 - LONG_EXCERPTS_SHARE) * room)
    budget = Budget(room - spare)
    cards = _cards(told, codes, sights, LONG_EXCERPT_LIMIT, budget)
    if not budget.spent:
        return cards, budget.left + spare
    budget = Budget(room)
    return _cards(told, codes, sights, EXCERPT_LIMIT, budget), budget.left


def _cards(
    told: Sequence[_Told],
    codes: Mapping[str, int],
    sights: Sights,
    limit: int,
    budget: Budget,
) -> list[dict[str, Any]]:
    """Return the cards that the budget allows, their texts cut after `limit` characters."""
    cards = []
    charged: set[str] = set()
    for shown, columns in told:
        card = _card(shown, codes)
        if columns.columns:
            card["columns"] = _columns(columns)
        elif sights.excerpt and (text := sights.excerpt(shown.id)) is not None:
            card["excerpt"] = printable(text, limit)
        labels = {shown.given, shown.suggested, *(name for name, _ in shown.top)} - charged
        size = _card_bytes(card) + sum(map(exact_bytes, [shown.id, *labels]))
        size += address_bytes(shown, sights.beside)
        if not budget.take(size):
            break
        charged |= labels
        cards.append(card)
    return cards


def _card_bytes(card: Mapping[str, Any]) -> int:
    """Return what a card takes in the page, without its pictures and neighbours."""
    labels = text_bytes([card["given"], card["rival"] or card["given"]])
    # Each label is said above the neighbours, in the change, and twice in the sentence.
    names = 4 * labels + text_bytes(card["id"])
    size = Audit.CARD + names + _once(card["excerpt"] or "") + _columns_bytes(card["columns"])
    if card["several"]:
        size += (
            Audit.CHANCES + Audit.CHIP * len(card["several"]["chips"]) + text_bytes(card["several"])
        )
    return size + (Audit.NUMERIC if card["numeric"] else 0)


def _columns_bytes(columns: Mapping[str, Any] | None) -> int:
    """Return what the telling columns take, their names once more above the neighbours' values."""
    if columns is None:
        return 0
    rows = columns["rows"]
    texts = [text for row in rows for text in [row["value"], *row["usual"], *3 * [row["name"]]]]
    says = text_bytes(columns["classes"]) + sum(map(_once, texts))
    return Audit.COLUMNS + Audit.COLUMN * len(rows) + says


def _once(text: str) -> int:
    """Return what a text takes in the page where it has no tooltip."""
    return len(html.escape(text).encode())


def _columns(telling: TellingColumns) -> dict[str, Any]:
    return {
        "classes": [printable(label) for label in telling.classes],
        "rows": [
            {
                "name": printable(column.name, CELL_LIMIT),
                "value": _cell(column.value),
                "usual": [_cell(value) for value in column.usual],
            }
            for column in telling.columns
        ],
    }


def _cell(value: str | None) -> str:
    return "–" if value is None else printable(value, CELL_LIMIT)


def _card(shown: Shown, codes: Mapping[str, int]) -> dict[str, Any]:
    rival = shown.rival
    return {
        "rank": shown.rank,
        "id": printable(shown.id),
        "given": printable(shown.given),
        "suggested": printable(shown.suggested),
        "agrees": shown.given == shown.suggested,
        "rival": None if rival is None else printable(rival),
        "given_code": codes[shown.given],
        "suggested_code": codes[shown.suggested],
        "flagged": shown.flagged,
        "reviewed": shown.reviewed,
        "label_score": shown.label_score,
        "suggested_score": shown.probability(shown.suggested),
        "rival_score": shown.probability(rival),
        "cg_score": shown.cg_score,
        "numeric": _numeric(shown),
        "several": several_card(shown.several) if shown.several else None,
        "excerpt": None,
        "columns": None,
        "thumbnail": None,
        "scene": None,
        "votes": None,
        "evidence": None,
    }


def _numeric(shown: Shown) -> dict[str, Any] | None:
    if shown.numeric is None:
        return None
    return numeric_card(shown.numeric, printable(shown.given), printable(shown.suggested))


def _illustrate(
    cards: list[dict[str, Any]], samples: Sequence[Shown], album: Album, side: int
) -> bool:
    """Give each card its thumbnail; tell whether the page had no room for some."""
    for card, shown in zip(cards, samples, strict=True):
        card["thumbnail"] = album.add(shown.id, side)
    return album.budget.spent


def _testify(
    cards: list[dict[str, Any]],
    told: Sequence[_Told],
    sights: Sights,
    album: Album,
    side: int,
) -> bool:
    """Give each card its neighbours; tell whether the page had no room for some."""
    if sights.neighbours is None:
        return False
    asked = [_question(shown) for shown, _ in told]
    answers = sights.neighbours(asked)
    for card, (shown, columns), question, found in zip(cards, told, asked, answers, strict=True):
        card["votes"] = _votes(question, found.labels)
        names = [column.name for column in columns.columns]
        if shown.several:
            found = found._replace(given=[_read(other) for other in found.given])
        card["evidence"] = _evidence(found, names, sights, album, side)
    return album.budget.spent


def _read(other: Neighbour) -> Neighbour:
    """Return a neighbour whose several labels are to be read."""
    return other if other.label is None else other._replace(label=neighbour_says(other.label))


def _votes(question: Question, labels: Sequence[str]) -> dict[str, int]:
    """Count how many of the nearest carry which of the two labels."""
    return {
        "of": len(labels),
        "given": sum(label == question.given for label in labels),
        "rival": sum(label == question.rival for label in labels),
    }


def _evidence(
    found: Evidence, names: Sequence[str], sights: Sights, album: Album, side: int
) -> dict[str, list[dict[str, Any]]] | None:
    """Return the neighbours on both sides, or None where the page has no room left."""
    sides = {
        label: [_neighbour(other, names, sights, album, side) for other in others]
        for label, others in (("rival", found.rival), ("given", found.given))
    }
    shown = [neighbour for neighbours in sides.values() for neighbour in neighbours]
    cells = Audit.CELL * len(names)
    size = Audit.EVIDENCE + text_bytes(shown) + (Audit.NEIGHBOUR + cells) * len(shown)
    return sides if shown and album.budget.take(size) else None


def _neighbour(
    other: Neighbour, names: Sequence[str], sights: Sights, album: Album, side: int
) -> dict[str, Any]:
    """Return a neighbour, by the columns shown of the sample, else by its picture or text."""
    cells = sights.cells(other.sample, names) if sights.cells and names else None
    text = sights.excerpt(other.sample) if sights.excerpt and cells is None else None
    return {
        "id": printable(other.sample),
        "similarity": round(other.similarity, 2),
        "thumbnail": album.add(other.sample, side),
        "label": None if other.label is None else printable(other.label, CELL_LIMIT),
        "excerpt": None if text is None else printable(text, NEIGHBOUR_EXCERPT_LIMIT),
        "cells": None if cells is None else list(map(_cell, cells)),
    }
