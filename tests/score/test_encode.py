"""Labels of whatever library: what is a class, what is none, and what memory it takes."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from cgaudit import score_labels
from cgaudit.errors import FeatureError, LabelsError
from cgaudit.score.encode import encode_labels

GAP = 1


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (pd.Series([1, None, 0], dtype="Int64"), [0, 1]),
        (pd.array(["a", None, "b"], dtype="string"), ["a", "b"]),
        (pd.array([True, None, False], dtype="boolean"), [False, True]),
        (pd.Categorical(["b", None, "a"], categories=["b", "a", "never"]), ["a", "b"]),
        (pd.Series(["a", pd.NaT, "b"], dtype=object), ["a", "b"]),
        ([np.float32(1), np.float32("nan"), np.float32(0)], [0.0, 1.0]),
        ([np.str_("a"), "", "b"], ["a", "b"]),
        ([1, None, np.int64(0)], [0, 1]),
        ([np.bool_(True), None, False], [False, True]),
    ],
    ids=str,
)
def test_labels_of_numpy_and_pandas_are_those_of_python(labels, classes):
    encoded = encode_labels(labels)
    assert encoded.classes.tolist() == classes
    assert [type(name) for name in encoded.classes.tolist()] == [type(name) for name in classes]
    assert np.flatnonzero(~encoded.labelled).tolist() == [GAP]


def test_kinds_that_do_not_mix_are_still_refused():
    with pytest.raises(LabelsError, match="found int, str"):
        encode_labels([1, "1", np.int64(2)])


def test_nearly_a_label_for_each_sample_is_no_labelling():
    labels = [f"name {number // 2}" for number in range(200_000)]
    with pytest.raises(LabelsError, match="100,000 different labels among 200,000 samples"):
        encode_labels(labels)
    assert len(encode_labels([number // 2 for number in range(1_000)]).classes) == 500


def test_one_long_label_costs_itself_and_not_itself_times_all_rows():
    labels = ["cat", "dog"] * 5_000
    labels[10] = "x" * 100_000
    tracemalloc.start()
    encoded = encode_labels(labels)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert encoded.counts.tolist() == [4_999, 5_000, 1]
    # As one array of NumPy's it was 4 GB.
    assert peak < 5e6


def test_a_nul_at_the_end_stays_in_the_label():
    features = np.random.default_rng(0).normal(size=(12, 3))
    result = score_labels(features, ["cat", "dog", "cat\0"] * 4)
    assert result.classes.tolist() == ["cat", "cat\0", "dog"]
    assert result.given_label.tolist()[:3] == ["cat", "dog", "cat\0"]
    assert result.table("abcdefghijkl")["given_label"].tolist()[2] == "cat\0"


@pytest.mark.parametrize("dtype", ["float32", "Float64", "Int64"])
def test_a_data_frame_is_its_numbers(dtype):
    values = np.random.default_rng(0).integers(-9, 9, size=(30, 4)).astype(np.float32)
    labels = ["a", "b", "c"] * 10
    expected = score_labels(values, labels)
    found = score_labels(pd.DataFrame(values).astype(dtype), labels)
    np.testing.assert_allclose(found.label_score, expected.label_score, rtol=1e-3)


def test_a_data_frame_of_words_is_refused():
    with pytest.raises(FeatureError, match="real numbers"):
        score_labels(pd.DataFrame({"a": ["x", "y"]}), ["a", "b"])


def test_a_gap_in_a_data_frame_is_named():
    frame = pd.DataFrame({"a": pd.array([1, None], dtype="Int64")})
    with pytest.raises(FeatureError, match="row 1, column 0"):
        score_labels(frame, ["a", "b"])
