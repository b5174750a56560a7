"""Near-duplicates and unusual samples as galleries, where the scores have looked for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from cgaudit.numerics.unusual import beyond_usual
from cgaudit.pages.audit.specimens import Card, bytes_of, laid_out, next_step, sample_says
from cgaudit.pages.frame.album import Album
from cgaudit.pages.frame.asked import Sights
from cgaudit.pages.frame.size import Audit, text_bytes
from cgaudit.pages.frame.thumbnails import Budget
from cgaudit.wording.numbers import count, plural
from cgaudit.wording.text import natural, printable

#: The columns that a scores table has beyond the usual ones where it was asked for oddities.
COLUMNS = (
    "outlier_score",
    "is_outlier_issue",
    "near_duplicate_set",
    "is_duplicate_conflict",
    "is_split_leak",
)

#: Sets, samples of each, and unusual samples that the page shows at most.
SETS = 24
MEMBERS = 6
OUTLIERS = 24

#: What lies at the upper quartile of all samples; what is above is nothing unusual.
USUAL = 0.5

NO_SETS = "No two samples have nearly the same features."

#: The different labels or splits of a set that the line above its samples names.
NAMES_ABOVE = 4


class Oddities(NamedTuple):
    """What there is to show.

    Attributes
    ----------
    sets
        The samples that are in a set of near-duplicates, by the number of the set; sets with more
        than one label first, then those in more than one split, each kind from the lowest
        label_score up.
    unusual
        The samples beyond the upper quartile, flagged or not, the most unusual first.
    outliers
        How many samples are flagged.
    conflicting, leaking
        How many sets have more than one label, and lie in more than one split.
    """

    sets: dict[int, pd.DataFrame]
    unusual: pd.DataFrame
    outliers: int
    conflicting: int
    leaking: int

    @property
    def in_sets(self) -> int:
        """How many samples are in a set."""
        return sum(map(len, self.sets.values()))


def oddities_in(scores: pd.DataFrame) -> Oddities | None:
    """Return what is odd in a scores table, or None where nobody has looked.

    Parameters
    ----------
    scores
        The scores table, one row per sample, sorted by id.
    """
    if not set(COLUMNS) <= set(scores.columns):
        return None
    inside = scores[scores["near_duplicate_set"] >= 0]
    sets = inside.groupby("near_duplicate_set").agg(
        conflict=("is_duplicate_conflict", "any"),
        leak=("is_split_leak", "any"),
        lowest=("label_score", "min"),
    )
    order = sets.reset_index().sort_values(
        ["conflict", "leak", "lowest", "near_duplicate_set"], ascending=[False, False, True, True]
    )
    members = dict(tuple(inside.groupby("near_duplicate_set")))
    flagged = scores["is_outlier_issue"].astype(bool)
    unusual = scores[flagged | (scores["outlier_score"] < USUAL)]
    return Oddities(
        sets={int(number): members[number] for number in order["near_duplicate_set"]},
        unusual=unusual.sort_values(["outlier_score", "id"]),
        outliers=int(flagged.sum()),
        conflicting=int(sets["conflict"].sum()),
        leaking=int(sets["leak"].sum()),
    )


def oddity_figures(found: Oddities) -> list[dict[str, str]]:
    """Return the figures of the overview, each with a sentence that says what it means."""
    return [
        {
            "name": "Near-duplicates",
            "value": count(found.in_sets),
            "means": f"Samples in {plural(len(found.sets), 'set')} of nearly the same features. "
            f"{_conflicts(found)}"
            if found.sets
            else NO_SETS,
        },
        {
            "name": "Outliers",
            "value": count(found.outliers),
            "means": "Samples unlike all others beyond the threshold, whatever their labels.",
        },
    ]


def conflicting_sets(found: Oddities | None) -> dict[str, int]:
    """Return the samples whose near-duplicates have another label, each with its set's place."""
    if found is None:
        return {}
    in_conflict = [
        rows for rows in found.sets.values() if bool(rows["is_duplicate_conflict"].any())
    ]
    return {
        str(sample): place
        for place, rows in enumerate(in_conflict)
        for sample in rows.loc[rows["given_label"].notna(), "id"]
    }


