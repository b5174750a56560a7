"""The scores against refitting, against the authors' program, and on bad input."""

from __future__ import annotations

import naive
import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits, load_wine
from where import DEVICE

from cgaudit import score_labels
from cgaudit.errors import FeatureError, LabelsError
from cgaudit.score.flags import lowest
from cgaudit.solve import SingularKernelError


@pytest.fixture(scope="module")
def wine():
    features, labels = load_wine(return_X_y=True)
    return ((features - features.mean(0)) / features.std(0))[::2], labels[::2]


@pytest.fixture(scope="module")
def digits():
    features, labels = load_digits(return_X_y=True)
    return features[:200], labels[:200]


def least_squares(features, labels, **options):
    """Scores whose probabilities come from the predictions that the slow twin has too."""
    options = {"likelihood": "gaussian", "precision": "float64", "device": DEVICE} | options
    return score_labels(features, labels, **options)


@pytest.mark.parametrize("ridge", [0.0, 0.1])
@pytest.mark.parametrize("data", ["wine", "digits"])
def test_scores_are_those_of_refitting_without_each_sample(data, ridge, request):
    features, labels = request.getfixturevalue(data)
    result = least_squares(features, labels, ridge=ridge)
    cg_score, predicted = naive.refit(features, labels, ridge)
    np.testing.assert_allclose(result.cg_score, cg_score, rtol=1e-8, atol=1e-10)
    own = labels[:, None] == result.classes
    other = np.where(own, -np.inf, predicted).max(axis=1)
    np.testing.assert_allclose(result.margin, other - predicted[own], rtol=1e-8, atol=1e-10)
    np.testing.assert_array_equal(result.predicted_label, result.classes[predicted.argmax(axis=1)])


def test_probabilities_are_the_softmax_at_the_best_temperature(wine):
    features, labels = wine
    result = least_squares(features, labels)
    _, predicted = naive.refit(features, labels, ridge=0.1)
    own = labels[:, None] == result.classes

    def loss(temperature):
        scaled = temperature * predicted
        return (np.log(np.exp(scaled).sum(axis=1)) - scaled[own]).mean()

    tried = [loss(result.temperature * factor) for factor in (0.9, 1.0, 1.1)]
    assert tried[1] == min(tried)
    p = np.exp(result.temperature * predicted)
    p /= p.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(result.label_score, p[own], rtol=1e-8)
    np.testing.assert_allclose(result.top_scores, -np.sort(-p, axis=1), rtol=1e-8)


def test_flags_follow_confident_learning(digits):
    features, labels = digits
    labels = labels.copy()
    labels[::20] = (labels[::20] + 3) % 10
    result = least_squares(features, labels, issue_rule="confident_learning")
    _, predicted = naive.refit(features, labels, ridge=0.1)
    p = np.exp(result.temperature * predicted)
    p /= p.sum(axis=1, keepdims=True)
    thresholds = np.array([p[labels == c, c].mean() for c in range(10)])
    confident = np.where(p >= thresholds, p, -1)
    chosen = np.where(confident.max(axis=1) > 0, confident.argmax(axis=1), labels)
    expected = (chosen != labels) & (p.argmax(axis=1) != labels)
    np.testing.assert_array_equal(result.is_label_issue, expected)
    assert result.is_label_issue[::20].mean() > 0.8


@pytest.mark.parametrize("name", ["digits-300", "breast-cancer-240"])
def test_agrees_with_the_authors_program(name, shared_data):
    reference = np.load(shared_data / "reference" / f"{name}.npz")
    result = score_labels(
        reference["features"], reference["labels"], ridge=0, precision="float64", device=DEVICE
    )
    np.testing.assert_allclose(result.cg_score, reference["cg_one_vs_rest"], rtol=1e-5, atol=1e-6)


def test_ranked_flags_are_as_many_with_the_lowest_score_among_those_that_differ(digits):
    features, labels = digits
    labels = labels.copy()
    labels[::9] = (labels[::9] + 3) % 10
    counted = score_labels(features, labels, issue_rule="confident_learning", device=DEVICE)
    found = score_labels(features, labels, probabilities=True, device=DEVICE)
    n = int(counted.is_label_issue.sum())
    assert 5 < n < (found.predicted_label != labels).sum()
    own = found.probabilities[np.arange(len(labels)), labels]
    differs = np.flatnonzero(found.probabilities.argmax(axis=1) != labels)
    expected = differs[np.argsort(own[differs])[:n]]
    assert set(np.flatnonzero(found.is_label_issue)) == set(expected)


def test_ranked_flags_do_not_depend_on_the_order_of_the_samples(digits):
    features, labels = digits
    labels = labels.copy()
    labels[::9] = (labels[::9] + 3) % 10
    order = np.random.default_rng(0).permutation(len(labels))
    options = {"precision": "float64", "device": DEVICE}
    plain = score_labels(features, labels, **options)
    moved = score_labels(features[order], labels[order], **options)
    assert plain.is_label_issue.any()
    np.testing.assert_array_equal(moved.is_label_issue, plain.is_label_issue[order])


