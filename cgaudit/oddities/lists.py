"""Rows in lists around centres, and the nearest of each row in the lists around it.

A row is in the list of the centre nearest to it; its neighbours are looked for in the lists of the
`LOOKED_AT` centres nearest to it (Jégou, Douze, Schmid, "Product quantization for nearest neighbor
search", TPAMI 2011, section IV). What lies just across the border of a list that is not looked at
is missed. Of cells that each row is in two to four of, with pairs compared within, more is missed,
or more pairs have to be compared (`benchmarks/neighbours.py`).

Everything here is a function of some rows, which are read from the matrix a slice at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from cgaudit.numerics.contents import gathered
from cgaudit.numerics.kernel import unit_rows
from cgaudit.oddities.law import Nearest

#: So many lists are looked at for each row.
LOOKED_AT = 40

#: Steps of k-means; more of them hardly move what is found.
_STEPS = 8
#: Numbers in work at once: 32 MB of float32.
_ELEMENTS = 1 << 23
#: Rows whose neighbours are looked for at once have so many numbers: 64 MB. The more they are, the
#: fewer times a list is read.
_ELEMENTS_OF_A_BLOCK = 1 << 24
_ROWS_READ = 8192
#: Products above 1 − this do not tell well how far apart two rows are.
_NEAR = 0.05
#: What rounding may make of a product in float32.
_ROUNDING = 5e-6

Integers = npt.NDArray[np.int64]


class Placed(NamedTuple):
    """Where some rows are.

    Attributes
    ----------
    length : ndarray of float64, shape (b,)
        Of their features.
    list_of : ndarray of int32, shape (b,)
        The list that each is in; −1 where the features are all zero.
    """

    length: npt.NDArray[np.float64]
    list_of: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Lists:
    """Rows in lists: the members of list c are those from ``starts[c]`` to ``starts[c + 1]``.

    Attributes
    ----------
    centres : Tensor of float32, shape (C, d)
        Of unit length.
    starts : ndarray of int64, shape (C + 1,)
    index : ndarray of int64, shape (m,)
        Which row of the matrix each member is.
    """

    centres: Tensor
    starts: Integers
    index: Integers


def centres_of(index: Integers, count: int, matrix: np.ndarray, device: str) -> Tensor:
    """Return the centres of at most `count` lists, by k-means of some rows: (C, d), float32.

    Spherical k-means (Dhillon, Modha, "Concept decompositions for large sparse text data using
    clustering", Machine Learning 2001) from the first of the rows on; a list that nobody is in
    keeps its centre. Centres that are near each other have numbers near each other.

    Parameters
    ----------
    index : ndarray of int64, shape (s,)
        Rows of the matrix, in random order.
    """
    rows, _ = _read(index, matrix, device)
    rows = rows[rows.any(dim=1)]
    if not len(rows):
        rows = torch.eye(1, matrix.shape[1], device=device)
    centres = _means(rows, count)
    groups = _means(centres, int(len(centres) ** 0.5))
    return centres[_best(centres, groups, 1)[:, 0].argsort(stable=True)]


def placed(index: Integers, matrix: np.ndarray, centres: Tensor, device: str) -> Placed:
    """Return where some rows of the matrix, (b,), are."""
    length = np.empty(len(index))
    list_of = np.empty(len(index), dtype=np.int32)
    for start, stop in _spans(len(index), _ROWS_READ):
        rows, length[start:stop] = _read(index[start:stop], matrix, device)
        best = _best(rows, centres, 1)[:, 0]
        best[~rows.any(dim=1)] = -1
        list_of[start:stop] = best.cpu().numpy()
    return Placed(length, list_of)


def searched(
    span: tuple[int, int], matrix: np.ndarray, lists: Lists, k: int, device: str
) -> Nearest:
    """Return the nearest others of the members from one to another: int32 or int64, float32."""
    dtype = np.int32 if len(lists.index) < 2**31 else np.int64
    near = np.empty((span[1] - span[0], k), dtype=dtype)
    distance = np.empty(near.shape, dtype=np.float32)
    step = max(1, _ELEMENTS_OF_A_BLOCK // matrix.shape[1])
    for start, stop in _spans(len(near), step):
        met = _Block.of(span[0] + start, span[0] + stop, matrix, lists, k, device)
        near[start:stop], distance[start:stop] = met.ordered()
    return Nearest(span[0], near, distance)


@dataclass
class _Block:
    """Consecutive members, and the nearest others that they have met.

    Attributes
    ----------
    start
        The first of them.
    rows : Tensor of float32, shape (b, d)
    square : Tensor of float64, shape (b, k)
        Squared distances of those met, the nearest first; infinite where they are fewer.
    near : Tensor of int64, shape (b, k)
        Which members these are.
    """

    start: int
    rows: Tensor
    square: Tensor
    near: Tensor

    @classmethod
    def of(
        cls, start: int, stop: int, matrix: np.ndarray, lists: Lists, k: int, device: str
    ) -> _Block:
        """Return members that have met those of the lists around them."""
        rows, _ = _read(lists.index[start:stop], matrix, device)
        square = torch.full((len(rows), k), torch.inf, dtype=torch.float64, device=device)
        block = cls(start, rows, square, torch.zeros_like(square, dtype=torch.int64))
        best = _best(rows, lists.centres, LOOKED_AT if k else 0)
        # Whoever has met those of its own list has few others to be told from them.
        for number, who in (*_visits(best[:, :1]), *_visits(best[:, 1:])):
            first, last = lists.starts[number : number + 2].tolist()
            # However long the list is.
            for left, right in _spans(last - first, _ROWS_READ):
                members, _ = _read(lists.index[first + left : first + right], matrix, device)
                for low, high in _spans(len(who), max(1, _ELEMENTS // len(members))):
                    block.meet(who[low:high], members, first + left)
        return block

    def meet(self, who: Tensor, members: Tensor, first: int) -> None:
        """Have some of the block meet consecutive members, (c, d), of which `first` is the first.

        Parameters
        ----------
        who : Tensor of int64, shape (w,)
            Which of the block, by its own numbers.
        """
        products = self.rows[who] @ members.T
        own = who + (self.start - first)
        inside = (own >= 0) & (own < len(members))
        products[inside, own[inside]] = -torch.inf
        entering = _entering(products, self.square[who, -1], self.square.shape[1])
        at, columns = entering.nonzero(as_tuple=True)
        counts = entering.sum(dim=1)
        # The n-th that enters a row's neighbours, in column n.
        slot = torch.arange(len(at), device=at.device) - (counts.cumsum(0) - counts)[at]
        square = self.square.new_full((len(who), int(counts.max())), torch.inf)
        square[at, slot] = _squares(products[at, columns], self.rows, who[at], members, columns)
        near = torch.zeros(square.shape, dtype=torch.int64, device=at.device)
        near[at, slot] = columns + first
        moved = counts > 0
        self._take(who[moved], square[moved], near[moved])

    def _take(self, who: Tensor, square: Tensor, near: Tensor) -> None:
        """Keep the nearest of those met before and of others: (w,), (w, p), (w, p)."""
        both = torch.cat([self.square[who], square], dim=1)
        near = torch.cat([self.near[who], near], dim=1)
        self.square[who], order = both.topk(self.square.shape[1], dim=1, largest=False)
        self.near[who] = near.gather(1, order)

    def ordered(self) -> tuple[np.ndarray, np.ndarray]:
        """Return who was met and how far away they are; of those equally far the first first."""
        near, order = self.near.sort(dim=1)
        square, last = self.square.gather(1, order).sort(dim=1, stable=True)
        return near.gather(1, last).cpu().numpy(), square.sqrt().cpu().numpy()


def _visits(best: Tensor) -> Iterator[tuple[int, Tensor]]:
    """Yield each list, with the rows, ascending, that look at it, of the lists of each: (b, p)."""
    if not best.shape[1]:
        return
    numbers, order = best.flatten().sort(stable=True)
    who, stop = order // best.shape[1], 0
    for number, size in enumerate(torch.bincount(numbers).tolist()):
        stop += size
        if size:
            yield number, who[stop - size : stop]


def _entering(products: Tensor, farthest: Tensor, k: int) -> Tensor:
    """Return which of others may be among the k nearest: bool (w, c), at most k a row.

    The k largest are searched for only where more than k are large enough: that takes far longer
    than to compare all with one number.

    Parameters
    ----------
    products : Tensor of float32, shape (w, c)
    farthest : Tensor of float64, shape (w,)
        The squared distance of the k-th nearest so far.
    """
    least = (1 - farthest / 2 - _ROUNDING).float()[:, None]
    entering = products > least
    crowded = (entering.sum(dim=1) > k).nonzero()[:, 0]
    if len(crowded):
        values, columns = products[crowded].topk(k, dim=1)
        entering[crowded] = False
        entering[crowded[:, None], columns] = values > least[crowded]
    return entering


def _squares(
    products: Tensor, rows: Tensor, who: Tensor, members: Tensor, columns: Tensor
) -> Tensor:
    """Return the squared distances of pairs of rows and members, float64 (p,).

    Of those that are near from their differences: 2 − 2 cos would leave equal rows 3e-4 apart.
    """
    square = 2 - 2 * products.double()
    near = (products > 1 - _NEAR).nonzero()[:, 0]
    for start, stop in _spans(len(near), max(1, _ELEMENTS // 4 // rows.shape[1])):
        some = near[start:stop]
        apart = rows[who[some]].double() - members[columns[some]]
        square[some] = apart.square_().sum(dim=1)
    return square


def _means(rows: Tensor, count: int) -> Tensor:
    """Return the centres of k-means of unit rows, (n, d): at most `count`, of unit length."""
    centres = rows[:count].clone()
    for _ in range(_STEPS):
        own = _best(rows, centres, 1)[:, 0]
        sums = torch.zeros(centres.shape, dtype=torch.float64, device=rows.device)
        for start, stop in _spans(len(rows), _ROWS_READ):
            sums.index_add_(0, own[start:stop], rows[start:stop].double())
        there = sums.any(dim=1)
        centres[there] = unit_rows(sums[there]).float()
    return centres


def _best(rows: Tensor, centres: Tensor, count: int) -> Tensor:
    """Return the numbers of the centres nearest to each row, the nearest first: int64 (b, p)."""
    found = [
        (rows[start:stop] @ centres.T).topk(min(count, len(centres)), dim=1).indices
        for start, stop in _spans(len(rows), max(1, _ELEMENTS // len(centres)))
    ]
    return torch.cat(found)


def _read(index: Integers, matrix: np.ndarray, device: str) -> tuple[Tensor, np.ndarray]:
    """Return rows of the matrix at unit length, float32 (b, d), and their lengths, float64 (b,)."""
    rows = torch.empty((len(index), matrix.shape[1]), dtype=torch.float32, device=device)
    length = np.empty(len(index))
    for start, stop in _spans(len(index), _ROWS_READ):
        read = np.asarray(gathered(matrix, index[start:stop])[:], dtype=np.float32)
        given = torch.tensor(read).to(device)
        rows[start:stop] = unit_rows(given)
        length[start:stop] = torch.linalg.vector_norm(given.double(), dim=1).cpu().numpy()
    return rows, length


def _spans(count: int, step: int) -> Iterator[tuple[int, int]]:
    for start in range(0, count, step):
        yield start, min(count, start + step)
