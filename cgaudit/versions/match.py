"""Which sample of one version is which sample of the other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from cgaudit.results.change import Kind
from cgaudit.results.columns import BOXES, are_sets
from cgaudit.versions.boxes import are_boxes, paired_boxes
from cgaudit.versions.numbers import both_numbers, values_of
from cgaudit.wording.spelling import alike

#: One sample falls in one kind, the first that fits.
KINDS: tuple[Kind, ...] = (
    *("added", "removed", "relabelled", "redrawn", "edited", "moved", "unchanged"),
)

_ABSENT = -1


def match(
    a: pd.DataFrame, b: pd.DataFrame, *, ids_are_paths: bool, besides: Collection[str] = ()
) -> pd.DataFrame:
    """Match the samples of two versions and say what happened to each.

    Where users gave ids, the same id is the same sample, and what is left is matched by content
    (a renamed id). Where ids are paths, the same content is the same sample, and what is left is
    matched by path (a file that was edited). Samples with one content are told apart by their
    path, then file name, then label. Boxes are matched by `cgaudit.versions.boxes`.

    Parameters
    ----------
    a, b : DataFrame
        Scores tables; ``id``, ``given_label`` and ``content_hash`` are read, and where boxes lie.
        Ids are unique.
    ids_are_paths : bool
        Ids are only the paths of the files.
    besides
        Labels of samples that were set apart (`cgaudit.versions.apart`).

    Returns
    -------
    DataFrame
        One row per sample of either version, in the order of b's rows, then of a's: ``a`` and
        ``b``, the row numbers in the tables (-1 where absent), and ``kind``, one of `KINDS`.
    """
    if are_boxes(a, b):
        return _in_order(paired_boxes(a, b, own_ids=not ids_are_paths), a, b, besides)
    left, right = _keys(a), _keys(b)
    by_content: list[list[str]] = [["content", "label"], ["content"]]
    if ids_are_paths:
        steps = [["content", "id"], ["content", "file name"], *by_content, ["id"]]
    else:
        steps = [["id"], *by_content]
    matched = []
    for step in steps:
        pairs = _paired(left, right, step)
        matched.append(pairs)
        left = left.drop(index=pairs["a"].tolist())
        right = right.drop(index=pairs["b"].tolist())
    return _in_order(pd.concat(matched, ignore_index=True), a, b, besides)


def _in_order(
    pairs: pd.DataFrame, a: pd.DataFrame, b: pd.DataFrame, besides: Collection[str]
) -> pd.DataFrame:
    """Return pairs, and the samples of either version that are in none, with their kinds."""
    left, right = np.setdiff1d(range(len(a)), pairs["a"]), np.setdiff1d(range(len(b)), pairs["b"])
    alone = [_alone(left, "a"), _alone(right, "b")]
    found = pd.concat([pairs, *alone], ignore_index=True).astype(np.int64)
    found["kind"] = _kinds(found, a, b, besides)
    in_order = np.lexsort((found["a"], found["b"], found["b"] == _ABSENT))
    return found.iloc[in_order].reset_index(drop=True)


def look_like_paths(ids: Sequence[str]) -> bool:
    """Tell whether every id ends like a file name: it was most likely taken from the path."""
    return len(ids) > 0 and all(PurePosixPath(name).suffix for name in ids)


def _keys(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": table["id"].to_numpy(dtype=object),
            "label": table["given_label"].fillna("").to_numpy(dtype=object),
            "content": table["content_hash"].to_numpy(dtype=object),
        }
    )


def _paired(left: pd.DataFrame, right: pd.DataFrame, on: list[str]) -> pd.DataFrame:
    """Return the row numbers ``a`` and ``b`` of samples that agree in `on`.

    Where several agree, the first by id goes with the first.
    """
    numbered = []
    for side, keys in (("a", left), ("b", right)):
        if "file name" in on:
            keys = keys.assign(**{"file name": [name.rpartition("/")[2] for name in keys["id"]]})
        usable = keys.dropna(subset=on).sort_values("id")
        usable = usable.assign(nth=usable.groupby(on, sort=False).cumcount())
        numbered.append(usable[[*on, "nth"]].rename_axis(index=side).reset_index())
    return numbered[0].merge(numbered[1], on=[*on, "nth"])[["a", "b"]]


def _alone(rows: np.ndarray, side: str) -> pd.DataFrame:
    alone = pd.DataFrame(_ABSENT, index=range(len(rows)), columns=["a", "b"])
    alone[side] = rows
    return alone


def one_spelling(a: pd.DataFrame, b: pd.DataFrame, besides: Collection[str] = ()) -> dict[str, str]:
    """Return the one spelling of each label that is written in several ways, b's where it has one.

    Spellings that are labels in both versions are kept apart by somebody: EMNIST has an ``a`` and
    an ``A``. `besides` are labels of both versions that the tables do not have.
    """
    before, after = ({*table["given_label"].dropna(), *besides} for table in (a, b))
    found: dict[str, str] = {}
    for group in alike(before | after):
        both = [label for label in group if label in before and label in after]
        if len(both) < 2:
            chosen = next(iter([*both, *(label for label in group if label in after)]), group[0])
            found |= dict.fromkeys(group, chosen)
    return found


def _kinds(
    found: pd.DataFrame, a: pd.DataFrame, b: pd.DataFrame, besides: Collection[str]
) -> np.ndarray:
    # Sets of labels have one notation, and those that differ in a spelling differ.
    named = not both_numbers(a, b) and not (are_sets(a.columns) and are_sets(b.columns))
    spelling = one_spelling(a, b, besides) if named else {}

    def differs(column: str) -> np.ndarray:
        # An empty string stands for "none": two samples without label have the same.
        before, after = (
            table[column].astype(object).fillna("").to_numpy(dtype=object) for table in (a, b)
        )
        if column == "given_label" and spelling:
            before, after = (
                np.array([spelling.get(label, label) for label in labels], dtype=object)
                for labels in (before, after)
            )
        return np.array(before[found["a"]] != after[found["b"]])

    def values_differ() -> np.ndarray:
        before, after = (values_of(table)[found[side]] for table, side in ((a, "a"), (b, "b")))
        return np.array((before != after) & ~(np.isnan(before) & np.isnan(after)))

    if len(a) == 0 or len(b) == 0:
        changed = [np.zeros(len(found), dtype=bool)] * 4
    elif are_boxes(a, b):
        # An id of a box may only be its place in a file, which moves with every other box.
        redrawn = np.logical_or.reduce([differs(side) for side in BOXES[1:]])
        others = [differs(column) for column in ("content_hash", BOXES[0])]
        changed = [differs("given_label"), redrawn, *others]
    else:
        label = values_differ() if both_numbers(a, b) else differs("given_label")
        others = [differs(column) for column in ("content_hash", "id")]
        changed = [label, np.zeros(len(found), dtype=bool), *others]
    return np.select(
        [found["a"] == _ABSENT, found["b"] == _ABSENT, *changed], KINDS[:-1], default=KINDS[-1]
    )
