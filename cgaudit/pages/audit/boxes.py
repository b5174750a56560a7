"""Boxes on the page: in their pictures, those that cover one thing, and pictures by their flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from cgaudit.pages.frame.album import Album
from cgaudit.pages.frame.asked import Scene, Sights
from cgaudit.pages.frame.size import Audit, text_bytes
from cgaudit.pages.frame.thumbnails import Budget
from cgaudit.results.columns import BOXES
from cgaudit.wording.numbers import count, finite, plural
from cgaudit.wording.text import natural, printable

#: Pictures, and places with several boxes, that the page shows at most; boxes of one that it names.
PICTURES = 24
PLACES = 24
NAMED = 12
#: A picture is this much larger than the crop of a box: small boxes are to be found in it.
PICTURE_SIDE = 2.5


class Boxes(NamedTuple):
    """What there is to show of boxes.

    Attributes
    ----------
    covering
        Boxes on one thing with different classes, by the number of the place, the lowest
        label_score first.
    pictures
        The flagged boxes of each picture, those with most first.
    n_pictures
        How many pictures have boxes.
    """

    covering: dict[int, pd.DataFrame]
    pictures: dict[str, pd.DataFrame]
    n_pictures: int


def boxes_in(scores: pd.DataFrame) -> Boxes | None:
    """Return what there is to show of the boxes of a scores table, None where it is of others."""
    if not {*BOXES, "overlap_set", "is_overlap_issue"} <= set(scores.columns):
        return None
    inside = scores[scores["is_overlap_issue"].astype(bool)]
    places = dict(
        zip(inside["overlap_set"].unique().tolist(), _groups(inside, "overlap_set"), strict=True)
    )
    flagged = scores[scores["is_label_issue"].astype(bool)]
    pictures = dict(
        zip(flagged["picture"].unique().tolist(), _groups(flagged, "picture"), strict=True)
    )
    return Boxes(
        dict(sorted(places.items(), key=lambda item: (_lowest(item[1]), item[0]))),
        dict(sorted(pictures.items(), key=lambda item: (-len(item[1]), natural(item[0])))),
        int(scores["picture"].nunique()),
    )


def _groups(rows: pd.DataFrame, column: str) -> list[pd.DataFrame]:
    """Return the rows of each value of a column, in the order of first occurrence."""
    return [group for _, group in rows.groupby(column, sort=False)]


def boxes_figures(found: Boxes) -> list[dict[str, str]]:
    """Return the figures of the overview, each with a sentence that says what it means."""
    return [
        {
            "name": "On one thing",
            "value": count(len(found.covering)),
            "means": "Places that several boxes of different classes cover: one of the classes is "
            "wrong, or a box too many.",
        },
        {
            "name": "Pictures",
            "value": count(found.n_pictures),
            "means": f"{count(len(found.pictures))} of them with a flagged box. Whether a box has "
            "the right edges, or one is missing, is not judged.",
        },
    ]


def scene_of(sample: str, sights: Sights, album: Album, side: int) -> dict[str, Any] | None:
    """Return a sample's box in its picture, None where there is none, or no room for it."""
    scene = None if sights.scene is None else sights.scene(sample)
    if scene is None:
        return None
    thumbnail = album.add_whole(scene.picture, round(side * PICTURE_SIDE))
    if thumbnail is None or not album.budget.take(Audit.SCENE + text_bytes(scene.picture)):
        return None
    return {"thumbnail": thumbnail, "picture": printable(scene.picture), "boxes": [_frame(scene)]}


def build_boxes(found: Boxes, sights: Sights, album: Album, side: int, room: int) -> dict[str, Any]:
    """Return what the section on pictures says; where the room is spent, the last are left out.

    Parameters
    ----------
    found
        What there is to show.
    sights
        How samples and their pictures can be shown.
    album
        Where the pictures go.
    side
        The longer side of a crop, in pixels.
    room
        Bytes of the page that all of it may take.
    """
    album.budget = Budget(room)
    covering = _cards(list(found.covering.values())[:PLACES], sights, album, side)
    pictures = _cards(list(found.pictures.values())[:PICTURES], sights, album, side)
    return {
        "covering": {
            "cards": covering,
            "total": len(found.covering),
            "says": _covering_says(len(found.covering), len(covering)),
        },
        "pictures": {
            "cards": pictures,
            "total": len(found.pictures),
            "says": _pictures_say(found, len(pictures)),
        },
    }


def _cards(
    groups: Sequence[pd.DataFrame], sights: Sights, album: Album, side: int
) -> list[dict[str, Any]]:
    cards = []
    for rows in groups:
        card = _card(rows.sort_values(["label_score", "id"]), sights)
        size = Audit.SET + text_bytes(card) + Audit.SAMPLE * len(card["members"])
        if not album.budget.take(size):
            break
        card["thumbnail"] = album.add_whole(
            str(rows["picture"].iloc[0]), round(side * PICTURE_SIDE)
        )
        cards.append(card)
    return cards


def _card(rows: pd.DataFrame, sights: Sights) -> dict[str, Any]:
    first = rows.head(NAMED)
    ids = [str(name) for name in first["id"]]
    scenes = [] if sights.scene is None else [sights.scene(name) for name in ids]
    return {
        "picture": printable(rows["picture"].iloc[0]),
        "size": len(rows),
        "members": [_member(row) for row in first.to_dict("records")],
        "boxes": [_frame(scene) for scene in scenes if scene is not None],
        "thumbnail": None,
    }


def _member(row: Mapping[Any, Any]) -> dict[str, Any]:
    given, suggested = row["given_label"], row["predicted_label"]
    return {
        "id": printable(row["id"]),
        "given": None if pd.isna(given) else printable(given),
        "suggested": printable(suggested) if suggested != given else None,
        "flagged": bool(row["is_label_issue"]),
        "label_score": finite(row["label_score"]),
    }


def _frame(scene: Scene) -> dict[str, float]:
    """Return a box as it is drawn over its picture, in per cent, cut at the picture's edges."""
    left, top = max(0.0, scene.left), max(0.0, scene.top)
    right, bottom = min(1.0, scene.left + scene.width), min(1.0, scene.top + scene.height)
    sides = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    return {name: round(100 * max(0.0, side), 2) for name, side in sides.items()}


def _lowest(rows: pd.DataFrame) -> float:
    value = rows["label_score"].min()
    return 1.0 if pd.isna(value) else float(value)


def _covering_says(total: int, shown: int) -> str:
    if not total:
        return "No two boxes of different classes cover the same thing."
    says = (
        f"{plural(total, 'place')} that boxes of different classes cover: one of the classes is "
        "wrong, or one of the boxes is too many."
    )
    return says if shown == total else f"{says} {_some(shown, 'is_overlap_issue')}"


def _pictures_say(found: Boxes, shown: int) -> str:
    total = len(found.pictures)
    if not total:
        return f"None of {plural(found.n_pictures, 'picture')} has a flagged box."
    says = (
        f"{count(total)} of {plural(found.n_pictures, 'picture')} "
        f"{'has' if total == 1 else 'have'} flagged boxes, those with most first."
    )
    return says if shown == total else f"{says} {_some(shown, 'picture')}"


def _some(shown: int, column: str) -> str:
    return f"{count(shown)} are shown; the column {column} of the scores table has them all."
