"""What every executor can do, and what decides how data are cut and results are merged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

from cgaudit.errors import CgauditError

R = TypeVar("R")

#: So many parts as a rule, if their size allows it.
_PARTS = 64
#: Rows of a part: at least, and at most as long as there are no more than `MOST_PARTS`.
LEAST_ROWS, _MOST_ROWS = 1 << 12, 1 << 16
MOST_PARTS = 2048

#: So many results are merged, one after the other, before the outcome goes up a level of the tree.
GROUP = 16

#: One entry a part: values, or what an executor's `keep` returned.
Column = Sequence[Any]
#: What an executor's `share` returned.
Shared = Any
#: Told that a part is done.
Done = Callable[[], None]


class ClusterError(CgauditError):
    """There is no cluster that work could run on."""


class Executor(Protocol):
    """A place where functions of parts run.

    Functions are of the module's own level, and what they take and return can be pickled. They are
    called with one entry of each column, then with what is shared.
    """

    @property
    def elsewhere(self) -> bool:
        """Whether work runs in other processes, which share no memory with this one."""

    def with_cards(self) -> Executor:
        """Return this place with a graphics card for each part in work, if it has any to give."""

    def share(self, value: object) -> Shared:
        """Bring a value to wherever work runs, once."""

    def map(
        self, work: Callable[..., R], *columns: Column, shared: Sequence[Shared] = ()
    ) -> list[R]:
        """Return the results of all parts, in their order, here."""

    def keep(
        self,
        work: Callable[..., Any],
        *columns: Column,
        shared: Sequence[Shared] = (),
        done: Done | None = None,
    ) -> Column:
        """Return a column of results that stay where they were made."""

    def reduce(
        self,
        work: Callable[..., R],
        merge: Callable[[R, R], R],
        *columns: Column,
        shared: Sequence[Shared] = (),
        done: Done | None = None,
    ) -> R:
        """Return the results of all parts, at least one, merged as `folded` does.

        Parameters
        ----------
        merge
            Takes a result and that of the parts that follow; may write into the first.
        done
            Called when a part is done.
        """


def parts_of(n: int) -> list[tuple[int, int]]:
    """Return the (start, stop) of the parts of n rows: a function of n alone.

    Some 64 parts of equal size, a power of two between 4,096 and 65,536 rows; beyond, up to 2,048
    parts, then larger ones.
    """
    rows = LEAST_ROWS
    while rows < _MOST_ROWS and rows * _PARTS < n:
        rows *= 2
    while rows * MOST_PARTS < n:
        rows *= 2
    return [(start, min(n, start + rows)) for start in range(0, n, rows)]


def folded(results: Iterable[R], merge: Callable[[R, R], R]) -> R:
    """Merge results in groups of `GROUP`, then the outcomes in such groups, and so on.

    Holds one outcome a level, whatever the number of results.

    Raises
    ------
    ValueError
        There are none.
    """
    levels: list[tuple[R, int] | None] = []
    for result in results:
        carried, level = result, 0
        while True:
            if level == len(levels):
                levels.append(None)
            held = levels[level]
            carried, count = (
                (carried, 1) if held is None else (merge(held[0], carried), held[1] + 1)
            )
            if count < GROUP:
                levels[level] = carried, count
                break
            levels[level] = None
            level += 1
    outcome: list[R] = []
    for held in levels:
        if held is not None:
            outcome = [merge(held[0], outcome[0]) if outcome else held[0]]
    if not outcome:
        raise ValueError("there are no results to merge")
    return outcome[0]


def in_groups(results: Sequence[R], merge: Callable[[Sequence[R]], R]) -> R:
    """Merge as `folded` does, a whole group at a time."""
    while len(results) > 1:
        starts = range(0, len(results), GROUP)
        results = [merge(results[start : start + GROUP]) for start in starts]
    return results[0]
