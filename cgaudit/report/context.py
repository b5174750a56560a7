"""From the scores to everything that the page says, as one plain dict."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from cgaudit.errors import UnreadableSample
from cgaudit.report.charts import Pairs, confusion, histogram
from cgaudit.report.thumbnails import Thumbnails
from cgaudit.report.words import count, finite, natural, percent, plural, printable, score

Picture = Callable[[str], Image.Image | None]
Excerpt = Callable[[str], str | None]

#: What the whole page may take, in bytes.
PAGE_BYTES = 5_000_000

#: Of these, what the markup, style and script around the gallery take, without any text.
FRAME_BYTES = 150_000

#: What the markup of one gallery entry takes, without its names and its picture.
CARD_BYTES = 850

EXCERPT_LIMIT = 320
CLASS_ROWS = 200
SKIP_REASONS = 20
SKIP_EXAMPLES = 5

#: What the fields of the provenance mean, where the name does not say it.
PROVENANCE_NOTES = {
    "recipe": "versions of one dataset are comparable under the same recipe only",
    "featurizer": "what turned samples into vectors",
    "featurizer_fingerprint": "its frozen state",
    "method": "how the kernel system was solved",
    "ridge": "λ; 0 is the published score, more keeps repeated samples from dominating",
    "likelihood": "what turned leave-one-out predictions into label_score",
    "landmarks": "samples that stand for all in the approximate methods",
}


@dataclass(frozen=True)
class ReportOptions:
    """What the report shows.

    Attributes
    ----------
    title
        The page's heading.
    samples
        How many samples the gallery shows at most.
    thumbnail
        The longer side of a picture, in pixels.
    """

    title: str = "Label audit"
    samples: int = 120
    thumbnail: int = 96


def build_context(
    scores: pd.DataFrame,
    summary: Mapping[str, Any],
    *,
    skipped: pd.DataFrame,
    provenance: Mapping[str, str | int | float | None],
    params: ReportOptions,
    picture: Picture | None,
    excerpt: Excerpt | None,
) -> dict[str, Any]:
    """Gather everything that the page says.

    Parameters
    ----------
    scores
        The scores table, one row per sample (see `cgaudit.table`).
    summary
        The metrics dict: ``n_samples``, ``n_classes``, ``n_label_issues``, ``label_issue_rate``,
        ``label_quality``, ``complexity``, ``n_unlabelled``, ``n_skipped``.
    skipped
        Samples that could not be read: columns ``id`` and ``reason``.
    provenance
        How the scores were computed, name to value, in the order to show.
    params
        What to show.
    picture, excerpt
        Give a sample's image or text by its id, or None where it has none. They are called for the
        shown samples only, in their order.

    Returns
    -------
    dict
        Strings, numbers, None, lists and dicts only. Texts from the data are made printable and
        bounded, not escaped: that is the template's part.
    """
    labelled = scores[scores["given_label"].notna()]
    flagged = labelled[labelled["is_label_issue"].astype(bool)]
    names = sorted(
        {str(name) for name in labelled["given_label"].unique()}
        | {str(name) for name in scores["predicted_label"].dropna().unique()},
        key=natural,
    )
    codes = {name: code for code, name in enumerate(names)}
    pairs = _pairs(flagged)
    context = {
        "title": printable(params.title),
        "verdict": _verdict(summary, len(labelled)),
        "figures": _figures(summary, len(labelled)),
        "histogram": histogram(
            labelled["label_score"].to_numpy(np.float64),
            labelled["is_label_issue"].to_numpy(np.bool_),
        ),
        "confusion": confusion(pairs, names, codes),
        "classes": _classes(labelled, pairs),
        "skipped": _skipped(skipped),
        "provenance": _provenance(provenance),
    }
    room = PAGE_BYTES - FRAME_BYTES - _text_bytes(context)
    gallery = _gallery(labelled, codes, params, room, picture, excerpt)
    return context | {"gallery": gallery}


def _provenance(provenance: Mapping[str, str | int | float | None]) -> list[dict[str, str]]:
    """Return how the scores were computed, each name with what it means."""
    return [
        {
            "name": printable(name).replace("_", " "),
            "value": "none" if value is None else printable(value),
            "note": PROVENANCE_NOTES.get(name, ""),
        }
        for name, value in provenance.items()
    ]


def _pairs(flagged: pd.DataFrame) -> Pairs:
    """Count the flagged samples by (given label, suggested label)."""
    given = flagged["given_label"].astype(str)
    return Counter(zip(given, flagged["predicted_label"].astype(str), strict=True))


def _verdict(summary: Mapping[str, Any], n_labelled: int) -> dict[str, Any]:
    """Return the headline, and what it does and does not mean."""
    n_issues = int(summary["n_label_issues"])
    if not n_issues:
        return {
            "clear": True,
            "says": f"None of {plural(n_labelled, 'label')} looks wrong.",
            "marked": "",
            "means": "No sample was flagged. The gallery shows those whose label the rest of the "
            "data supports least: worth a glance, not an alarm.",
        }
    looks = "looks" if n_issues == 1 else "look"
    return {
        "clear": False,
        "says": f"{count(n_issues)} of {plural(n_labelled, 'label')} {looks}",
        "marked": "wrong.",
        "means": "Judged by all other samples, each of these would carry another label. "
        "A flag is a place to look: a person decides what is wrong.",
    }


def _figures(summary: Mapping[str, Any], n_labelled: int) -> list[dict[str, str]]:
    """Return the headline figures, each with a sentence that says what it means."""
    figures = [
        {
            "name": "Label quality",
            "value": score(finite(summary["label_quality"])),
            "means": "The mean label_score: how probable the given labels are, on average, "
            "to the rest of the data. 1 is best.",
        },
        {
            "name": "Flagged",
            "value": percent(finite(summary["label_issue_rate"])),
            "means": f"{plural(int(summary['n_label_issues']), 'sample')} for which another class "
            "is more probable than the given one.",
        },
        {
            "name": "Samples",
            "value": count(summary["n_samples"]),
            "means": f"{count(n_labelled)} with a label, in "
            f"{plural(int(summary['n_classes']), 'class', 'classes')}.",
        },
        {
            "name": "Complexity",
            "value": _complexity(finite(summary["complexity"])),
            "means": "How hard the labels are to explain from the features. It compares versions "
            "of this dataset at one ridge λ, not one dataset with another.",
        },
    ]
    return figures + _left_out(summary)


def _complexity(value: float | None) -> str:
    return "–" if value is None else f"{value:,.4g}"


def _left_out(summary: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return a figure for each kind of sample that was not judged, where there are any."""
    unlabelled = int(summary.get("n_unlabelled", 0))
    skipped = int(summary.get("n_skipped", 0))
    figures = []
    if unlabelled:
        means = "Samples without a label get a suggestion in the scores table and no flag."
        figures.append({"name": "Unlabelled", "value": count(unlabelled), "means": means})
    if skipped:
        means = "Samples that could not be read. They are in no other figure."
        figures.append({"name": "Skipped", "value": count(skipped), "means": means})
    return figures


