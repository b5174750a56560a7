"""From the scores to everything that the page says, as one plain dict."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from cgaudit.pages.audit.boxes import boxes_figures, boxes_in, build_boxes
from cgaudit.pages.audit.charts import histogram
from cgaudit.pages.audit.classes import codes_of, of_classes
from cgaudit.pages.audit.expected import expected_figure, flags_expected
from cgaudit.pages.audit.gallery import build_gallery, gallery_says, rest_says
from cgaudit.pages.audit.leftout import left_out, skipped_section
from cgaudit.pages.audit.looks import build_looks, looks_figure, looks_in
from cgaudit.pages.audit.oddities import (
    build_oddities,
    conflicting_sets,
    oddities_in,
    oddity_figures,
)
from cgaudit.pages.audit.order import order_room, orders_of
from cgaudit.pages.audit.plane import points_of
from cgaudit.pages.audit.rest import lay_out
from cgaudit.pages.audit.review import label_bytes, review_data
from cgaudit.pages.audit.select import Rest, Selection, beyond, select
from cgaudit.pages.audit.several import (
    NAME_BYTES,
    labels_section,
    names_of,
    several_data,
    several_figures,
    several_verdict,
)
from cgaudit.pages.audit.values import (
    Codes,
    example_of,
    numeric_figures,
    numeric_verdict,
    residual_picture,
)
from cgaudit.pages.frame.album import Album
from cgaudit.pages.frame.asked import Sights
from cgaudit.pages.frame.provenance import how_computed, how_read
from cgaudit.pages.frame.size import FRAME_BYTES, PAGE_BYTES, text_bytes
from cgaudit.pages.frame.thumbnails import Budget, Thumbnails
from cgaudit.results.metrics import Metrics
from cgaudit.wording.expected import Expected
from cgaudit.wording.numbers import NOTHING, count, percent, plural, score
from cgaudit.wording.text import printable

#: Where the scores have near-duplicates or outliers, these may take this share of the room.
ODDITIES_SHARE = 0.2

#: What pictures that look odd may take of the room.
LOOKS_SHARE = 0.05

#: What the section on pictures may take of the room, where samples are boxes.
BOXES_SHARE = 0.15

#: Sections that are there where somebody made what they tell of.
SECTIONS = ("dynamics", "imported", "plane", "selection")


@dataclass(frozen=True)
class Part:
    """What one of several reviewers looks at.

    Attributes
    ----------
    reviewer
        Who it is.
    samples
        The ids of what there is to decide on.
    said
        What others said of a sample, a sentence each, by its id.
    """

    reviewer: str
    samples: Collection[str]
    said: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class ReportOptions:
    """What the report shows.

    Attributes
    ----------
    title
        The page's heading.
    samples
        How many of the most suspicious samples the page shows at most.
    random_samples
        How many are shown besides, drawn at random to estimate the rate of wrong labels.
    seed
        Of that draw.
    thumbnail
        The longer side of a picture, in pixels; None for as large as all of them fit.
    after
        The commands that write downloaded decisions into the labels.
    part
        The part of the work that the page is for; None for all of it.
    """

    title: str = "Label audit"
    samples: int = 300
    random_samples: int = 100
    seed: int = 0
    thumbnail: int | None = None
    after: Sequence[str] = ()
    part: Part | None = None


def build_context(
    scores: pd.DataFrame,
    metrics: Metrics,
    *,
    skipped: pd.DataFrame,
    provenance: Mapping[str, str | int | float | None],
    params: ReportOptions,
    sights: Sights | None = None,
    sections: Mapping[str, Any] | None = None,
    task: str = "classification",
    beside: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Gather everything that the page says.

    Parameters
    ----------
    scores
        The scores table, one row per sample (see `cgaudit.results.table`).
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
    task
        What labels are: ``"regression"`` where they are numbers, ``"multilabel"`` where a sample
        may have several.
    beside
        Columns of numbers that lie beside the scores, by the ids of the samples: the desk sorts and
        filters by them too.

    Returns
    -------
    dict
        Strings, numbers, None, lists and dicts only. Texts from the data are made printable and
        bounded, not escaped: that is the template's part.
    """
    labelled = scores[scores["given_label"].notna()]
    numbers, several = task == "regression", task == "multilabel"
    codes = Codes() if numbers or several else codes_of(labelled, scores)
    odd, boxes, looks = oddities_in(scores), boxes_in(scores), looks_in(scores)
    context = {
        "title": printable(params.title),
        "part": _part_says(params.part),
        "after": [printable(command) for command in params.after],
        "verdict": _verdict(metrics.n_label_issues or 0, len(labelled))
        | (numeric_verdict(metrics.n_label_issues or 0, len(labelled)) if numbers else {})
        | (several_verdict(metrics.n_label_issues or 0, len(labelled)) if several else {}),
        "figures": [
            *_figures(metrics, labelled, task),
            *(boxes_figures(boxes) if boxes else []),
            *(oddity_figures(odd) if odd else []),
            *([] if looks is None else [looks_figure(looks)]),
            *left_out(metrics),
        ],
        "expected": Expected.of(metrics.figures()).sentences(),
        "histogram": histogram(
            labelled["label_score"].to_numpy(np.float64),
            labelled["is_label_issue"].to_numpy(np.bool_),
        ),
        **_of_task(labelled, codes, metrics, task),
        "skipped": skipped_section(skipped),
        "provenance": [*how_computed(provenance), *how_read(metrics.columns.values())],
        **dict.fromkeys(SECTIONS),
        **(sections or {}),
    }
    room = PAGE_BYTES - FRAME_BYTES - label_bytes(codes) - text_bytes(context)
    room -= NAME_BYTES if several else 0
    reserved = round(ODDITIES_SHARE * room) if odd else 0
    for_boxes = round(BOXES_SHARE * room) if boxes else 0
    for_looks = 0 if looks is None or looks.empty else round(LOOKS_SHARE * room)
    sights = sights or Sights()
    album = Album(sights, Thumbnails(Budget(0)))
    looked, part = labelled, params.part
    sets = conflicting_sets(odd) if part is None else {}
    wanted = labelled["is_label_issue"].astype(bool) | labelled["id"].astype(str).isin(sets.keys())
    if part is not None:
        looked = labelled[labelled["id"].astype(str).isin(part.samples)]
        wanted = pd.Series(data=True, index=looked.index)
    n_most = min(len(looked), int(wanted.sum()) + params.samples + params.random_samples)
    for_order = order_room(scores, beside, n_most, room)
    for_gallery = room - reserved - for_boxes - for_looks - for_order
    n_flagged = int(looked["is_label_issue"].astype(bool).sum())
    selection = select(looked, params.samples, 0 if part else params.random_samples, params.seed)

    def rest_of(kept: Selection, share: int) -> tuple[Rest, int]:
        return lay_out(beyond(looked, wanted, kept), codes, sights, share)

    gallery, shown, rest, side = build_gallery(
        selection,
        codes,
        sights,
        album,
        params.thumbnail,
        for_gallery,
        rest_of,
    )
    gallery["seed"] = params.seed
    gallery["says"] = gallery_says(shown.n_worst, n_flagged, len(looked))
    n_rest = sum(one.flagged for one in rest.samples)
    gallery["rest_says"] = rest_says(n_rest, shown.n_worst, n_flagged)
    gallery["n_decidable"] = len(shown.samples) + len(rest.samples)
    counts = {"labelled": len(looked), "flagged": n_flagged}
    if isinstance(codes, Codes):
        codes.ask(label for it in rest.samples for label in (it.given, it.suggested))
    review = review_data(shown, rest, codes, counts, sets=sets, beside=sights.beside)
    if part is not None:
        ids = [one.id for one in (*shown.samples, *rest.samples)]
        review |= {"reviewer": part.reviewer, "said": [list(part.said.get(it, ())) for it in ids]}
    places = {one.id: at for at, one in enumerate([*shown.samples, *rest.samples])}
    orders = orders_of(scores, beside, list(places), Budget(for_order))
    if numbers:
        review |= example_of(labelled) | {"complete": False, "why": _whys(rest)}
    if several:
        labels = [one.several for one in (*shown.samples, *rest.samples)]
        review |= several_data(names_of(scores), labels) | {"complete": False}
    gallery["n_in_sets"] = sum(place >= 0 for place in review["set"])
    return context | {
        "gallery": gallery,
        "oddities": (build_oddities(odd, sights, album, side, reserved, places) if odd else None),
        "looks": (
            None
            if looks is None or looks.empty
            else build_looks(looks, sights, album, side, for_looks, places)
        ),
        "boxes": build_boxes(boxes, sights, album, side, for_boxes) if boxes else None,
        "thumbnails": album.items,
        "review": review,
        "orders": orders._asdict() | {"data": orders.data | points_of(context["plane"], places)},
    }


