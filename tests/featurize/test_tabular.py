"""The tabular featurizer: numbers, categories, what is missing, what was never seen."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import roc_auc_score

from cgaudit import score_labels
from cgaudit.dataset import join_labels, open_source
from cgaudit.errors import FeaturizerError
from cgaudit.featurize import create_featurizer, featurize, fit_featurizer
from cgaudit.params import SourceParams
from cgaudit.results.reading import CATEGORY, NUMBER, ColumnReading


class Rows(list):
    """Rows as the data to fit on."""

    def map(self, work, limit=None):
        return map(work, self[:limit])


def fitted(rows, **options):
    featurizer = create_featurizer("tabular", options)
    featurizer.fit(Rows(rows), seed=0)
    return featurizer


def vectors(featurizer, rows):
    return featurizer.transform([featurizer.prepare(row) for row in rows])


def column(*cells):
    return [{"c": cell} for cell in cells]


def test_numbers_are_standardised_and_the_constant_is_as_long():
    rows = [{"a": str(i), "b": f"{1 - i / 3:.3e}", "same": "7"} for i in range(20)]
    found = vectors(fitted(rows), rows)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[:, :2].mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(found[:, :2].std(axis=0), 1, rtol=1e-4)
    assert (found[:, 2] == 0).all()
    np.testing.assert_allclose(found[:, 3], np.sqrt(3))


def test_numbers_are_clipped():
    featurizer = fitted(column("0", "1", "2"), clip=2)
    assert vectors(featurizer, column("1e9", "-inf"))[:, 0].tolist() == [2, 0]


@pytest.mark.parametrize("empty", [None, "NA", "?", "nan", " n/a "])
def test_missing_numbers_are_the_mean_and_say_so(empty):
    featurizer = fitted(column("1", "3", empty, "3", "1"))
    found = vectors(featurizer, column("3", "1", empty))
    np.testing.assert_allclose(found[:, 0], [1, -1, 0])
    assert found.shape == (3, 4)
    assert found[2, 2] > 0 > found[2, 1]
    assert found[0, 1:3].tolist() == found[1, 1:3].tolist()


def test_categories_weigh_as_much_as_a_number():
    cells = ["x"] * 50 + ["y"] * 30 + ["z"] * 15 + [None] * 5
    rows = column(*cells)
    found = vectors(fitted(rows), rows)[:, :-1]
    assert found.shape == (100, 5)
    np.testing.assert_allclose(found.var(axis=0).sum(), 1, rtol=1e-5)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-6)


def test_rare_and_unseen_categories_are_one():
    rows = column(*["x"] * 10, *["y"] * 9, "one", "two")
    featurizer = fitted(rows)
    one, two, unseen, known = vectors(featurizer, column("one", "two", "never", "x"))
    assert one.tolist() == two.tolist() == unseen.tolist() != known.tolist()


def test_a_column_of_names_says_nothing():
    rows = column(*[f"name {i}" for i in range(50)])
    found = vectors(fitted(rows), rows)
    assert (found[:, :-1] == 0).all()


def test_numbers_written_as_text_are_a_category_where_one_is_not_a_number():
    rows = column(*["1"] * 6, *["two"] * 6)
    assert vectors(fitted(rows), rows).shape == (12, 5)


@pytest.mark.parametrize("cell", ["<0.01", "#N/A", "error", "inf"])
def test_one_cell_that_is_no_number_does_not_take_the_column_away(cell):
    cells = [str(i) for i in range(40)]
    with_gap = vectors(fitted(column(*cells, cell)), column("3", "30", cell))
    np.testing.assert_array_equal(
        with_gap, vectors(fitted(column(*cells, None)), column("3", "30", None))
    )
    assert with_gap[1, 0] > with_gap[0, 0]


def test_numbers_as_people_write_them_are_those_numbers():
    plain = ["1234.5", "-3", "1000000", "12"]
    written = ["1.234,5 €", "−3 €", "1.000.000 €", "12,0 €"]
    found = vectors(fitted(column(*written)), column(*written))
    np.testing.assert_array_equal(found, vectors(fitted(column(*plain)), column(*plain)))


def test_how_columns_were_read_is_told_of_all_rows():
    rows = [
        {"a": str(i), "eur": f"{i},5", "kind": "xy"[i % 2], "name": f"n{i}", "same": "7"}
        for i in range(20)
    ]
    featurizer = fitted(rows)
    later = [*rows, {"a": "error", "eur": None, "kind": "z", "name": "n", "same": "7"}]
    a, eur, kind, name, same = featurizer.readings(Rows(later))
    assert a == ColumnReading("a", NUMBER, 21, n_unread=1, example="error")
    assert eur == ColumnReading("eur", NUMBER, 21, n_missing=1, why="with a decimal comma")
    assert kind == ColumnReading("kind", CATEGORY, 21, n_unread=1, n_categories=2)
    assert name == ColumnReading("name", CATEGORY, 21, n_unread=21, says_nothing=True)
    assert same == ColumnReading("same", NUMBER, 21, says_nothing=True)


def test_two_units_in_a_column_are_told():
    rows = column("$1", "$2", "3 €", "4 €")
    (reading,) = fitted(rows).readings(Rows(rows))
    assert reading.why == "in more than one unit ('$', '€')"


def test_other_columns_are_refused():
    featurizer = fitted([{"a": "1", "b": "2"}] * 3)
    with pytest.raises(FeaturizerError, match=r"gone since are 'b', new are 'c'.*cgaudit fit"):
        featurizer.prepare({"a": "1", "c": "2"})


def test_awkward_names_survive_the_state(tmp_path):
    rows = [{"<ü>\n": "a\x00", "": "1"}] * 6
    featurizer = fitted(rows)
    again = create_featurizer("tabular")
    again.state = {name: array.copy() for name, array in featurizer.state.items()}
    assert vectors(again, rows).tolist() == vectors(featurizer, rows).tolist()


@pytest.mark.parametrize("options", [{"rare": 0}, {"clip": 0}])
def test_options(options):
    with pytest.raises(FeaturizerError, match="cannot use these options"):
        create_featurizer("tabular", options)


def test_flipped_labels_of_breast_cancer_come_first(tmp_path):
    frame = load_breast_cancer(as_frame=True).frame
    wrong = np.random.default_rng(0).random(len(frame)) < 0.1
    frame["target"] ^= wrong
    frame.to_csv(tmp_path / "bc.csv", index=False)
    source = open_source(SourceParams(path=str(tmp_path / "bc.csv")))
    featurizer = create_featurizer("auto", kind=source.kind)
    fit_featurizer(source, featurizer, source.samples()[0])
    done = featurize(source, featurizer, tmp_path / "f", recipe=1)
    table = join_labels(done.samples).table
    scores = score_labels(
        done.store.take(table["content_hash"].tolist()), table["label"].to_numpy()
    )
    assert roc_auc_score(wrong[table["path"].astype(int)], -scores.label_score) > 0.98