def build_oddities(
    found: Oddities,
    sights: Sights,
    album: Album,
    side: int,
    room: int,
    places: Mapping[str, int],
) -> dict[str, Any]:
    """Return what the galleries say; where the room is spent, the last go without a picture.

    Parameters
    ----------
    found
        What there is to show.
    sights
        How samples can be shown.
    album
        Where their pictures go.
    side
        The longer side of a picture, in pixels.
    room
        Bytes of the page that all of it may take, half of them for each gallery.
    places
        Where in the review's data a sample is that can be decided on, by its id.
    """
    first_sets = list(found.sets.values())[:SETS]
    first_unusual = found.unusual.head(OUTLIERS)
    album.budget = Budget(room // 2)
    sets = laid_out([_duplicates(rows, sights, places) for rows in first_sets], album, side)
    without_picture = album.budget.spent
    album.budget = Budget(album.budget.left + room // 2)
    unusual = laid_out(
        [_outlier(row, sights, places) for _, row in first_unusual.iterrows()], album, side
    )
    return {
        "duplicates": {
            "cards": sets,
            "total": len(found.sets),
            "says": _duplicates_say(found, len(sets)),
        },
        "outliers": {
            "cards": unusual,
            "total": found.outliers,
            "says": _outliers_say(found.outliers, len(unusual)),
            "next": next_step(unusual, "column is_outlier_issue"),
        },
        "pictured": bool(album.items),
        "without_picture": without_picture or album.budget.spent,
    }


def _conflicts(found: Oddities) -> str:
    """Return how many sets are more than a waste of room."""
    if not (found.conflicting or found.leaking):
        return "In none of them do labels differ."
    parts = [f"{count(found.conflicting)} with more than one label"]
    if found.leaking:
        parts.append(f"{count(found.leaking)} in more than one split")
    return f"{', '.join(parts)}."


def _duplicates_say(found: Oddities, shown: int) -> str:
    if not found.sets:
        return NO_SETS
    says = (
        f"{plural(len(found.sets), 'set')} of samples with nearly the same features: "
        f"{plural(found.in_sets, 'sample')}. {_conflicts(found)}"
    )
    if shown == len(found.sets):
        return says
    return (
        f"{says} {count(shown)} sets are shown; the column near_duplicate_set of the scores table "
        "has them all."
    )


def _outliers_say(total: int, shown: int) -> str:
    """Return what the gallery of so many samples shows, of a total of flagged ones."""
    if not shown:
        return "No sample is unlike all others."
    head = "The most unusual sample" if shown == 1 else f"The {count(shown)} most unusual samples"
    return (
        f"{head}, whatever the label; {_beyond_threshold(total, shown)} Another kind of thing, a "
        "broken file, or something rare and right; below the threshold often nothing but the edge "
        "of the usual. Each with how many interquartile ranges it lies beyond the upper quartile "
        "of all samples."
    )


def _beyond_threshold(total: int, shown: int) -> str:
    if total > shown:
        return (
            f"all beyond the threshold, as {count(total - shown)} more: the column "
            "is_outlier_issue of the scores table has them all."
        )
    if total == shown == 1:
        return "it is beyond the threshold."
    return f"{'none' if total == 0 else count(total)} of them beyond the threshold."


def _duplicates(rows: pd.DataFrame, sights: Sights, places: Mapping[str, int]) -> Card:
    """Return the card of a set: of each label and split one sample first, then more of them."""
    kinds = ["given_label", *(["split"] if "split" in rows else [])]
    again = rows.groupby(kinds, dropna=False, sort=False).cumcount()
    first = rows.loc[again.sort_values(kind="stable").index[:MEMBERS]]
    members = [
        (str(row["id"]), sample_says(row, sights) | {"at": places.get(str(row["id"]))})
        for _, row in first.iterrows()
    ]
    says = {
        "size": len(rows),
        "labels": _different(rows["given_label"]),
        "splits": _different(rows["split"]) if "split" in rows else [],
        "conflict": bool(rows["is_duplicate_conflict"].any()),
        "leak": bool(rows["is_split_leak"].any()),
        "identical": _identical(rows["content_hash"]),
        "members": [sample for _, sample in members],
    }
    above = text_bytes([says["labels"], says["splits"]])
    return Card(says, members, Audit.SET + above + sum(bytes_of(sample) for _, sample in members))


def _outlier(row: pd.Series[Any], sights: Sights, places: Mapping[str, int]) -> Card:
    says = {
        **sample_says(row, sights),
        "at": places.get(str(row["id"])),
        "beyond": f"{beyond_usual(float(row['outlier_score'])):.1f}",
        "outlier": bool(row["is_outlier_issue"]),
    }
    return Card(says, [(str(row["id"]), says)], bytes_of(says))


def _identical(hashes: pd.Series[Any]) -> bool:
    """Tell whether all samples are known to have the same content, byte for byte."""
    return bool(hashes.notna().all() and hashes.nunique() == 1)


def _different(values: pd.Series[Any]) -> list[str]:
    """Return the first of the different names in a set."""
    names = sorted({str(value) for value in values.dropna()}, key=natural)
    shown = [printable(name) for name in names[:NAMES_ABOVE]]
    return [*shown, f"{count(len(names) - len(shown))} more"] if len(names) > len(shown) else shown
