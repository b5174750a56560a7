"""Regression and multilabel, against refitting without each sample."""

from __future__ import annotations

import json

import naive
import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.metrics import roc_auc_score
from where import DEVICE

from cgaudit import score_labels
from cgaudit.errors import LabelsError, ParamsError

EXACT = {"precision": "float64", "device": DEVICE}


@pytest.fixture(scope="module")
def diabetes():
    features, target = load_diabetes(return_X_y=True)
    return features[:150] / features.std(0), target[:150]


def left_out(H, y):
    """Refit without each sample."""
    predicted = np.empty(len(y))
    for i in range(len(y)):
        rest = np.arange(len(y)) != i
        predicted[i] = H[i, rest] @ np.linalg.solve(H[np.ix_(rest, rest)], y[rest])
    return predicted


def deviation(values):
    return np.median(np.abs(values - np.median(values))) / 0.6744897501960817


def leave_one_out(features, target, ridge=0.1, rounds=3):
    """The slow twin: a constant column, and targets drawn in to robust deviations."""
    length = np.sqrt((features**2).sum(axis=1).mean())
    H = naive.system(np.c_[features, np.full(len(features), length)], ridge)
    y = (target - np.median(target)) / target.std()
    predicted = left_out(H, y.clip(-5 * deviation(y), 5 * deviation(y)))
    for _ in range(rounds):
        residual = y - predicted
        most = 1.5 * deviation(residual)
        predicted = left_out(H, predicted + residual.clip(-most, most))
    return predicted * target.std() + np.median(target)


def test_regression_predicts_as_refitting_does(diabetes):
    result = score_labels(*diabetes, task="regression", **EXACT)
    np.testing.assert_allclose(result.predicted_label, leave_one_out(*diabetes), rtol=1e-8)


def test_regression_finds_what_was_spoiled(diabetes):
    features, target = diabetes
    spoiled = np.arange(0, 150, 15)
    wrong = target.copy()
    wrong[spoiled] += 400
    result = score_labels(features, wrong, task="regression", **EXACT)
    assert roc_auc_score(np.isin(np.arange(150), spoiled), -result.label_score) > 0.95
    assert result.is_label_issue[spoiled].mean() > 0.8
    assert result.is_label_issue.sum() <= len(spoiled) + 2
    assert ((result.label_score >= 0) & (result.label_score <= 1)).all()


def test_regression_tail_probabilities_are_uniform_on_data_of_the_model():
    rng = np.random.default_rng(0)
    features = rng.standard_normal((400, 6))
    length = np.sqrt((features**2).sum(axis=1).mean())
    H = naive.system(np.c_[features, np.full(400, length)], 0.1)
    target = np.linalg.cholesky(H) @ rng.standard_normal(400)
    score = score_labels(features, target, task="regression", **EXACT).label_score
    empirical = np.sort(score)
    assert np.abs(empirical - (np.arange(400) + 0.5) / 400).max() < 1.63 / 20


def test_one_gross_error_does_not_flag_its_neighbours():
    rng = np.random.default_rng(0)
    features = rng.uniform(-1, 1, (200, 2))
    target = features @ [3.0, -2.0] + rng.normal(0, 0.1, 200)
    target[17] = 1000.0
    result = score_labels(features, target, task="regression", **EXACT)
    near = np.argsort(np.linalg.norm(features - features[17], axis=1))
    assert near[0] == 17
    assert result.is_label_issue[17]
    assert not result.is_label_issue[near[1:]].any()
    assert abs(result.predicted_label[17] - features[17] @ [3.0, -2.0]) < 0.5


def test_a_row_as_long_as_the_constant_says_how_long_it_is():
    # Rows of one direction, whose lengths alone tell the number.
    rng = np.random.default_rng(0)
    length = rng.uniform(0.5, 2, 80)
    features = np.outer(length, [0.6, 0.8])
    result = score_labels(features, 10 * length, task="regression", **EXACT)
    assert np.corrcoef(result.predicted_label.astype(float), length)[0, 1] > 0.99


@pytest.mark.parametrize("task", ["regression", "multilabel"])
def test_ridge_is_chosen_for_every_task(task, diabetes):
    features, target = diabetes
    labels = target if task == "regression" else np.c_[target > 100, target > 200].astype(int)
    result = score_labels(features, labels, task=task, ridge="auto", device=DEVICE)
    assert result.info.ridge in (0.1, 0.3, 1.0, 3.0, 10.0)


def test_regression_units_do_not_matter(diabetes):
    features, target = diabetes
    plain = score_labels(features, target, task="regression", **EXACT)
    other = score_labels(features, 3 - 1000 * target, task="regression", **EXACT)
    np.testing.assert_allclose(other.cg_score, plain.cg_score, rtol=1e-8)
    np.testing.assert_allclose(other.predicted_label, 3 - 1000 * plain.predicted_label, rtol=1e-8)


def test_regression_predicts_unlabelled(diabetes):
    features, target = diabetes
    labels = [*target[:149].tolist(), None]
    result = score_labels(features, labels, task="regression", **EXACT)
    assert np.isnan(result.label_score[149])
    assert not result.is_label_issue[149]
    assert abs(result.predicted_label[149] - target[149]) < 3 * target.std()
    assert result.table(range(150))["given_label"].isna().sum() == 1


@pytest.fixture(scope="module")
def flowers():
    features, species = load_iris(return_X_y=True)
    features = (features - features.mean(0)) / features.std(0)
    sets = np.stack([species == 0, species == 2, features[:, 0] > 0], axis=1).astype(int)
    return features[::2], sets[::2]


