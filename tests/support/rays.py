"""A real Ray cluster of two nodes on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

#: Of the object store of a node, the least that Ray takes.
STORE = 80 * 2**20

#: Seconds for a node to join, on a machine that has other things to do.
PATIENCE = 300


@contextmanager
def two_nodes() -> Iterator[Any]:
    """Two nodes of one CPU each, on this machine."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # Ray's workers give way to everything else on a machine, which here are other tests.
    os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112
    import ray
    from ray.cluster_utils import Cluster

    made = Cluster()
    for _ in range(2):
        joined(made)
    made.wait_for_nodes(PATIENCE)
    yield made
    ray.shutdown()
    made.shutdown()


def joined(cluster: Any, cards: int = 0) -> object:
    """Add a node, which Ray gives half a minute to start: not always enough beside others.

    `cards` is how many graphics cards it says it has.
    """
    for _ in range(4):
        try:
            return cluster.add_node(**node(), num_gpus=cards)
        except Exception as error:
            if "timed out during startup" not in str(error):
                raise
    pytest.skip("this machine is too busy for a node of Ray to start within its 30 seconds")


def node() -> dict[str, object]:
    sizes = {"num_cpus": 1, "object_store_memory": STORE}
    return {**sizes, "include_dashboard": False, "wait": False}
