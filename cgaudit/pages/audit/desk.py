"""The desk: which samples are decided on, laid out as cards, and what the page's script needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cgaudit.pages.audit.data import Data
from cgaudit.pages.audit.gallery import Laid, build_gallery, gallery_says, rest_says
from cgaudit.pages.audit.oddities import conflicting_sets
from cgaudit.pages.audit.options import ReportOptions
from cgaudit.pages.audit.rest import lay_out
from cgaudit.pages.audit.review import review_data
from cgaudit.pages.audit.select import Ranking, Rest, Selection, beyond, select
from cgaudit.pages.audit.several import names_of, several_data
from cgaudit.pages.audit.specimens import Wall
from cgaudit.pages.audit.values import Codes, example_of
from cgaudit.pages.frame.asked import Sights
from cgaudit.wording.text import printable


class Desk(NamedTuple):
    """What is decided on.

    Attributes
    ----------
    ranking
        The samples that the page is for.
    wanted
        (n,): which of them are on the desk whether they have a card or not.
    most
        How many there are on the desk at most.
    n_flagged
        How many of them are flagged.
    sets
        Of near-duplicates whose labels differ, by the ids of their samples.
    odd
        The ids of the outliers and odd pictures that are shown, whatever their labels.
    """

    ranking: Ranking
    wanted: npt.NDArray[np.bool_]
    most: int
    n_flagged: int
    sets: Mapping[str, int]
    odd: Collection[str]


def desk_of(data: Data, params: ReportOptions) -> Desk:
    """Return what is decided on, on a page for all of it or for a part."""
    part, looked = params.part, data.labelled
    sets: Mapping[str, int] = {}
    odd: list[str] = []
    if part is None:
        sets, odd = conflicting_sets(data.odd), data.specimens
    else:
        looked = looked[looked["id"].isin(part.samples)]
    flagged = looked["is_label_issue"].to_numpy(dtype=bool)
    besides = looked["id"].isin([*sets, *odd]).to_numpy(dtype=bool)
    wanted = flagged | besides | (part is not None)
    most = min(len(looked), int(wanted.sum()) + params.samples + params.random_samples)
    ranking = Ranking(looked, data.scores.rows)
    return Desk(ranking, wanted, most, int(flagged.sum()), sets, odd)


def lay_out_desk(data: Data, desk: Desk, params: ReportOptions, wall: Wall, room: int) -> Laid:
    """Return the cards, and what is decided on without one."""
    n_drawn = 0 if params.part else params.random_samples
    selection = select(desk.ranking, params.samples, n_drawn, params.seed)

    def rest_of(kept: Selection, share: int) -> tuple[Rest, int]:
        return lay_out(beyond(desk.ranking, desk.wanted, kept), data.codes, wall.sights, share)

    laid = build_gallery(
        selection, data.codes, wall.sights, wall.album, params.thumbnail, room, rest_of
    )
    n_worst, n_rest = laid.kept.n_worst, sum(one.flagged for one in laid.rest.samples)
    laid.gallery.update(
        seed=params.seed,
        says=gallery_says(n_worst, desk.n_flagged, len(desk.ranking)),
        rest_says=rest_says(n_rest, n_worst, desk.n_flagged),
        n_decidable=len(laid.samples),
        n_in_sets=sum(one.id in desk.sets for one in laid.samples),
        n_odd=sum(one.id in desk.odd for one in laid.samples),
    )
    return laid


def review_of(
    data: Data, desk: Desk, params: ReportOptions, sights: Sights, laid: Laid
) -> dict[str, Any]:
    """Return what the page's script takes decisions by."""
    codes, samples = data.codes, laid.samples
    if isinstance(codes, Codes):
        codes.ask(label for it in laid.rest.samples for label in (it.given, it.suggested))
    counts = {"labelled": len(desk.ranking), "flagged": desk.n_flagged}
    review: dict[str, Any] = review_data(
        laid.kept, laid.rest, codes, counts, sets=desk.sets, odd=desk.odd, beside=sights.beside
    )
    if (part := params.part) is not None:
        said = [list(part.said.get(one.id, ())) for one in samples]
        review |= {"reviewer": part.reviewer, "said": said}
    if data.numbers:
        review |= example_of(data.labelled) | {"complete": False, "why": _whys(laid.rest)}
    if data.several:
        names = names_of(data.labelled)
        review |= several_data(names, [one.several for one in samples]) | {"complete": False}
    return review


def _whys(rest: Rest) -> list[str]:
    """Return what is said of the numbers that the script makes cards of."""
    return [
        it.numeric.in_words(printable(it.given), printable(it.suggested)) if it.numeric else ""
        for it in rest.samples
    ]