def _classes(labelled: pd.DataFrame, pairs: Pairs) -> dict[str, Any]:
    """Return the health of each class, the most flagged first, at most ``CLASS_ROWS``."""
    instead: dict[str, tuple[str, int]] = {}
    wanted: Counter[str] = Counter()
    for (given, other), n in sorted(pairs.items(), key=lambda item: (-item[1], item[0])):
        instead.setdefault(given, (other, n))
        wanted[other] += n
    health = (
        labelled.assign(given_label=labelled["given_label"].astype(str))
        .groupby("given_label", sort=True)
        .agg(
            n=("is_label_issue", "size"),
            issues=("is_label_issue", "sum"),
            quality=("label_score", "mean"),
        )
    )
    rows = [
        {
            "name": printable(name),
            "n": int(n),
            "issues": int(issues),
            "rate": int(issues) / int(n),
            "quality": finite(quality),
            "instead": printable(instead[name][0]) if name in instead else None,
            "instead_count": instead[name][1] if name in instead else 0,
            "wanted": wanted[name],
        }
        for name, n, issues, quality in sorted(
            health.itertuples(name=None),
            key=lambda row: (-row[2], finite(row[3]) or 0.0, natural(row[0])),
        )[:CLASS_ROWS]
    ]
    return {"rows": rows, "shown": len(rows), "total": len(health)}


