"""What is expected to be wrong, in the metrics."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cgaudit.pipeline.expected import with_expected
from cgaudit.results.metrics import Metrics
from cgaudit.score import ExpectedErrors


@pytest.fixture
def found():
    w = np.array([0.9, 0.8, 0.5, 0.1, np.nan], dtype=np.float32)
    return ExpectedErrors(
        n_expected_errors=2.3,
        low=1.5,
        high=3.1,
        n_doubtful=1.2,
        is_lower_bound=False,
        error_probability=w,
    )


@pytest.fixture
def table(found):
    return pd.DataFrame(
        {
            "error_probability": found.error_probability,
            "is_label_issue": [True, True, False, False, False],
        }
    )


def test_the_figures(found, table):
    metrics = with_expected(Metrics(n_samples=5), found, table)
    assert metrics == Metrics(
        n_samples=5,
        n_expected_errors=2,
        expected_errors_low=1,
        expected_errors_high=4,
        expected_errors_is_lower_bound=0,
        n_doubtful=1,
        flag_precision=0.85,
    )
    assert Metrics.of_json(metrics.as_json()) == metrics


def test_a_lower_bound_has_no_upper_end(found, table):
    metrics = with_expected(Metrics(), replace(found, is_lower_bound=True), table)
    assert metrics.expected_errors_is_lower_bound == 1
    assert "expected_errors_high" not in metrics.as_json()


def test_a_label_that_a_person_let_stand_leaves_the_count_and_the_flags(found, table):
    table["is_reviewed"] = [True, False, False, False, False]
    table["is_label_issue"] &= ~table["is_reviewed"]
    metrics = with_expected(Metrics(), found, table)
    assert metrics.n_expected_errors == round(2.3 - 0.9)
    assert metrics.expected_errors_low == 0
    assert metrics.expected_errors_high == 3
    assert metrics.flag_precision == 0.8


def test_no_precision_where_it_cannot_be_told(found, table):
    doubtful = replace(found, n_doubtful=1000.0)
    assert with_expected(Metrics(), doubtful, table).flag_precision is None
    unflagged = table.assign(is_label_issue=False)
    assert with_expected(Metrics(), found, unflagged).flag_precision is None
