"""A small scores table, whose metrics are known by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "id": ["a", "b", "c", "d", "e"],
            "given_label": ["cat", "cat", "dog", "dog", None],
            "predicted_label": ["cat", "dog", "dog", "dog", "cat"],
            "label_score": np.array([0.9, 0.1, 0.7, 1.0, np.nan], dtype=np.float32),
            "is_label_issue": [False, True, False, False, False],
        }
    )
