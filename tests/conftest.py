"""Fixtures that every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest
import where
from places import SHARED


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--device", default="cpu", help="of the solver and score tests: cpu, cuda")


def pytest_configure(config: pytest.Config) -> None:
    where.DEVICE = config.getoption("--device")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets beside the project, or a skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the real data sets (../shared/data) are not on this machine")
    return SHARED