def test_multilabel_is_refitting_each_label(flowers):
    features, sets = flowers
    result = score_labels(features, sets, task="multilabel", **EXACT)
    for column in range(3):
        cg_score, predicted = naive.refit(features, sets[:, column], 0.1)
        np.testing.assert_allclose(result.per_label.cg_score[:, column], cg_score, rtol=1e-7)
        np.testing.assert_array_equal(result.per_label.predicted[:, column], predicted[:, 1] > 0)
        sign = 2 * sets[:, column] - 1
        p = 1 / (1 + np.exp(-2 * result.temperature * sign * predicted[:, 1]))
        np.testing.assert_allclose(result.per_label.label_score[:, column], p, rtol=1e-7)
    np.testing.assert_array_equal(result.label_score, result.per_label.label_score.min(axis=1))


def test_multilabel_leaves_the_unlabelled_out_and_suggests_for_them(flowers):
    features, sets = flowers
    names = np.array(["setosa", "virginica", "long"])
    labels = [set(names[row == 1]) for row in sets]
    some = [None if i % 7 == 3 else own for i, own in enumerate(labels)]
    known = np.array([own is not None for own in some])
    result = score_labels(features, some, task="multilabel", **EXACT)
    alone = score_labels(features[known], sets[known], task="multilabel", **EXACT)
    # Matrix columns are named by number, collections by name: sorted, they are these.
    order = np.argsort(names)
    np.testing.assert_allclose(
        result.per_label.label_score[known], alone.per_label.label_score[:, order], rtol=1e-7
    )
    assert np.isnan(result.label_score[~known]).all()
    assert not result.is_label_issue[~known].any()
    assert [own is None for own in result.given_label] == [own is None for own in some]
    # Told by the others: most of what was left out is found again.
    right = result.per_label.predicted[~known] == sets[~known][:, order].astype(bool)
    assert right.mean() > 0.85
    presence = result.per_label.presence
    np.testing.assert_array_equal(presence > 0.5, result.per_label.predicted)
    given = sets[:, order].astype(bool)[known]
    answer = np.where(given, presence[known], 1 - presence[known])
    np.testing.assert_allclose(answer, result.per_label.label_score[known], rtol=1e-6)
    table = result.table(range(len(some)))
    assert table["worst_label"].isna().sum() == table["given_label"].isna().sum() == (~known).sum()


def test_multilabel_finds_a_missing_label(flowers):
    features, sets = flowers
    sets = sets.copy()
    sets[3, 0] = 0
    result = score_labels(features, sets, task="multilabel", **EXACT)
    assert result.per_label.is_label_issue[3].tolist() == [True, False, False]
    assert result.is_label_issue[3]
    assert result.label_score.argmin() == 3


def test_multilabel_takes_collections_and_names_them(flowers):
    features, sets = flowers
    names = np.array(["setosa", "virginica", "lång <b>"])
    collections = [set(names[row == 1]) for row in sets]
    result = score_labels(features, collections, task="multilabel", **EXACT)
    order = [sorted(names).index(name) for name in names]
    matrix = score_labels(features, sets, task="multilabel", **EXACT)
    np.testing.assert_allclose(
        result.per_label.label_score[:, order], matrix.per_label.label_score, rtol=1e-12
    )
    table = result.table(range(len(sets)))
    assert {f"label_score_{name}" for name in names} <= set(table.columns)
    assert table["given_label"].iloc[0] == json.dumps(sorted(collections[0]), ensure_ascii=False)
    given = table["given_label"].map(json.loads)
    assert all(map(set.issuperset, map(set, given), map(set, table["labels_doubtful"])))
    assert all(map(set.isdisjoint, map(set, given), map(set, table["labels_missing"])))


def test_the_table_says_which_labels_are_doubtful_and_which_are_missing(flowers):
    features, sets = flowers
    sets = sets.copy()
    sets[3, 0], sets[9, 2] = 0, 1
    table = score_labels(features, sets, task="multilabel", **EXACT).table(range(len(sets)))
    row, other = (table.set_index("id").loc[name] for name in ("3", "9"))
    assert (row["labels_missing"], row["labels_doubtful"], row["worst_label"]) == (["0"], [], "0")
    assert (other["labels_missing"], other["labels_doubtful"]) == ([], ["2"])
    assert row["label_score"] == row["label_score_0"]


def test_a_label_of_one_sample_alone_is_not_flagged_on_it(flowers):
    features, sets = flowers
    alone = np.zeros((len(sets), 1), dtype=sets.dtype)
    alone[5] = 1
    result = score_labels(features, np.hstack([sets, alone]), task="multilabel", **EXACT)
    assert result.per_label.label_score[5, -1] < 0.5
    assert not result.per_label.is_label_issue[:, -1].any()


@pytest.mark.parametrize(
    ("task", "labels", "error", "words"),
    [
        ("regression", ["1", "x", "2"], LabelsError, "row 1 .* has 'x'"),
        ("regression", [1.0, 1.0, 1.0], LabelsError, "two different labels"),
        ("regression", [1.0, np.inf, 2], LabelsError, "finite"),
        ("multilabel", np.array([[0, 2], [1, 0], [1, 1]]), LabelsError, "0 and 1"),
        ("multilabel", np.array([[0, 1], [1, 1], [1, 1]]), LabelsError, "label '1' is had by all"),
        ("multilabel", ["a", "b", "c"], LabelsError, "collection"),
        ("multilabel", [[], [], []], LabelsError, "no label"),
        ("regresion", [1, 2, 3], ParamsError, "Did you mean 'regression'"),
    ],
)
def test_bad_labels_are_named(task, labels, error, words):
    with pytest.raises(error, match=words):
        score_labels(np.eye(3), labels, task=task)
