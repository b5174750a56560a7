"""From the scores to everything that the page says, as one plain dict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd

from cgaudit.pages.audit.boxes import build_boxes
from cgaudit.pages.audit.counted import counted
from cgaudit.pages.audit.data import Data
from cgaudit.pages.audit.desk import desk_of, lay_out_desk, review_of
from cgaudit.pages.audit.leftout import skipped_section
from cgaudit.pages.audit.looks import build_looks
from cgaudit.pages.audit.oddities import build_oddities
from cgaudit.pages.audit.options import Part, ReportOptions
from cgaudit.pages.audit.order import order_room, orders_of
from cgaudit.pages.audit.plane import points_of
from cgaudit.pages.audit.review import label_bytes
from cgaudit.pages.audit.several import NAME_BYTES
from cgaudit.pages.audit.specimens import Wall
from cgaudit.pages.frame.album import Album
from cgaudit.pages.frame.asked import Sights
from cgaudit.pages.frame.provenance import how_computed, how_read
from cgaudit.pages.frame.size import FRAME_BYTES, PAGE_BYTES, text_bytes
from cgaudit.pages.frame.thumbnails import Budget, Thumbnails
from cgaudit.results.metrics import Metrics
from cgaudit.results.overview import Overview
from cgaudit.wording.numbers import plural
from cgaudit.wording.text import printable

#: Where the scores have near-duplicates or outliers, these may take this share of the room.
ODDITIES_SHARE = 0.2

#: What pictures that look odd may take of the room.
LOOKS_SHARE = 0.05

#: What the section on pictures may take of the room, where samples are boxes.
BOXES_SHARE = 0.15

#: Sections that are there where somebody made what they tell of.
SECTIONS = ("dynamics", "imported", "plane", "selection")


def build_context(
    scores: Overview,
    metrics: Metrics,
    *,
    skipped: pd.DataFrame,
    provenance: Mapping[str, str | int | float | None],
    params: ReportOptions,
    sights: Sights | None = None,
    sections: Mapping[str, Any] | None = None,
    beside: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Gather everything that the page says.

    Parameters
    ----------
    scores
        The scores.
    metrics
        The same in a few numbers.
    skipped
        Samples that could not be read: columns ``id`` and ``reason``.
    provenance
        How the scores were computed, name to value, in the order to show.
    params
        What to show.
    sights
        How samples and their neighbours can be shown; by their ids alone where it is not given.
    sections
        What other rooms say, of `SECTIONS`, as plain data; those that are not given are left out.
    beside
        Columns of numbers that lie beside the scores, by the ids of the samples: the desk sorts and
        filters by them too.

    Returns
    -------
    dict
        Strings, numbers, None, lists and dicts only. Texts from the data are made printable and
        bounded, not escaped: that is the template's part.
    """
    data = Data.of(scores)
    context = {
        "title": printable(params.title),
        "part": _part_says(params.part),
        "after": [printable(command) for command in params.after],
        "skipped": skipped_section(skipped),
        "provenance": [*how_computed(provenance), *how_read(metrics.columns.values())],
        **counted(data, metrics),
        **dict.fromkeys(SECTIONS),
        **(sections or {}),
    }
    room = PAGE_BYTES - FRAME_BYTES - label_bytes(data.codes) - text_bytes(context)
    room -= NAME_BYTES if data.several else 0
    desk = desk_of(data, params)
    share = _Shares.of(data, beside, desk.most, room)
    sights = sights or Sights()
    wall = Wall(sights, Album(sights, Thumbnails(Budget(0))))
    laid = lay_out_desk(data, desk, params, wall, share.gallery)
    places = {one.id: at for at, one in enumerate(laid.samples)}
    wall = replace(wall, side=laid.side, places=places)
    orders = _orders(data, beside, places, share.order)
    orders["data"] |= points_of(context["plane"], places)
    return context | {
        "gallery": laid.gallery,
        "review": review_of(data, desk, params, sights, laid),
        **_galleries(data, wall, share),
        "thumbnails": wall.album.items,
        "orders": orders,
    }


class _Shares(NamedTuple):
    """The bytes of the page that each part of it may take."""

    oddities: int
    boxes: int
    looks: int
    order: int
    gallery: int

    @classmethod
    def of(cls, data: Data, beside: pd.DataFrame | None, most: int, room: int) -> _Shares:
        """Share a room out; the desk, of so many samples at most, has what the others leave."""
        odd_looks = data.looks is not None and not data.looks.empty
        taken = (
            round(ODDITIES_SHARE * room) if data.odd else 0,
            round(BOXES_SHARE * room) if data.boxes else 0,
            round(LOOKS_SHARE * room) if odd_looks else 0,
            order_room(data.scores.rows([]), beside, most, room),
        )
        return cls(*taken, room - sum(taken))


def _orders(
    data: Data, beside: pd.DataFrame | None, places: Mapping[str, int], room: int
) -> dict[str, Any]:
    """Return what the samples of the desk can be sorted and filtered by."""
    rows = data.scores.rows([data.scores.find(sample) for sample in places])
    return orders_of(rows, beside, list(places), Budget(room))._asdict()


def _galleries(data: Data, wall: Wall, share: _Shares) -> dict[str, Any]:
    """Return the galleries beside the desk, None for those of which there is nothing to show."""
    odd, looks, boxes = data.odd, data.looks, data.boxes
    return {
        "oddities": build_oddities(odd, data.scores, wall, share.oddities) if odd else None,
        "looks": None if looks is None or looks.empty else build_looks(looks, wall, share.looks),
        "boxes": build_boxes(boxes, wall, share.boxes) if boxes else None,
    }


def _part_says(part: Part | None) -> str:
    if part is None:
        return ""
    samples = plural(len(part.samples), "sample")
    return f"The part of {printable(part.reviewer)}: {samples} to decide on."
