"""Labels as class numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cgaudit.errors import LabelsError
from cgaudit.numerics.classes import ABSENT, ANY, NOBODY, UNLABELLED, EncodedLabels


@pytest.mark.parametrize("dtype", [object, "str"])
def test_classes_are_numbered_in_their_order(dtype):
    labels = pd.Series(["b", None, "a", "b", np.nan], dtype=dtype).to_numpy(dtype=object)
    encoded = EncodedLabels.of(labels)
    assert encoded.classes.tolist() == ["a", "b"]
    assert encoded.codes.tolist() == [1, UNLABELLED, 0, 1, UNLABELLED]
    assert encoded.labelled.tolist() == [True, False, True, True, False]
    assert encoded.counts.tolist() == [1, 2]
    assert [encoded.code(label) for label in ("a", "b", "c", "", None)] == [0, 1, *[NOBODY] * 3]


def test_numbers_stay_numbers():
    encoded = EncodedLabels.of(np.array([10, 9, 10], dtype=object))
    assert (encoded.classes.tolist(), encoded.codes.tolist()) == ([9, 10], [1, 0, 1])
    assert encoded.code(10) == 1


def test_no_label_at_all():
    encoded = EncodedLabels.of(np.array([None, ""], dtype=object))
    assert (len(encoded.classes), encoded.codes.tolist()) == (0, [UNLABELLED] * 2)
    assert encoded.code("a") == NOBODY


def test_mixed_types_cannot_be_sorted():
    with pytest.raises(LabelsError, match="found int, str"):
        EncodedLabels.of(np.array([1, "1"], dtype=object))


def test_no_two_of_the_special_codes_are_the_same_and_none_is_a_class():
    special = [UNLABELLED, ABSENT, ANY, NOBODY]
    assert len(set(special)) == len(special)
    assert max(special) < 0
