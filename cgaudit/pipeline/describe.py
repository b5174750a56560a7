"""The data set as a whole, as the metrics of a version tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cgaudit.analysis import describe
from cgaudit.numerics.classes import EncodedLabels
from cgaudit.numerics.contents import Gathered, gathered
from cgaudit.numerics.rounding import number
from cgaudit.results.metrics import Metrics, PairMetric
from cgaudit.results.summary import metric_keys

#: Significant digits: the noise of the arithmetic is far below.
DIGITS = 4
#: So many pairs of classes are kept, those hardest to tell apart.
PAIRS = 20


def with_description(
    metrics: Metrics,
    features: np.ndarray | Gathered,
    labels: np.ndarray,
    contents: Sequence[str],
    ridge: float,
) -> Metrics:
    """Return the metrics, and in them the complexity of classes and pairs, and how it grows.

    Parameters
    ----------
    features : ndarray of float or Gathered, shape (n, d)
        Of them a bounded number of rows is read.
    labels : ndarray of object, shape (n,)
        Class names; None where there is none.
    contents : sequence of str, length n
        Content hashes, by which a part of many samples is drawn.
    ridge
        λ of the scores.
    """
    encoded = EncodedLabels.of(labels)
    rows = np.flatnonzero(encoded.labelled)
    own = [contents[row] for row in rows.tolist()]
    found = describe(gathered(features, rows), encoded.codes[rows], own, ridge)
    names = [str(name) for name in encoded.classes]
    keys = metric_keys(names)
    classes = {key: dict(figures) for key, figures in metrics.classes.items()}
    for code, value in found.classes.items():
        rounded = number(value, DIGITS)
        if rounded is not None:
            classes[keys[names[code]]]["relative_complexity"] = rounded
    pairs = {
        f"{keys[names[it.first]]} | {keys[names[it.second]]}": PairMetric(
            names[it.first], names[it.second], round(it.relative_complexity, DIGITS)
        )
        for it in found.pairs[:PAIRS]
    }
    growth = {str(size): round(value, DIGITS) for size, value in found.growth.items()}
    return replace(metrics, classes=classes, pairs=pairs, growth=growth)
