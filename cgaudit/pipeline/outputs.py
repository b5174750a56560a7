"""What an audit is in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from cgaudit.table import Scores

Progress = Callable[[float, float], None]


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes
    ----------
    scores
        The scores table and its provenance.
    summary
        The metrics.
    skipped
        What was seen and not scored: columns ``id``, ``reason``.
    notes
        What was inferred, and what to know before trusting the figures.
    """

    scores: Scores
    summary: dict[str, Any]
    skipped: pd.DataFrame
    notes: list[str] = field(default_factory=list)
