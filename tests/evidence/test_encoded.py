"""Labels of scores as class numbers: as labels that are given to `score_labels` are numbered."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cgaudit.evidence.encoded import encoded
from cgaudit.numerics.classes import EncodedLabels


@pytest.mark.parametrize("dtype", ["str", "object"])
@pytest.mark.parametrize(
    "given",
    [["b", "a", "", None, "b", "ü", "B"], [None, None], ["", ""], []],
)
def test_empty_and_missing_labels_are_no_class(given: list[str | None], dtype: str) -> None:
    found = encoded(pd.Series(given, dtype=dtype))
    expected = EncodedLabels.of(np.array(given, dtype=object))
    assert found.codes.tolist() == expected.codes.tolist()
    assert found.classes.tolist() == expected.classes.tolist()