def test_what_ties_with_the_last_is_flagged_too():
    values = torch.tensor([0.3, 0.1, 0.2, 0.2, 0.0, 0.2])
    among = torch.tensor([True, True, True, True, False, False])
    assert lowest(values, among, 2).tolist() == [False, True, True, True, False, False]
    assert lowest(values, among, 1).tolist() == [False, True, False, False, False, False]
    assert not lowest(values, among, 0).any()
    assert not lowest(values, torch.zeros_like(among), 0).any()


def test_stricter_flags_are_some_of_those(digits):
    features, labels = digits
    labels = labels.copy()
    labels[::9] = (labels[::9] + 3) % 10
    loose = score_labels(features, labels, device=DEVICE)
    strict = score_labels(features, labels, strictness=0.6, device=DEVICE)
    wide = loose.top_scores[:, 0] - loose.label_score >= 0.6
    assert 0 < (loose.is_label_issue & wide).sum() < loose.is_label_issue.sum()
    np.testing.assert_array_equal(strict.is_label_issue, loose.is_label_issue & wide)


@pytest.mark.parametrize("options", [{"ridge": 0.0}, {"method": "sampled"}])
def test_both_is_least_squares_where_there_is_no_softmax_and_says_so(wine, options):
    features, labels = wine
    found = score_labels(features, labels, device=DEVICE, **options)
    plain = score_labels(features, labels, device=DEVICE, likelihood="gaussian", **options)
    assert found.likelihood == "gaussian"
    np.testing.assert_array_equal(found.label_score, plain.label_score)
    assert score_labels(features, labels, device=DEVICE).likelihood == "both"


def test_a_label_has_no_say_in_its_own_prediction(digits):
    features, labels = digits
    flipped = labels.copy()
    flipped[7] = (labels[7] + 1) % 10
    before = least_squares(features, labels)
    after = least_squares(features, flipped)
    assert after.predicted_label[7] == before.predicted_label[7]
    _, was = naive.refit(features, labels, ridge=0.1)
    _, now = naive.refit(features, flipped, ridge=0.1)
    np.testing.assert_allclose(was[7], now[7], atol=1e-12)
    np.testing.assert_array_equal(after.top_labels[7], before.top_labels[7])


def test_float32_agrees_with_float64(digits):
    single = score_labels(*digits, precision="float32", device=DEVICE)
    double = score_labels(*digits, precision="float64", device=DEVICE)
    assert single.label_score.dtype == np.float32
    np.testing.assert_allclose(single.cg_score, double.cg_score, rtol=2e-3, atol=1e-4)
    np.testing.assert_allclose(single.label_score, double.label_score, atol=1e-3)


def test_chunks_of_classes_give_the_same_as_all_at_once(digits, monkeypatch):
    whole = score_labels(*digits, precision="float64", device=DEVICE)
    monkeypatch.setattr("cgaudit.score.predictions.KEEP_BYTES", 0)
    monkeypatch.setattr("cgaudit.score.predictions.CHUNK_BYTES", 200 * 8 * 3)
    chunked = score_labels(*digits, precision="float64", device=DEVICE)
    np.testing.assert_allclose(chunked.label_score, whole.label_score, rtol=1e-10)
    np.testing.assert_array_equal(chunked.is_label_issue, whole.is_label_issue)
    np.testing.assert_array_equal(chunked.top_labels, whole.top_labels)
    np.testing.assert_allclose(chunked.complexity, whole.complexity, rtol=1e-10)


def test_unlabelled_samples_get_a_suggestion_and_no_score(digits):
    features, labels = digits
    texts = [str(label) for label in labels]
    texts[3] = ""
    texts[9] = None
    result = least_squares(features, texts)
    assert result.given_label[3] is None
    assert np.isnan(result.label_score[[3, 9]]).all()
    assert not result.is_label_issue[[3, 9]].any()
    np.testing.assert_array_equal(result.predicted_label[[3, 9]], [str(labels[3]), str(labels[9])])
    rest = np.ones(len(texts), dtype=bool)
    rest[[3, 9]] = False
    alone = score_labels(features[rest], labels[rest], precision="float64", device=DEVICE)
    np.testing.assert_allclose(result.cg_score[rest], alone.cg_score, rtol=1e-12)


def test_labels_keep_their_type_and_text(wine):
    features, labels = wine
    numbers = score_labels(features, labels, device=DEVICE)
    assert numbers.predicted_label.dtype.kind == "i"
    odd = np.array(["00006", "NA", "<b>é</b>"])[labels]
    texts = score_labels(features, odd, device=DEVICE)
    assert set(texts.predicted_label) == {"00006", "NA", "<b>é</b>"}


def test_two_classes_mirror_each_other(shared_data):
    reference = np.load(shared_data / "reference" / "breast-cancer-240.npz")
    result = score_labels(reference["features"], reference["labels"], device=DEVICE)
    np.testing.assert_allclose(result.class_complexity[0], result.class_complexity[1], rtol=1e-6)
    np.testing.assert_allclose(result.top_scores.sum(axis=1), 1, rtol=1e-5)


