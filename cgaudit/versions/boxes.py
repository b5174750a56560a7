"""Which box of one version is which box of the other: by id, by content, or by where it lies.

A box that was drawn anew is the same box as long as it covers most of the place that it covered; an
id alone is trusted within one picture only, because an export may count anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
import pandas as pd

from cgaudit.numerics.overlap import best_pairs, by_picture, overlaps
from cgaudit.results.columns import BOXES

#: Two boxes that share so much of the place they cover are taken for one that was drawn anew.
SAME_PLACE = 0.5

_Step = Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame]
_PICTURE, _BOUNDS = BOXES[0], list(BOXES[1:])


def are_boxes(*tables: pd.DataFrame) -> bool:
    """Tell whether all tables are of boxes."""
    return all(_PICTURE in table for table in tables)


def paired_boxes(a: pd.DataFrame, b: pd.DataFrame, *, own_ids: bool) -> pd.DataFrame:
    """Return which boxes are the same ones.

    Parameters
    ----------
    a, b : DataFrame
        Scores tables of boxes.
    own_ids
        Whether ids are those of annotations, rather than places in a file.

    Returns
    -------
    DataFrame
        Row numbers ``a`` and ``b``.
    """
    left, right = _keys(a), _keys(b)
    steps: list[_Step] = [
        partial(_agreeing, on=["content", "label"]),
        partial(_agreeing, on=["content"]),
        partial(_covering, same_label=True),
        partial(_covering, same_label=False),
    ]
    if own_ids:
        steps.insert(0, partial(_agreeing, on=["content", "id"]))
        steps.insert(3, _one_id)
        steps.append(partial(_agreeing, on=["id", "picture"]))
    found = []
    for step in steps:
        pairs = step(left, right)
        found.append(pairs)
        left = left.drop(index=pairs["a"].tolist())
        right = right.drop(index=pairs["b"].tolist())
    return pd.concat(found, ignore_index=True).astype(np.int64)


def overlaps_of(a: pd.DataFrame, b: pd.DataFrame, pairs: pd.DataFrame) -> np.ndarray:
    """Return how much of one place the two boxes of each pair cover: (p,) float64.

    NaN where a pair has one box alone, or the two lie in different pictures.
    """
    found = np.full(len(pairs), np.nan)
    rows_a, rows_b = (pairs[side].to_numpy() for side in ("a", "b"))
    both = (rows_a >= 0) & (rows_b >= 0)
    pictures_a, pictures_b = (table[_PICTURE].to_numpy(dtype=object) for table in (a, b))
    both[both] = pictures_a[rows_a[both]] == pictures_b[rows_b[both]]
    bounds_a, bounds_b = (table[_BOUNDS].to_numpy(dtype=np.float64) for table in (a, b))
    for at in np.flatnonzero(both):
        found[at] = overlaps(bounds_a[rows_a[at]][None], bounds_b[rows_b[at]][None])[0, 0]
    return found


def _keys(table: pd.DataFrame) -> pd.DataFrame:
    keys = pd.DataFrame(
        {
            "id": table["id"].to_numpy(dtype=object),
            "label": table["given_label"].fillna("").to_numpy(dtype=object),
            "content": table["content_hash"].to_numpy(dtype=object),
            "picture": table[_PICTURE].to_numpy(dtype=object),
        }
    )
    return keys.join(table[_BOUNDS].reset_index(drop=True))


def _agreeing(left: pd.DataFrame, right: pd.DataFrame, on: list[str]) -> pd.DataFrame:
    """Return the pairs that agree in some columns; of several the first by id with the first."""
    numbered = []
    for side, keys in (("a", left), ("b", right)):
        ordered = keys.dropna(subset=on).sort_values("id")
        ordered = ordered.assign(nth=ordered.groupby(on, sort=False).cumcount())
        numbered.append(ordered[[*on, "nth"]].rename_axis(index=side).reset_index())
    return numbered[0].merge(numbered[1], on=[*on, "nth"])[["a", "b"]]


def _one_id(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of one id in one picture whose boxes touch."""
    pairs = _agreeing(left, right, ["id", "picture"])
    shared = [
        overlaps(
            left.loc[[row.a], _BOUNDS].to_numpy(np.float64),
            right.loc[[row.b], _BOUNDS].to_numpy(np.float64),
        )[0, 0]
        for row in pairs.itertuples()
    ]
    return pairs[np.array(shared, dtype=np.float64) > 0]


def _covering(left: pd.DataFrame, right: pd.DataFrame, *, same_label: bool) -> pd.DataFrame:
    """Return the pairs of one picture that cover one place, the most overlapping first."""
    others = by_picture(right["picture"].tolist())
    found: list[tuple[int, int]] = []
    for picture, rows in by_picture(left["picture"].tolist()).items():
        if picture in others:
            found += _within(left.iloc[rows], right.iloc[others[picture]], same_label=same_label)
    return _frame(found)


def _within(
    left: pd.DataFrame, right: pd.DataFrame, *, same_label: bool
) -> Iterable[tuple[int, int]]:
    shared = overlaps(left[_BOUNDS].to_numpy(np.float64), right[_BOUNDS].to_numpy(np.float64))
    if same_label:
        labels = left["label"].to_numpy(dtype=object), right["label"].to_numpy(dtype=object)
        shared *= labels[0][:, None] == labels[1][None, :]
    pairs = best_pairs(shared, SAME_PLACE)
    return [(int(left.index[at]), int(right.index[other])) for at, other in pairs]


def _frame(pairs: list[tuple[int, int]]) -> pd.DataFrame:
    return pd.DataFrame(pairs, columns=["a", "b"], dtype=np.int64)
