"""Where the solver and score tests compute: `pytest --device cuda` runs them on a card."""

from __future__ import annotations

#: Set by tests/conftest.py before any test module is read.
DEVICE = "cpu"
