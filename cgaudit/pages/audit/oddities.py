"""Near-duplicates and unusual samples as galleries, where the scores have looked for them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cgaudit.numerics.unusual import beyond_usual
from cgaudit.pages.audit.specimens import Card, Wall, bytes_of, laid_out, next_step, sample_says
from cgaudit.pages.frame.size import Audit, text_bytes
from cgaudit.pages.frame.thumbnails import Budget
from cgaudit.results.overview import Overview
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
        The numbers of the sets of near-duplicates: those with more than one label first, then those
        in more than one split, each kind from the lowest label_score up.
    members
        The samples that are in one.
    unusual
        The first `OUTLIERS` of the samples beyond the upper quartile, flagged or not, the most
        unusual first; of equals the lower id.
    outliers
        How many samples are flagged.
    conflicting, leaking
        How many sets have more than one label, and lie in more than one split.
    """

    sets: npt.NDArray[np.int64]
    members: pd.DataFrame
    unusual: pd.DataFrame
    outliers: int
    conflicting: int
    leaking: int

    def first(self, n: int) -> list[pd.DataFrame]:
        """Return the samples of each of the first n sets."""
        number = self.members["near_duplicate_set"]
        return [self.members[number == one] for one in self.sets[:n].tolist()]


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
    flagged = scores["is_outlier_issue"].astype(bool)
    unusual = scores.loc[flagged | (scores["outlier_score"] < USUAL), "outlier_score"]
    return Oddities(
        sets=order["near_duplicate_set"].to_numpy(np.int64),
        members=inside,
        unusual=scores.loc[unusual.sort_values(kind="stable").index[:OUTLIERS]],
        outliers=int(flagged.sum()),
        conflicting=int(sets["conflict"].sum()),
        leaking=int(sets["leak"].sum()),
    )


def oddity_figures(found: Oddities) -> list[dict[str, str]]:
    """Return the figures of the overview, each with a sentence that says what it means."""
    return [
        {
            "name": "Near-duplicates",
            "value": count(len(found.members)),
            "means": f"Samples in {plural(len(found.sets), 'set')} of nearly the same features. "
            f"{_conflicts(found)}"
            if len(found.sets)
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
    # Those with more than one label are the first of all.
    place = {number: at for at, number in enumerate(found.sets[: found.conflicting].tolist())}
    labelled = found.members[found.members["given_label"].notna()]
    return {
        str(sample): place[number]
        for sample, number in zip(labelled["id"], labelled["near_duplicate_set"], strict=True)
        if number in place
    }


def build_oddities(
    found: Oddities,
    scores: Overview,
    wall: Wall,
    room: int,
) -> dict[str, Any]:
    """Return what the galleries say; where the room is spent, the last go without a picture.

    Parameters
    ----------
    found
        What there is to show.
    scores
        What it was found in.
    wall
        Where they hang.
    room
        Bytes of the page that all of it may take, half of them for each gallery.
    """
    album = wall.album
    contents = scores.contents() if len(found.sets) else np.empty(0, dtype="S32")
    album.budget = Budget(room // 2)
    sets = laid_out([_duplicates(rows, contents, wall) for rows in found.first(SETS)], wall)
    without_picture = album.budget.spent
    album.budget = Budget(album.budget.left + room // 2)
    unusual = laid_out([_outlier(row, wall) for _, row in found.unusual.iterrows()], wall)
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
    if not len(found.sets):
        return NO_SETS
    says = (
        f"{plural(len(found.sets), 'set')} of samples with nearly the same features: "
        f"{plural(len(found.members), 'sample')}. {_conflicts(found)}"
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


def _duplicates(rows: pd.DataFrame, contents: npt.NDArray[np.bytes_], wall: Wall) -> Card:
    """Return the card of a set: of each label and split one sample first, then more of them."""
    kinds = ["given_label", *(["split"] if "split" in rows else [])]
    again = rows.groupby(kinds, dropna=False, sort=False).cumcount()
    first = rows.loc[again.sort_values(kind="stable").index[:MEMBERS]]
    members = [(str(row["id"]), sample_says(row, wall)) for _, row in first.iterrows()]
    says = {
        "size": len(rows),
        "labels": _different(rows["given_label"]),
        "splits": _different(rows["split"]) if "split" in rows else [],
        "conflict": bool(rows["is_duplicate_conflict"].any()),
        "leak": bool(rows["is_split_leak"].any()),
        "identical": _identical(contents[rows.index]),
        "members": [sample for _, sample in members],
    }
    above = text_bytes([says["labels"], says["splits"]])
    return Card(says, members, Audit.SET + above + sum(bytes_of(sample) for _, sample in members))


def _outlier(row: pd.Series[Any], wall: Wall) -> Card:
    says = {
        **sample_says(row, wall),
        "beyond": f"{beyond_usual(float(row['outlier_score'])):.1f}",
        "outlier": bool(row["is_outlier_issue"]),
    }
    return Card(says, [(str(row["id"]), says)], bytes_of(says))


def _identical(contents: npt.NDArray[np.bytes_]) -> bool:
    """Tell whether all samples are known to have the same content, byte for byte."""
    return bool(contents[0] != b"" and (contents == contents[0]).all())


def _different(values: pd.Series[Any]) -> list[str]:
    """Return the first of the different names in a set."""
    names = sorted({str(value) for value in values.dropna()}, key=natural)
    shown = [printable(name) for name in names[:NAMES_ABOVE]]
    return [*shown, f"{count(len(names) - len(shown))} more"] if len(names) > len(shown) else shown