def _gallery(
    labelled: pd.DataFrame,
    codes: Mapping[str, int],
    params: ReportOptions,
    room: int,
    picture: Picture | None,
    excerpt: Excerpt | None,
) -> dict[str, Any]:
    """Return the most suspicious samples: the flagged first, then by label_score from the worst."""
    ranked = labelled.sort_values(
        ["is_label_issue", "label_score", "id"], ascending=[False, True, True], kind="stable"
    ).head(params.samples)
    cards = [
        _card(rank, row, codes, excerpt) for rank, (_, row) in enumerate(ranked.iterrows(), start=1)
    ]
    room -= CARD_BYTES * len(cards) + _text_bytes(cards)
    thumbnails = Thumbnails(params.thumbnail, max(0, room))
    without = _illustrate(cards, [str(i) for i in ranked["id"]], thumbnails, picture)
    return {
        "cards": cards,
        "thumbnails": thumbnails.items,
        "pictured": bool(thumbnails.items),
        "shown": len(cards),
        "says": _gallery_says(len(cards), int(labelled["is_label_issue"].sum()), len(labelled)),
        "without_picture_from": without,
    }


def _gallery_says(n_shown: int, n_flagged: int, n_labelled: int) -> str:
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
        parts.append(f"the {count(others)} least supported of the others")
    says = ", then ".join(parts) + ", from the lowest label_score up."
    left = n_labelled - n_shown
    says = says[0].upper() + says[1:]
    return f"{says} The scores table has the other {count(left)}." if left else says


def _card(
    rank: int, row: pd.Series[Any], codes: Mapping[str, int], excerpt: Excerpt | None
) -> dict[str, Any]:
    given, suggested = str(row["given_label"]), str(row["predicted_label"])
    text = excerpt(str(row["id"])) if excerpt else None
    return {
        "rank": rank,
        "id": printable(row["id"]),
        "given": printable(given),
        "suggested": printable(suggested),
        "given_code": codes[given],
        "suggested_code": codes[suggested],
        "flagged": bool(row["is_label_issue"]),
        "label_score": finite(row["label_score"]),
        "suggested_score": _probability(row, suggested),
        "cg_score": finite(row["cg_score"]),
        "excerpt": None if text is None else printable(text, EXCERPT_LIMIT),
        "thumbnail": None,
    }


def _probability(row: pd.Series[Any], name: str) -> float | None:
    """Return the probability of a class, where it is among the few that the table keeps."""
    for label, probability in zip(row["top_labels"], row["top_scores"], strict=True):
        if str(label) == name:
            return finite(probability)
    return None


def _text_bytes(value: object) -> int:
    """Return what all texts in nested data take once escaped, as shown and again as a tooltip."""
    if isinstance(value, str):
        return 2 * len(html.escape(value).encode())
    if isinstance(value, Mapping):
        return sum(_text_bytes(part) for part in value.values())
    if isinstance(value, list):
        return sum(_text_bytes(part) for part in value)
    return 0


def _illustrate(
    cards: list[dict[str, Any]],
    ids: list[str],
    thumbnails: Thumbnails,
    picture: Picture | None,
) -> int | None:
    """Give each card its thumbnail; return the rank from which on the page had no room left."""
    if picture is None:
        return None
    for card, sample in zip(cards, ids, strict=True):
        try:
            image = picture(sample)
            card["thumbnail"] = None if image is None else thumbnails.add(image)
        except (UnreadableSample, OSError):
            # It was read when it was scored; a page without one picture is better than no page.
            continue
        if thumbnails.full:
            return int(card["rank"])
    return None


def _skipped(skipped: pd.DataFrame) -> dict[str, Any]:
    """Return the samples that could not be read, by reason, the most frequent first."""
    groups: dict[str, list[str]] = {}
    for sample, reason in zip(skipped["id"], skipped["reason"], strict=True):
        groups.setdefault(str(reason), []).append(str(sample))
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return {
        "total": len(skipped),
        "n_reasons": len(ordered),
        "reasons": [
            {
                "reason": printable(reason),
                "count": len(ids),
                "ids": [printable(sample) for sample in sorted(ids, key=natural)[:SKIP_EXAMPLES]],
            }
            for reason, ids in ordered[:SKIP_REASONS]
        ],
    }
