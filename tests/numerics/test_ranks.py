"""Spearman's rank correlation, beside scipy's."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from cgaudit.numerics.ranks import FEWEST, rank_correlation


def test_it_is_scipys_with_ties_and_gaps() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 9, 60).astype(float), rng.normal(size=60)
    a[3], b[5] = np.nan, np.nan
    known = ~np.isnan(a + b)
    wanted = spearmanr(a[known], b[known]).statistic
    assert rank_correlation(a, b) == pytest.approx(wanted, abs=1e-12)


def test_of_few_or_equal_values_it_says_nothing() -> None:
    few = np.arange(FEWEST - 1.0)
    assert rank_correlation(few, few) is None
    assert rank_correlation(np.ones(50), np.arange(50.0)) is None
    assert rank_correlation(np.arange(50.0), -np.arange(50.0)) == pytest.approx(-1)
