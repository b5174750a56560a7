"""The nearest others of each row, among more than all pairs of can be compared.

Two passes over parts of the rows, wherever an executor runs them: one that places each row in a
list, one that looks for its neighbours (:mod:`.lists`). The rows are taken in the order of their
content, and the centres of the lists from a sample that content alone decides: neither where work
runs nor the order of the samples moves anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from cgaudit.executor import Column, Done, Executor, Inline, Shared, chosen, parts_of
from cgaudit.numerics.contents import (
    Digests,
    Gathered,
    content_order,
    gathered,
    keys_of,
    parsed_digests,
    row_digests,
    smallest,
)
from cgaudit.oddities.lists import Lists, centres_of, placed, searched
from cgaudit.oddities.pairs import nearest_of_all, units_and_lengths
from cgaudit.progress import Progress

#: Lists for n rows: this many times √n, of so many rows each at least.
_LISTS_PER_ROOT = 2
_LEAST_ROWS = 40
#: Rows of the sample for each list, at most and at least, and numbers in it: 256 MB.
_SAMPLED, _LEAST_SAMPLED = 64, 8
_ELEMENTS_OF_SAMPLE = 1 << 26
_SEED = 0

Integers = npt.NDArray[np.int64]
Rows = npt.NDArray[np.floating] | Gathered


class Found(NamedTuple):
    """The nearest others of each row.

    Attributes
    ----------
    executor
        Where the parts are.
    parts
        A column of :class:`~cgaudit.oddities.law.Nearest`, whose numbers are places in `rows`.
    rows : ndarray of int64, shape (m,)
        Which row is at each place; rows of zeros may be at none.
    length : ndarray of float64, shape (n,)
        Of the features of each row.
    """

    executor: Executor
    parts: Column
    rows: Integers
    length: npt.NDArray[np.float64]


def among_all(features: Rows, k: int, device: str, progress: Progress | None) -> Found:
    """Return the k nearest others of each row, by comparing all pairs.

    Takes n² d multiply-adds and 32 MB beside the unit rows.
    """
    rows, length = units_and_lengths(features, torch.device(device))
    nearest = nearest_of_all(rows, rows.any(dim=1), k, progress)
    return Found(Inline(), [nearest], np.arange(len(features)), length)


def among_lists(
    features: Rows,
    contents: Sequence[str | None] | None,
    k: int,
    device: str,
    progress: Progress | None,
) -> Found:
    """Return k near others of each row, of which a few are missed; wherever work runs.

    Takes about 24 n √n d multiply-adds. Holds some 200 bytes a row here, and 8 k a row where the
    parts are; in work at once are a block of rows (64 MB), some of a list and their products
    (32 MB each).

    Raises
    ------
    ClusterError
        There is no cluster to run on, or its machines do not see the features.
    """
    # One card does the work of all its parts.
    executor: Executor = Inline() if torch.device(device).type == "cuda" else chosen()
    whole = gathered(features, np.arange(len(features)))
    matrix = executor.share(whole.matrix)
    most, sample = _sizes(*whole.shape)
    rows, drawn = _arranged(_digests(whole.index, contents, executor, matrix), sample)
    index = whole.index[rows]
    (centres,) = executor.map(centres_of, [index[drawn]], [most], shared=(matrix, device))
    length, list_of = _placed(index, executor, (matrix, executor.share(centres), device))
    order = np.argsort(list_of, kind="stable")[np.count_nonzero(list_of < 0) :]
    # Of equal centres all rows are in one list, which a row would miss among forty that are empty.
    there, starts = np.unique(list_of[order], return_index=True)
    lists = Lists(centres[there], np.append(starts, len(order)), index[order])
    shared = matrix, executor.share(lists), k, device
    spans = parts_of(len(order))
    done = _telling(progress, len(spans), len(rows))
    found = executor.keep(searched, spans, shared=shared, done=done)
    by_row = np.empty_like(length)
    by_row[rows] = length
    return Found(executor, found, rows[order], by_row)


def _arranged(digests: Digests, sample: int) -> tuple[Integers, Integers]:
    """Return the rows in the order of their content, (n,), and the places of a sample of them."""
    rows = content_order(digests, np.arange(len(digests)))
    return rows, smallest(keys_of(digests[rows], _SEED), sample)


def _placed(
    index: Integers, executor: Executor, shared: Sequence[Shared]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32]]:
    """Return the length of each row and the list that it is in: (n,) both."""
    parts = [index[start:stop] for start, stop in parts_of(len(index))]
    found = executor.map(placed, parts, shared=shared)
    lengths, lists = [part.length for part in found], [part.list_of for part in found]
    return np.concatenate(lengths), np.concatenate(lists)


def _sizes(n: int, width: int) -> tuple[int, int]:
    """Return how many lists n rows get, and of how many rows the centres are taken."""
    most = _ELEMENTS_OF_SAMPLE // max(1, width)
    lists = min(int(_LISTS_PER_ROOT * n**0.5), n // _LEAST_ROWS, most // _LEAST_SAMPLED)
    return max(1, lists), min(max(1, lists) * _SAMPLED, most)


def _digests(
    index: Integers,
    contents: Sequence[str | None] | None,
    executor: Executor,
    matrix: Shared,
) -> Digests:
    """Return the digests of the contents; those of the rows' bytes where one is not known."""
    known = [content for content in contents or () if content is not None]
    if len(known) == len(index):
        return parsed_digests(known)
    parts = [index[start:stop] for start, stop in parts_of(len(index))]
    return np.concatenate(executor.map(_digests_of, parts, shared=(matrix,)))


def _digests_of(index: Integers, matrix: np.ndarray) -> Digests:
    return row_digests(gathered(matrix, index))


def _telling(progress: Progress | None, parts: int, rows: int) -> Done:
    done = count(1)

    def tick() -> None:
        number = next(done)
        if progress is not None:
            progress(number * rows // parts, rows)

    return tick
