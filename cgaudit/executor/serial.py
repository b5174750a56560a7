"""Work in this process: part after part, or on its cores side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from cgaudit.executor.base import Column, Done, Shared, folded

R = TypeVar("R")

#: More would hold more results at once than a plan counts on.
MOST_THREADS = 8


class Inline:
    """Part after part, by as many threads as PyTorch takes: for what is one part, or on a GPU."""

    elsewhere = False

    def with_cards(self) -> Self:
        """Return this place: what runs in this process sees its cards."""
        return self

    def share(self, value: object) -> Shared:
        """Return the value."""
        return value

    def map(
        self, work: Callable[..., R], *columns: Column, shared: Sequence[Shared] = ()
    ) -> list[R]:
        """Return the results of all parts."""
        return list(self._results(work, columns, shared))

    def keep(
        self,
        work: Callable[..., Any],
        *columns: Column,
        shared: Sequence[Shared] = (),
        done: Done | None = None,
    ) -> Column:
        """Return the results of all parts."""
        return list(_told(self._results(work, columns, shared), done))

    def reduce(
        self,
        work: Callable[..., R],
        merge: Callable[[R, R], R],
        *columns: Column,
        shared: Sequence[Shared] = (),
        done: Done | None = None,
    ) -> R:
        """Return the merged results of all parts."""
        return folded(_told(self._results(work, columns, shared), done), merge)

    def _results(
        self, work: Callable[..., R], columns: Sequence[Column], shared: Sequence[Shared]
    ) -> Iterator[R]:
        for entries in zip(*columns, strict=True):
            yield work(*entries, *shared)


class Serial(Inline):
    """Parts side by side on the cores of this machine, each by one thread.

    Parameters
    ----------
    most
        How many at once.
    """

    def __init__(self, most: int = MOST_THREADS) -> None:
        self._most = most

    def _results(
        self, work: Callable[..., R], columns: Sequence[Column], shared: Sequence[Shared]
    ) -> Iterator[R]:
        import torch

        with _single_threads() as cores:
            threads = min(cores, self._most)
            if threads == 1:
                yield from super()._results(work, columns, shared)
                return
            pool = ThreadPoolExecutor(threads, "cgaudit", torch.set_num_threads, (1,))
            waiting: deque[Future[R]] = deque()
            try:
                for entries in zip(*columns, strict=True):
                    if len(waiting) > threads:
                        yield waiting.popleft().result()
                    waiting.append(pool.submit(work, *entries, *shared))
                while waiting:
                    yield waiting.popleft().result()
            finally:
                pool.shutdown(cancel_futures=True)


def _told(results: Iterator[R], done: Done | None) -> Iterator[R]:
    """Yield results, and tell of each that is there."""
    for result in results:
        if done is not None:
            done()
        yield result


@contextmanager
def _single_threads() -> Iterator[int]:
    """Have PyTorch take one thread for each call; yield how many it took."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield before
    finally:
        torch.set_num_threads(before)
