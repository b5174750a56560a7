"""Where the outputs lie, and what an audit is in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from cgaudit.table import Scores

Progress = Callable[[float, float], None]


@dataclass(frozen=True)
class Outputs:
    """Where the outputs of an audit lie, below one folder."""

    folder: Path

    @property
    def features(self) -> Path:
        """Feature store of the featurize stage."""
        return self.folder / "features"

    @property
    def samples(self) -> Path:
        """Which samples the store is of."""
        return self.folder / "samples.parquet"

    @property
    def unreadable(self) -> Path:
        """What the featurize stage could not read."""
        return self.folder / "unreadable.csv"

    @property
    def scores(self) -> Path:
        """The scores table."""
        return self.folder / "scores.parquet"

    @property
    def summary(self) -> Path:
        """DVC metrics."""
        return self.folder / "summary.json"

    @property
    def skipped(self) -> Path:
        """All that was seen and not scored."""
        return self.folder / "skipped.csv"

    @property
    def plots(self) -> Path:
        """Tables of the DVC plots."""
        return self.folder / "plots"

    @property
    def page(self) -> Path:
        """The HTML report."""
        return self.folder / "index.html"


REPORTS = Outputs(Path("reports"))


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
