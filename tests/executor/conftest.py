"""Fixtures of what runs on Ray."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from rays import two_nodes

from cgaudit import executor


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two nodes of one CPU each, on this machine."""
    pytest.importorskip("ray")
    with two_nodes() as made:
        yield made


@pytest.fixture
def on_ray(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[executor.Executor]:
    monkeypatch.setenv("RAY_ADDRESS", cluster.address)
    with executor.running_on("ray"):
        yield executor.chosen()
