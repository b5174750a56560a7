"""Outliers and near-duplicates on a Ray cluster: the bytes of one process."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from cgaudit import executor
from cgaudit.numerics.contents import Gathered
from cgaudit.oddities import find_oddities

pytestmark = pytest.mark.slow


@pytest.fixture
def rows(tmp_path, monkeypatch) -> Gathered:
    """Digits and near copies of some, in a file that is mapped, of which all but a few are read."""
    monkeypatch.setattr("cgaudit.executor.base.LEAST_ROWS", 128)
    digits = load_digits().data.astype(np.float32)
    copies = digits[:50] + np.random.default_rng(0).normal(scale=0.05, size=(50, 64))
    np.save(tmp_path / "rows.npy", np.concatenate([digits, copies.astype(np.float32)]))
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    return Gathered(mapped, np.arange(len(mapped))[::-1][:-5].copy())


def as_bytes(rows: Gathered) -> list[bytes]:
    contents = [str(at) for at in range(len(rows))]
    found = find_oddities(rows, contents=contents, most_rows=500)
    assert found.is_near_duplicate_issue[:45].all()
    return [values.tobytes() for values in vars(found).values()]


def test_the_bytes_are_those_of_one_process(rows, request):
    with executor.running_on("serial"):
        expected = as_bytes(rows)
    request.getfixturevalue("on_ray")
    assert as_bytes(rows) == expected


def test_one_worker_or_two(rows, cluster, request):
    """What one worker makes while the other is held, and what both make."""
    import ray

    place = request.getfixturevalue("on_ray")
    both = as_bytes(rows)

    @ray.remote(num_cpus=1)
    class Holding:
        def there(self) -> bool:
            return True

    held = Holding.remote()
    assert ray.get(held.there.remote())
    assert place.map(len, ["ab"]) == [2]
    assert as_bytes(rows) == both
    ray.kill(held)
