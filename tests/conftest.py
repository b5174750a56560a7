"""Fixtures that every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest
from places import SHARED


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets beside the project, or a skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the real data sets (../shared/data) are not on this machine")
    return SHARED
