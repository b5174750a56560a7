"""The text featurizer against a slow twin, and on real questions."""

import math
import zlib

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from cgaudit import score_labels
from cgaudit.dataset import join_labels, open_source
from cgaudit.errors import FeaturizerError
from cgaudit.featurize import create_featurizer, featurize, fit_featurizer
from cgaudit.params import SourceParams

TEXTS = [
    "The card has not arrived.", "Where is my card?", "Top up failed", "Why did my top-up fail",
    "Exchange rate, please!", "What is the exchange rate?", "Ümlaut und ﬁ-Ligatur", "日本語の文",
]  # fmt: skip


class Texts(list):
    """Texts as the data to fit on."""

    def map(self, work, limit=None):
        return map(work, self[:limit])


def fitted(texts=TEXTS, **options):
    featurizer = create_featurizer("text", {"components": 5, "columns": 512, **options})
    featurizer.fit(Texts(texts), seed=1)
    return featurizer


def vectors(featurizer, texts):
    return featurizer.transform([featurizer.prepare(text) for text in texts])


def slow_vector(words, state, columns):
    """One text's vector from its words: n-grams one by one, a dense row, a product."""
    grams = [" ".join(words[i : i + n]) for n in (1, 2) for i in range(len(words) - n + 1)]
    for word in words:
        framed = "\x02" + word + "\x03"
        grams += ["\x01" + framed[i : i + n] for n in (2, 3, 4) for i in range(len(framed) - n + 1)]
    row = np.zeros(columns)
    for gram in grams:
        row[zlib.crc32(gram.encode()) % columns] += 1
    row = np.array([(1 + math.log(count)) if count else 0 for count in row]) * state["idf"]
    return (row / np.linalg.norm(row)) @ state["directions"].astype(np.float64)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Where is my CARD?", ["where", "is", "my", "card"]),
        ("  ﬁne—ﬁne, ÄÖ_1 ", ["fine", "fine", "äö_1"]),
        ("?! :-)", ["?!", ":-)"]),
    ],
)
def test_slow_twin(text, words):
    featurizer = fitted()
    expected = slow_vector(words, featurizer.state, 512)
    np.testing.assert_allclose(vectors(featurizer, [text])[0], expected, rtol=1e-4, atol=1e-6)


def test_idf_counts_texts():
    featurizer = fitted(["a b", "a c", "a a"], words=[1], characters=[])
    idf = featurizer.state["idf"]
    at = {word: zlib.crc32(word.encode()) % 512 for word in "abc"}
    assert idf[at["a"]] == pytest.approx(1)
    assert idf[at["b"]] == pytest.approx(math.log(4 / 2) + 1)


def test_directions_are_the_singular_vectors():
    featurizer = fitted(components=8)
    directions = featurizer.state["directions"].astype(np.float64)
    np.testing.assert_allclose(directions.T @ directions, np.eye(directions.shape[1]), atol=5e-3)
    rows = vectors(featurizer, TEXTS)
    gram = rows @ rows.T
    # All components of all fitted texts: nothing is lost, so every text keeps its length 1.
    np.testing.assert_allclose(np.diag(gram), 1, atol=5e-3)


def test_a_vector_depends_on_its_text_alone():
    featurizer = fitted()
    together = vectors(featurizer, TEXTS)
    alone = np.concatenate([vectors(featurizer, [text]) for text in TEXTS])
    assert alone.tobytes() == together.tobytes()
    assert vectors(featurizer, ["WHERE is my card"])[0].tolist() == together[1].tolist()


def test_odd_texts():
    odd = ["\x00", "a" * 100_000, "🙂", "\n\t x", "unseen words only"]
    found = vectors(fitted(), odd)
    assert np.isfinite(found).all()
    assert (
        vectors(fitted(longest=1), ["card a"]).tolist()
        == vectors(fitted(longest=1), ["c"]).tolist()
    )


def test_one_text():
    assert vectors(fitted(["only one"]), ["only one"]).shape == (1, 1)


@pytest.mark.parametrize("options", [{"columns": 0}, {"words": [], "characters": []}, {"words": 1}])
def test_options(options):
    with pytest.raises(FeaturizerError, match="cannot use these options"):
        create_featurizer("text", options)


@pytest.mark.slow
def test_flipped_labels_of_banking77_come_first(shared_data, tmp_path):
    source = open_source(SourceParams(path=str(shared_data / "banking77" / "train.csv")))
    featurizer = create_featurizer("auto", kind=source.kind)
    fit_featurizer(source, featurizer, source.samples()[0])
    done = featurize(source, featurizer, tmp_path / "f", recipe=1)
    table = join_labels(done.samples).table.iloc[::4]
    rng = np.random.default_rng(0)
    classes, codes = np.unique(table["label"].to_numpy(dtype=str), return_inverse=True)
    wrong = rng.random(len(codes)) < 0.1
    codes[wrong] = (codes[wrong] + rng.integers(1, len(classes), wrong.sum())) % len(classes)
    scores = score_labels(done.store.take(table["content_hash"].tolist()), classes[codes])
    assert roc_auc_score(wrong, -scores.label_score) > 0.985
