"""The samples that are decided on without a card of their own: the page makes one when it is asked.

They are the flagged ones beyond the first, and those in near-duplicates whose labels differ: every
flag can be decided on, whatever the page may weigh.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cgaudit.pages.audit.review import address_bytes
from cgaudit.pages.audit.select import Rest, Shown
from cgaudit.pages.frame.album import Album
from cgaudit.pages.frame.asked import Sights
from cgaudit.pages.frame.exact import exact_bytes
from cgaudit.pages.frame.size import EXCERPT_LIMIT, Audit, text_bytes
from cgaudit.pages.frame.thumbnails import Budget
from cgaudit.wording.text import printable

#: Of what the galleries may take, they may take this share.
REST_SHARE = 0.3

#: Of what the pictures of the cards leave, theirs may take this share: the others are neighbours'.
REST_PICTURES_SHARE = 0.5


def lay_out(
    wanted: Sequence[Shown],
    codes: Mapping[str, int],
    sights: Sights,
    room: int,
) -> tuple[Rest, int]:
    """Return the samples that there is room for, with their texts, and what they take of it.

    Parameters
    ----------
    wanted
        What is to be decided on, the most suspicious first.
    codes
        The number of each class.
    sights
        How samples can be shown.
    room
        Bytes of the page that they may take.
    """
    budget, charged = Budget(room), set[str]()
    samples: list[Shown] = []
    seen: list[dict[str, Any]] = []
    for one in wanted:
        text = sights.excerpt(one.id) if sights.excerpt else None
        excerpt = None if text is None else printable(text, EXCERPT_LIMIT)
        labels = {one.given, one.suggested, *(name for name, _ in one.top)} - charged
        size = Audit.REST + text_bytes(excerpt or "") + sum(map(exact_bytes, [one.id, *labels]))
        size += address_bytes(one, sights.beside) + (Audit.WHY if one.numeric else 0)
        size += Audit.CHANCES if one.several else 0
        if not budget.take(size):
            break
        charged |= labels & codes.keys()
        samples.append(one)
        seen.append({"excerpt": excerpt, "thumbnail": None})
    return Rest(samples, seen, len(wanted)), room - budget.left


def illustrate(rest: Rest, album: Album, side: int) -> None:
    """Give the samples their pictures, as far as theirs is of what the cards' pictures left."""
    if album.budget.spent:
        return
    whole = album.budget
    album.budget = Budget(round(REST_PICTURES_SHARE * whole.left))
    before = album.budget.left
    for one, sight in zip(rest.samples, rest.sights, strict=True):
        sight["thumbnail"] = album.add(one.id, side)
    album.budget = Budget(whole.left - (before - album.budget.left))
