"""Neither the order of the samples nor one sample more moves the scores of the others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from where import DEVICE

from cgaudit import score_labels
from cgaudit.score import choose_ridge
from cgaudit.score.result import LabelScores

METHODS = ["iterative", "lowrank"]
FIELDS = [
    *("predicted_label", "label_score", "cg_score", "margin", "is_label_issue"),
    *("top_labels", "top_scores", "probabilities"),
]


@pytest.fixture(scope="module")
def digits():
    features, labels = load_digits(return_X_y=True)
    labels = labels.copy()
    labels[::12] = (labels[::12] + 3) % 10
    return features[:500], labels[:500]


def scored(features, labels, method, **options) -> LabelScores:
    asked = {"landmarks": 80, "probabilities": True, "likelihood": "gaussian", **options}
    return score_labels(features, labels, method=method, device=DEVICE, **asked)


def assert_same(moved: LabelScores, plain: LabelScores, order: np.ndarray) -> None:
    for field in FIELDS:
        np.testing.assert_array_equal(getattr(moved, field), getattr(plain, field)[order], field)
    expected, found = plain.expected_errors, moved.expected_errors
    np.testing.assert_array_equal(found.error_probability, expected.error_probability[order])
    assert moved.temperature == plain.temperature


@pytest.mark.parametrize("method", METHODS)
def test_shuffled_rows_have_the_same_bytes(digits, method):
    """Equal rows among them too, some with equal labels and some with others."""
    features, labels = digits
    features = np.concatenate([features, features[:40]])
    labels = np.concatenate([labels, labels[:20], (labels[20:40] + 1) % 10]).astype(object)
    labels[[3, 200, 501]] = None
    order = np.random.default_rng(0).permutation(len(features))
    likelihood = "both" if method == "lowrank" else "gaussian"
    plain = scored(features, labels, method, likelihood=likelihood)
    moved = scored(features[order], labels[order], method, likelihood=likelihood)
    assert_same(moved, plain, order)
    assert plain.given_label[3] is None


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("task", ["regression", "multilabel"])
def test_so_they_have_in_other_tasks(digits, method, task):
    features, labels = digits
    given = labels * 1.5 if task == "regression" else np.eye(10)[labels]
    order = np.random.default_rng(0).permutation(len(features))
    plain = scored(features, given, method, task=task, probabilities=False)
    moved = scored(features[order], given[order], method, task=task, probabilities=False)
    np.testing.assert_array_equal(moved.label_score, plain.label_score[order])
    np.testing.assert_array_equal(moved.predicted_label, plain.predicted_label[order])
    if plain.per_label is not None:
        expected = plain.per_label.cg_score[order]
        np.testing.assert_array_equal(moved.per_label.cg_score, expected)


def test_warnings_name_rows_as_they_came(digits):
    features, labels = digits
    features = features.copy()
    features[[5, 77]] = 0
    (warning,) = [text for text in scored(features, labels, "lowrank").warnings if "zero" in text]
    assert "'5', '77'" in warning


def test_the_choice_of_the_ridge_does_not_depend_on_the_order(digits, monkeypatch):
    monkeypatch.setattr("cgaudit.score.ridge.SAMPLE_ROWS", 150)
    features, labels = digits
    order = np.random.default_rng(0).permutation(len(features))
    assert choose_ridge(features, labels) == choose_ridge(features[order], labels[order])


@pytest.mark.parametrize("method", METHODS)
def test_one_sample_more_hardly_moves_the_others(digits, method):
    features, labels = digits
    for n in (498, 499):
        before = scored(features[:n], labels[:n], method)
        after = scored(features[: n + 1], labels[: n + 1], method)
        moved = np.abs(after.label_score[:-1] - before.label_score) > 0.05
        assert moved.mean() < 0.02


def real_set(name: str, shared_data) -> tuple[np.ndarray, np.ndarray]:
    """Return plain features of real data, and its labels: no featurizer, nothing fitted."""
    if name == "pictures":
        return pictures(shared_data)
    from sklearn.feature_extraction.text import HashingVectorizer

    table = pd.read_csv(shared_data / "banking77" / "train.csv").drop_duplicates("text")
    words = HashingVectorizer(n_features=512, ngram_range=(1, 2)).transform(table["text"])
    return words.toarray().astype(np.float32), table["category"].to_numpy(dtype=str)


def pictures(shared_data) -> tuple[np.ndarray, np.ndarray]:
    import io

    import pyarrow.parquet as pq
    from PIL import Image

    table = pq.read_table(shared_data / "cifar10n-50k" / "train.parquet").slice(0, 20_001)

    def row(data: bytes) -> np.ndarray:
        small = Image.open(io.BytesIO(data)).convert("RGB").resize((12, 12), Image.Resampling.BOX)
        return np.asarray(small, dtype=np.float32).ravel()

    rows = np.stack([row(data) for data in table["image"].to_pylist()])
    labels = table["random_label1"].to_numpy(zero_copy_only=False).astype(str)
    return (rows - rows.mean(axis=0)) / rows.std(axis=0), labels


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pictures", "texts"])
@pytest.mark.parametrize(("method", "rows"), [("lowrank", 20_001), ("iterative", 3001)])
def test_a_version_with_one_sample_more_differs_in_little(name, method, rows, shared_data):
    features, labels = (it[:rows] for it in real_set(name, shared_data))
    options = {"landmarks": None, "probabilities": False, "likelihood": "gaussian"}
    before = scored(features[:-1], labels[:-1], method, **options)
    after = scored(features, labels, method, **options)
    # What `benchmarks/stability.py` shows of the one more that becomes a landmark, and room.
    moved = np.abs(after.label_score[:-1] - before.label_score) > 0.01
    assert moved.mean() < 0.015
    assert (after.is_label_issue[:-1] != before.is_label_issue).sum() <= 25
    order = np.random.default_rng(0).permutation(len(before.label_score))
    shuffled = scored(features[:-1][order], labels[:-1][order], method, **options)
    np.testing.assert_array_equal(shuffled.label_score, before.label_score[order])
