"""Boxes on the page: in their pictures, those that cover one thing, and pictures by their flags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from cgaudit.pages.audit.specimens import Wall
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
        Boxes on one thing with different classes, of the first `PLACES` places, those with the
        lowest label_score first.
    n_covering
        How many such places there are.
    flagged
        The flagged boxes of the first `PICTURES` pictures, those with most first.
    n_flagged, n_pictures
        How many pictures have flagged boxes, and how many any.
    """

    covering: list[pd.DataFrame]
    n_covering: int
    flagged: list[pd.DataFrame]
    n_flagged: int
    n_pictures: int


def boxes_in(scores: pd.DataFrame) -> Boxes | None:
    """Return what there is to show of the boxes of a scores table, None where it is of others."""
    if not {*BOXES, "overlap_set", "is_overlap_issue"} <= set(scores.columns):
        return None
    inside = scores[scores["is_overlap_issue"].astype(bool)]
    lowest = inside.groupby("overlap_set")["label_score"].min().fillna(1.0)
    places = sorted(lowest.index.tolist(), key=lambda place: (lowest[place], place))
    flagged = scores[scores["is_label_issue"].astype(bool)]
    flags = Counter(flagged["picture"].astype(str))
    pictures = sorted(flags, key=lambda name: (-flags[name], natural(name)))
    return Boxes(
        [inside[inside["overlap_set"] == place] for place in places[:PLACES]],
        len(places),
        [flagged[flagged["picture"] == name] for name in pictures[:PICTURES]],
        len(pictures),
        int(scores["picture"].nunique()),
    )


def boxes_figures(found: Boxes) -> list[dict[str, str]]:
    """Return the figures of the overview, each with a sentence that says what it means."""
    return [
        {
            "name": "On one thing",
            "value": count(found.n_covering),
            "means": "Places that several boxes of different classes cover: one of the classes is "
            "wrong, or a box too many.",
        },
        {
            "name": "Pictures",
            "value": count(found.n_pictures),
            "means": f"{count(found.n_flagged)} of them with a flagged box. Whether a box has "
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


def build_boxes(found: Boxes, wall: Wall, room: int) -> dict[str, Any]:
    """Return what the section on pictures says; where the room is spent, the last are left out.

    Parameters
    ----------
    found
        What there is to show.
    wall
        Where it hangs.
    room
        Bytes of the page that all of it may take.
    """
    wall.album.budget = Budget(room)
    covering = _cards(found.covering, wall)
    pictures = _cards(found.flagged, wall)
    return {
        "covering": {
            "cards": covering,
            "total": found.n_covering,
            "says": _covering_says(found.n_covering, len(covering)),
        },
        "pictures": {
            "cards": pictures,
            "total": found.n_flagged,
            "says": _pictures_say(found, len(pictures)),
        },
    }


def _cards(groups: Sequence[pd.DataFrame], wall: Wall) -> list[dict[str, Any]]:
    album, cards = wall.album, []
    for rows in groups:
        card = _card(rows.sort_values(["label_score", "id"]), wall.sights)
        size = Audit.SET + text_bytes(card) + Audit.SAMPLE * len(card["members"])
        if not album.budget.take(size):
            break
        card["thumbnail"] = album.add_whole(
            str(rows["picture"].iloc[0]), round(wall.side * PICTURE_SIDE)
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


def _covering_says(total: int, shown: int) -> str:
    if not total:
        return "No two boxes of different classes cover the same thing."
    says = (
        f"{plural(total, 'place')} that boxes of different classes cover: one of the classes is "
        "wrong, or one of the boxes is too many."
    )
    return says if shown == total else f"{says} {_some(shown, 'is_overlap_issue')}"


def _pictures_say(found: Boxes, shown: int) -> str:
    total = found.n_flagged
    if not total:
        return f"None of {plural(found.n_pictures, 'picture')} has a flagged box."
    says = (
        f"{count(total)} of {plural(found.n_pictures, 'picture')} "
        f"{'has' if total == 1 else 'have'} flagged boxes, those with most first."
    )
    return says if shown == total else f"{says} {_some(shown, 'picture')}"


def _some(shown: int, column: str) -> str:
    return f"{count(shown)} are shown; the column {column} of the scores table has them all."
