"""Work in threads: the order of the results, and the bound on what is ahead."""

import threading
import time

import pytest

from cgaudit.dataset import in_threads


def test_threads_keep_order_and_bounds():
    taken = []

    def items():
        for i in range(200):
            taken.append(i)
            yield i

    def slow_when_even(i):
        time.sleep(0.001 * (i % 2 == 0))
        return i

    results = in_threads(slow_when_even, items(), workers=2)
    assert next(results) == 0
    assert len(taken) <= 2 * 16
    assert list(results) == list(range(1, 200))


def test_threads_raise_where_the_result_would_be_and_stop():
    results = in_threads(lambda x: 1 // x, [1, 0, 1], workers=1)
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)
    before = threading.active_count()
    started = in_threads(lambda x: x, range(100), workers=4)
    next(started)
    started.close()
    assert threading.active_count() == before
