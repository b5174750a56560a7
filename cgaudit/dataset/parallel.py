"""Work in threads, a bounded number of items ahead, results in the order they were asked for."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_AHEAD_PER_WORKER = 16


def default_workers() -> int:
    """Return how many threads to read and decode with: the cores this process may use, up to 16."""
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 4, 16)


def in_threads(
    work: Callable[[T], R],
    items: Iterable[T],
    workers: int | None = None,
    ahead: int = _AHEAD_PER_WORKER,
) -> Generator[R, None, None]:
    """Yield ``work(item)`` for each item, in order.

    At most `ahead` items per worker are taken ahead of the consumer, so that memory stays bounded
    however many items there are. An exception of `work` is raised where its result would be.
    """
    workers = workers or default_workers()
    pending: deque[Future[R]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for item in items:
                pending.append(pool.submit(work, item))
                if len(pending) >= workers * ahead:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()
