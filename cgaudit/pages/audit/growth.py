"""The data set as a whole: which classes pull together, and how its complexity grows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cgaudit.pages.audit.graph import Series, graph
from cgaudit.results.metrics import Metrics, PairMetric
from cgaudit.wording.numbers import count, figure
from cgaudit.wording.text import printable

#: Pairs that are listed.
PAIRS = 10
#: Where the last doubling lowers complexity by less than this part of what the one before did, it
#: levels off.
LEVEL = 0.5

_MEANS = (
    "Complexity is how irregular the labels are to the features, here as a share of that of the "
    "same labels in random order: 0 where the labels follow from the features, 1 where any others "
    "would do as well."
)


def whole_section(metrics: Metrics) -> dict[str, Any] | None:
    """Return what the report says of classes, pairs and growth; None where nothing is known.

    Parameters
    ----------
    metrics
        Of the version.
    """
    sizes = sorted(map(int, metrics.growth))
    if not sizes and not metrics.pairs:
        return None
    pairs = list(metrics.pairs.values())[:PAIRS]
    values = [metrics.growth[str(size)] for size in sizes]
    return {
        "means": _MEANS,
        "pairs": [
            {
                "first": printable(it.first),
                "second": printable(it.second),
                "value": figure(it.relative_complexity, 2),
                "width": f"{100 * min(1.0, max(0.0, it.relative_complexity)):.1f}",
            }
            for it in pairs
        ],
        "pairs_say": _pairs_say(metrics.pairs),
        "growth_says": _growth_says(sizes, values),
        "chart": _chart(sizes, values) if len(sizes) > 1 else None,
        "rows": [
            {"size": count(size), "value": figure(value)}
            for size, value in zip(sizes, values, strict=True)
        ],
    }


def class_complexity(metrics: Metrics, key: str) -> float | None:
    """Return the relative complexity of a class, by its key in the metrics."""
    return metrics.classes.get(key, {}).get("relative_complexity")


def _pairs_say(pairs: Mapping[str, PairMetric]) -> str:
    """Say what the list is, in one sentence."""
    if not pairs:
        return "No two classes have enough samples to be compared."
    return (
        "Two classes pull together the more, the nearer this is to 1, where telling one from the "
        "other is as complex as it is in random order: they look alike to the features, or are "
        "mixed up."
    )


def _growth_says(sizes: list[int], values: list[float]) -> str:
    """Say what the curve means, in one sentence or two."""
    if len(sizes) < 2:
        return "There are too few labels to say how complexity grows with their number."
    last = values[-2] - values[-1]
    fall = f"From {count(sizes[-2])} to {count(sizes[-1])} samples it falls by {figure(last)}"
    if last <= 0:
        return (
            f"From {count(sizes[-2])} to {count(sizes[-1])} samples it does not fall: what is left "
            "are wrong labels, classes that overlap, or features that do not tell them apart, and "
            "more samples of the same kind would not help."
        )
    if len(sizes) > 2 and last < LEVEL * (values[-3] - values[-2]):
        return (
            f"{fall}, less than half of what the doubling before brought: it levels off, and what "
            "is left are wrong labels, classes that overlap, or features that do not tell them "
            "apart, more than too few samples."
        )
    return (
        f"{fall}: it has not levelled off, so more samples would still make the labels more "
        "regular."
    )


def _chart(sizes: list[int], values: list[float]) -> dict[str, Any]:
    return graph(
        [float(size) for size in sizes],
        [Series("chosen", "complexity, as a share of that of labels in random order", values)],
        x_form="count",
        y_form="number",
        says="Relative complexity over the number of samples. The figures are in the table below.",
        logarithmic=True,
    )
