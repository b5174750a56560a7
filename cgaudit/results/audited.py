"""What an audit found, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from cgaudit.results.metrics import Metrics
from cgaudit.results.table import Scores


@dataclass(frozen=True)
class Audited:
    """What an audit found.

    Attributes
    ----------
    scores
        The scores table and its provenance.
    metrics
        The same in a few numbers.
    skipped
        What was seen and not scored: columns ``id``, ``reason``.
    notes
        What was inferred, and what to know before trusting the figures.
    """

    scores: Scores
    metrics: Metrics
    skipped: pd.DataFrame
    notes: list[str] = field(default_factory=list)