def test_duplicates_with_conflicting_labels(digits):
    features, labels = digits
    features = np.concatenate([features, features[:1]])
    labels = np.append(labels, (labels[0] + 1) % 10)
    with pytest.raises(SingularKernelError, match=r"0 and 200.*ridge"):
        score_labels(features, labels, ridge=0, precision="float64", device=DEVICE)
    partly = [None if row == 5 else str(label) for row, label in enumerate(labels)]
    with pytest.raises(SingularKernelError, match=r"0 and 200"):
        score_labels(features, partly, ridge=0, precision="float64", device=DEVICE)
    result = score_labels(features, labels, ridge=0.1, device=DEVICE)
    cg_score, _ = naive.refit(features, labels, ridge=0.1)
    np.testing.assert_allclose(result.cg_score[[0, 200]], cg_score[[0, 200]], rtol=1e-3)
    assert result.margin[200] > 0


def test_a_zero_row_is_like_no_other_and_never_flagged(digits):
    features, labels = digits
    features = features.copy()
    features[5] = 0
    result = score_labels(features, labels, device=DEVICE)
    assert not result.is_label_issue[5]
    assert result.predicted_label[5] == labels[5]
    assert result.margin[5] == pytest.approx(0, abs=1e-6)
    assert any("all zero" in warning and "'5'" in warning for warning in result.warnings)


def test_a_class_of_one_is_never_flagged(wine):
    features, labels = wine
    labels = labels.copy()
    labels[10] = 77
    result = score_labels(features, labels, device=DEVICE)
    assert not result.is_label_issue[10]
    assert any("'77'" in warning for warning in result.warnings)


def test_one_sample_per_class():
    features = np.random.default_rng(0).standard_normal((12, 5))
    result = score_labels(features, np.arange(12), device=DEVICE)
    assert not result.is_label_issue.any()
    assert np.isfinite(result.label_score).all()


@pytest.mark.parametrize(("classes", "likelihood"), [(40, "both"), (1000, "gaussian")])
def test_softmax_is_left_out_where_it_would_take_much_longer_than_the_scores(classes, likelihood):
    rng = np.random.default_rng(0)
    labels = np.arange(3000) % classes
    features = rng.standard_normal((classes, 16))[labels] + 0.1 * rng.standard_normal((3000, 16))
    assert score_labels(features, labels, device=DEVICE).likelihood == likelihood


@pytest.mark.slow
def test_five_thousand_classes():
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((5_000, 32))
    labels = np.arange(10_500) % 5_000
    features = centres[labels] + 0.1 * rng.standard_normal((10_500, 32))
    labels[0] = 400
    result = score_labels(features, labels, device=DEVICE)
    assert len(result.classes) == 5_000
    assert result.likelihood == "gaussian"
    assert result.is_label_issue[0]
    assert (result.predicted_label[1:] == labels[1:]).mean() > 0.95


@pytest.mark.parametrize("strictness", [0.0, 0.5, 1.0])
def test_strictness_only_removes_flags(digits, strictness):
    features, labels = digits
    labels = np.roll(labels, 3) if strictness > 1 else labels.copy()
    labels[::15] = (labels[::15] + 1) % 10
    loose = score_labels(features, labels, device=DEVICE)
    strict = score_labels(features, labels, device=DEVICE, strictness=strictness)
    assert not (strict.is_label_issue & ~loose.is_label_issue).any()
    difference = strict.top_scores[:, 0] - strict.label_score
    assert (difference[strict.is_label_issue] >= strictness).all()


@pytest.mark.parametrize(
    ("features", "labels", "error", "words"),
    [
        (np.ones((3, 2)), ["a", "a", "a"], LabelsError, "at least two classes; found only 'a'"),
        (np.ones((3, 2)), [None, "", float("nan")], LabelsError, "no label at all"),
        (np.ones((3, 2)), ["a", "b"], LabelsError, "3 rows of features but 2 labels"),
        (np.ones((3, 2)), ["a", 1, "b"], LabelsError, "one type; found int, str"),
        (np.empty((0, 2)), [], FeatureError, "n rows × d columns"),
        (np.ones(3), ["a", "b", "a"], FeatureError, "n rows × d columns"),
        (np.array([["x"], ["y"]]), ["a", "b"], FeatureError, "real numbers"),
        (np.array([[1.0], [np.nan]]), ["a", "b"], FeatureError, "nan at row 1, column 0"),
        (np.array([[1.0, np.inf], [1, 2]]), ["a", "b"], FeatureError, "inf at row 0, column 1"),
    ],
)
def test_bad_input_is_named(features, labels, error, words):
    with pytest.raises(error, match=words):
        score_labels(features, labels, device=DEVICE)


def test_classes_that_are_spellings_of_one_are_warned_of(wine):
    features, labels = wine
    names = np.array(["a", "b", "c"], dtype=object)[labels]
    assert not [text for text in score_labels(features, names).warnings if "differ only" in text]
    names[0] = names[0] + "\u200b"
    (warning,) = [text for text in score_labels(features, names).warnings if "differ only" in text]
    assert "'a\\u200b' (1)" in warning
