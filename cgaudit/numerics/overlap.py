"""How far boxes in one picture cover the same place: intersection over union."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def overlaps(boxes: Floats, others: Floats) -> Floats:
    """Return the intersection over union of each pair of boxes (Jaccard 1912).

    Shares of a picture will do as well as pixels: a stretched axis changes neither.

    Parameters
    ----------
    boxes : ndarray of float64, shape (m, 4)
        Left, top, width, height.
    others : ndarray of float64, shape (k, 4)

    Returns
    -------
    ndarray of float64, shape (m, k)
        From 0 to 1.
    """
    a, b = boxes[:, None, :], others[None, :, :]
    starts = np.maximum(a[..., :2], b[..., :2])
    ends = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    common = np.clip(ends - starts, 0, None).prod(axis=-1)
    union = a[..., 2:].prod(axis=-1) + b[..., 2:].prod(axis=-1) - common
    return np.asarray(np.divide(common, union, out=np.zeros_like(common), where=union > 0))


def best_pairs(shared: Floats, least: float) -> list[tuple[int, int]]:
    """Return pairs of rows and columns, each in one pair at most, the most overlapping first.

    Parameters
    ----------
    shared : ndarray of float64, shape (m, k)
        From `overlaps`.
    least
        Pairs that share less are none.

    Returns
    -------
    list of (row, column)
        Chosen greedily, which for overlaps above one half is the only choice where the boxes of
        each side do not cover each other. Of equal pairs the first by row and column.
    """
    rows, columns = np.nonzero(shared >= least)
    order = np.lexsort((columns, rows, -shared[rows, columns]))
    pairs: list[tuple[int, int]] = []
    taken_rows: set[int] = set()
    taken_columns: set[int] = set()
    for at in order:
        row, column = int(rows[at]), int(columns[at])
        if row not in taken_rows and column not in taken_columns:
            pairs.append((row, column))
            taken_rows.add(row)
            taken_columns.add(column)
    return pairs


def groups_of(shared: Floats, least: float) -> list[list[int]]:
    """Return groups of boxes that cover one place, each with some other of its group.

    Parameters
    ----------
    shared : ndarray of float64, shape (m, m)
        From `overlaps`, of boxes with themselves.
    least
        Two boxes that share so much are together.

    Returns
    -------
    list of lists of row numbers
        Of two or more, ascending.
    """
    near = shared >= least
    free = set(range(len(shared)))
    groups = []
    for start in range(len(shared)):
        if start not in free:
            continue
        group, front = {start}, [start]
        while front:
            found = set(np.flatnonzero(near[front.pop()]).tolist()) - group
            group |= found
            front += sorted(found)
        free -= group
        groups.append(sorted(group))
    return [group for group in groups if len(group) > 1]


def by_picture(pictures: Sequence[str] | np.ndarray) -> dict[str, npt.NDArray[np.int64]]:
    """Return the rows of each picture, by its name, in the order of names."""
    if not len(pictures):
        return {}
    names, codes = np.unique(np.asarray(pictures, dtype=object), return_inverse=True)
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(names)))[:-1]
    return dict(zip(names.tolist(), np.split(order, ends), strict=True))
