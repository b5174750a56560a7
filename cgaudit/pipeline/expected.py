"""What is expected to be wrong, as the metrics of a version tell it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd

from cgaudit.numerics.rounding import number
from cgaudit.results.metrics import Metrics
from cgaudit.score import ExpectedErrors

#: What the fit leaves of a share: digits.
DIGITS = 3


def with_expected(metrics: Metrics, found: ExpectedErrors, table: pd.DataFrame) -> Metrics:
    """Return the metrics, and in them what is expected to be wrong.

    Labels that a person has reviewed and let stand are right: they leave the count.

    Parameters
    ----------
    found
        Of all labels.
    table
        The scores table, with its flags as they are shown.
    """
    kept = table["is_reviewed"] if "is_reviewed" in table else pd.Series(False, table.index)
    probability = table["error_probability"].astype(np.float64)
    settled = float(probability[kept].sum())
    low, middle, high = (
        max(0.0, end - settled) for end in (found.low, found.n_expected_errors, found.high)
    )
    flagged = probability[table["is_label_issue"]]
    told = found.tells_precision and len(flagged) > 0
    return replace(
        metrics,
        n_expected_errors=round(middle),
        expected_errors_low=math.floor(low),
        expected_errors_high=None if found.is_lower_bound else math.ceil(high),
        expected_errors_is_lower_bound=int(found.is_lower_bound),
        n_doubtful=round(found.n_doubtful),
        flag_precision=number(float(flagged.mean()), DIGITS) if told else None,
    )
