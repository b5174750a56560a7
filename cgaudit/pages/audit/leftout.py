"""What was seen and not judged: samples without a label, and those that could not be read."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cgaudit.results.metrics import Metrics
from cgaudit.wording.numbers import count
from cgaudit.wording.text import natural, printable

#: Reasons, and samples of each, that are named.
SKIP_REASONS, SKIP_EXAMPLES = 20, 5


def left_out(metrics: Metrics) -> list[dict[str, str]]:
    """Return a figure for each kind of sample that was not judged, where there are any."""
    unlabelled, skipped = metrics.n_unlabelled, metrics.n_skipped
    figures = []
    if unlabelled:
        means = "Samples without a label get a suggestion in the scores table and no flag."
        figures.append({"name": "Unlabelled", "value": count(unlabelled), "means": means})
    if skipped:
        means = "Samples that were left out: unreadable, or without a usable row of labels."
        figures.append({"name": "Skipped", "value": count(skipped), "means": means})
    return figures


def skipped_section(skipped: pd.DataFrame) -> dict[str, Any]:
    """Return the samples that could not be read, by reason, the most frequent first."""
    groups: dict[str, list[str]] = {}
    for sample, reason in zip(skipped["id"], skipped["reason"], strict=True):
        groups.setdefault(str(reason), []).append(str(sample))
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return {
        "total": len(skipped),
        "n_reasons": len(ordered),
        "reasons": [
            {
                "reason": printable(reason),
                "count": len(ids),
                "ids": [printable(sample) for sample in sorted(ids, key=natural)[:SKIP_EXAMPLES]],
            }
            for reason, ids in ordered[:SKIP_REASONS]
        ],
    }