def _of_task(
    labelled: pd.DataFrame, codes: Mapping[str, int], metrics: Metrics, task: str
) -> dict[str, Any]:
    """Return the sections on what labels are, None for those on what they are not."""
    found: dict[str, Any] = dict.fromkeys(("confusion", "classes", "whole", "numbers", "several"))
    if task == "regression":
        return found | {"numbers": {"picture": residual_picture(labelled)}}
    if task == "multilabel":
        return found | {"several": labels_section(labelled, metrics)}
    return found | of_classes(labelled, codes, metrics)


def _whys(rest: Rest) -> list[str]:
    """Return what is said of the numbers that the script makes cards of."""
    return [
        it.numeric.in_words(printable(it.given), printable(it.suggested)) if it.numeric else ""
        for it in rest.samples
    ]


def _part_says(part: Part | None) -> str:
    if part is None:
        return ""
    samples = plural(len(part.samples), "sample")
    return f"The part of {printable(part.reviewer)}: {samples} to decide on."


def _verdict(n_issues: int, n_labelled: int) -> dict[str, Any]:
    """Return the headline, and what it does and does not mean."""
    if not n_issues:
        return {
            "clear": True,
            "says": f"None of {plural(n_labelled, 'label')} looks wrong.",
            "marked": "",
            "means": "No sample was flagged. The gallery shows those whose label the rest of the "
            "data supports least: worth a glance, not an alarm.",
        }
    are = "is" if n_issues == 1 else "are"
    return {
        "clear": False,
        "says": f"{count(n_issues)} of {plural(n_labelled, 'label')} {are}",
        "marked": "worth a look.",
        "means": "Judged by all other samples, each of these would carry another label. "
        "A flag is a place to look: a person decides what is wrong.",
    }


