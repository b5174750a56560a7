"""How many labels are expected to be wrong, among the figures of the report."""

from __future__ import annotations

from cgaudit.results.metrics import Metrics
from cgaudit.wording.expected import MORE, Expected


def expected_figure(metrics: Metrics) -> list[dict[str, str]]:
    """Return the figure of the overview; none where nothing can be expected of the features."""
    found = Expected.of(metrics.figures())
    if not found.is_known:
        return []
    flagged_or_not = "Flagged or not. " if found.low else ""
    interval = f"{found.interval[0].upper()}{found.interval[1:]}. " if found.interval else ""
    why = f"{found.why[0].upper()}{found.why[1:]}."
    means = f"{flagged_or_not}{interval}{why}"
    return [
        {"name": "Wrong in the whole data", "value": found.in_all, "means": means, "title": MORE}
    ]


def flags_expected(metrics: Metrics) -> str:
    """Return a sentence on how many of the flags are expected to be wrong."""
    said = Expected.of(metrics.figures()).of_flagged
    return f"{said[0].upper()}{said[1:]}."
