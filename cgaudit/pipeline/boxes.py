"""What a scores table says of boxes besides the usual: where they lie, and which cover each other.

Two boxes on one thing with different classes are an issue of their own kind: one of them is wrong,
or one too many, whatever their crops look like.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from cgaudit.dataset import BOX_COLUMNS
from cgaudit.numerics.overlap import by_picture, groups_of, overlaps


def with_boxes(
    frame: pd.DataFrame, joined: pd.DataFrame, samples: pd.DataFrame, overlap: float
) -> pd.DataFrame:
    """Return a scores table with the columns of boxes; as it is where samples are none.

    Parameters
    ----------
    frame
        The scores table, n rows.
    joined
        The same samples with their paths and labels, in the same order.
    samples
        The samples table.
    overlap
        From this intersection over union on, two boxes are on one thing.
    """
    if BOX_COLUMNS[0] not in samples:
        return frame
    placed = samples.set_index("path").loc[joined["path"], list(BOX_COLUMNS)]
    columns = {name: placed[name].to_numpy() for name in BOX_COLUMNS}
    bounds = placed[list(BOX_COLUMNS[1:])].to_numpy(dtype=np.float64)
    pictures = placed[BOX_COLUMNS[0]].to_numpy(dtype=object)
    labels = joined["label"].to_numpy(dtype=object)
    return frame.assign(**columns, **_covering(pictures, bounds, labels, overlap))


def _covering(
    pictures: np.ndarray, bounds: np.ndarray, labels: np.ndarray, overlap: float
) -> dict[str, np.ndarray]:
    """Return which boxes are on one thing, numbered from 0 in the order of pictures; −1 for none.

    An issue are those with more than one class.
    """
    number = np.full(len(pictures), -1, dtype=np.int64)
    issue = np.zeros(len(pictures), dtype=bool)
    found = 0
    for rows in by_picture(pictures).values():
        for group in groups_of(overlaps(bounds[rows], bounds[rows]), overlap):
            members = rows[group]
            number[members] = found
            given = {label for label in labels[members] if label is not None}
            issue[members] = len(given) > 1
            found += 1
    return {"overlap_set": number, "is_overlap_issue": issue}