def _figures(metrics: Metrics, labelled: pd.DataFrame, task: str) -> list[dict[str, str]]:
    """Return the headline figures, each with a sentence that says what it means."""
    if task == "regression":
        return numeric_figures(metrics, len(labelled))
    if task == "multilabel":
        return several_figures(metrics, labelled)
    return _class_figures(metrics, len(labelled))


def _class_figures(metrics: Metrics, n_labelled: int) -> list[dict[str, str]]:
    return [
        {
            "name": "Label quality",
            "value": score(metrics.label_quality),
            "means": "The mean label_score: how probable the given labels are, on average, "
            "to the rest of the data. It compares versions; it is not the share of right labels.",
        },
        {
            "name": "Flagged",
            "value": percent(metrics.label_issue_rate),
            "means": f"{plural(metrics.n_label_issues or 0, 'sample')} for which all others "
            f"suggest another label. {flags_expected(metrics) if metrics.n_label_issues else ''}",
        },
        *expected_figure(metrics),
        {
            "name": "Samples",
            "value": count(metrics.n_samples or 0),
            "means": f"{count(n_labelled)} with a label, in "
            f"{plural(metrics.n_classes or 0, 'class', 'classes')}.",
        },
        {"name": "Complexity", **_complexity(metrics.complexity)},
    ]


def _complexity(value: float | None) -> dict[str, str]:
    if value is None:
        means = "The sampled method solves no system that it could be read from."
        return {"value": NOTHING, "means": means}
    return {
        "value": f"{value:,.4g}",
        "means": "How hard the labels are to explain from the features. It compares versions "
        "of this dataset at one ridge λ, not one dataset with another.",
    }
