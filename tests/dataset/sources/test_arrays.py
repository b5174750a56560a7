"""Features that somebody computed, from .npy, .npz and Parquet."""

import hashlib
import pickle

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cgaudit.dataset import join_labels, open_source
from cgaudit.errors import ColumnError, FeatureError, LabelsError, SourceError
from cgaudit.params import SourceParams

X = np.arange(24, dtype=np.float32).reshape(12, 2) / 7


def opened(path, **params):
    return open_source(SourceParams(path=str(path), **params))


def loaded(source):
    samples, skipped = source.samples()
    assert skipped.empty
    assert source.kind == "features"
    assert source.picture("0") is None
    rows = {loader.path: loader.load() for loader in source.loaders(samples["path"].tolist())}
    return samples, np.stack([rows[str(i)] for i in range(len(rows))])


def save(path, **arrays):
    np.savez(path, **arrays)
    return path


def test_npz_with_labels_and_ids(tmp_path):
    ids = np.array([f"{i:05}" for i in range(12)])
    path = save(tmp_path / "f.npz", X=X, y=np.arange(12) % 3, ids=ids)
    source = opened(path)
    samples, rows = loaded(source)
    assert (rows == X).all()
    assert source.notes == [
        f"12 rows of 2 features in {path}, array 'X'",
        "labels: array 'y'",
        "ids: array 'ids'",
    ]
    assert samples["path"].tolist()[:4] == ["0", "1", "10", "11"]
    assert samples["folder_label"].tolist()[:4] == ["0", "1", "1", "2"]
    assert samples["content_hash"][2] == hashlib.md5(X[10].tobytes()).hexdigest()
    joined = join_labels(samples)
    assert joined.table["id"].tolist() == ids.tolist()
    assert joined.table["path"].tolist() == [str(i) for i in range(12)]


def test_byte_order_and_layout_do_not_change_the_hash(tmp_path):
    np.save(tmp_path / "a.npy", X)
    np.save(tmp_path / "b.npy", np.asfortranarray(X.astype(">f4")))
    a, b = (opened(tmp_path / name).samples()[0] for name in ("a.npy", "b.npy"))
    assert a["content_hash"].tolist() == b["content_hash"].tolist()


def test_a_label_edit_leaves_the_hashes_alone(tmp_path):
    one = opened(save(tmp_path / "a.npz", features=X, labels=np.zeros(12))).samples()[0]
    two = opened(save(tmp_path / "b.npz", features=X, labels=np.ones(12))).samples()[0]
    assert one["content_hash"].tolist() == two["content_hash"].tolist()
    assert set(two["folder_label"]) == {"1"}


def test_npy_is_mapped_not_read(tmp_path):
    np.save(tmp_path / "a.npy", X)
    source = opened(tmp_path / "a.npy")
    assert isinstance(source._vectors, np.memmap)
    assert (loaded(source)[1] == X).all()


def test_the_only_table_of_an_npz_is_taken(tmp_path):
    assert len(opened(save(tmp_path / "a.npz", whatever=X, y=np.zeros(12))).samples()[0]) == 12
    with pytest.raises(SourceError, match="its arrays are 'a', 'b'"):
        opened(save(tmp_path / "b.npz", a=X, b=X))


def with_bad(value, dtype=np.float32):
    bad = X.astype(dtype)
    bad[3, 1] = bad[5, 0] = value
    return bad


@pytest.mark.parametrize(
    ("array", "error", "message"),
    [
        (with_bad(np.nan), FeatureError, "row 3 column 1, row 5 column 0 "),
        (with_bad(np.inf), FeatureError, "row 3 column 1"),
        (with_bad(1e39, np.float64), FeatureError, "row 3 column 1"),
        (X[0], FeatureError, r"shape \(2,\)"),
        (X.reshape(3, 2, 2, 2), FeatureError, r"reshape\(len\(X\), -1\)"),
        (X.astype(str), FeatureError, "dtype <U"),
        (X.astype(complex), FeatureError, "dtype complex128"),
        (X[:0], FeatureError, "empty"),
        (X.astype(object), SourceError, "pickle"),
    ],
)
def test_features_that_are_none(tmp_path, array, error, message):
    np.save(tmp_path / "a.npy", array, allow_pickle=True)
    with pytest.raises(error, match=message):
        opened(tmp_path / "a.npy")


def test_no_pickle_is_ever_read(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (tmp_path.joinpath("boom").touch, ())

    (tmp_path / "a.npy").write_bytes(pickle.dumps(Bomb()))
    np.savez(tmp_path / "b.npz", X=np.array([Bomb()], dtype=object))
    for name in ("a.npy", "b.npz"):
        with pytest.raises(SourceError, match="pickle"):
            opened(tmp_path / name)
    assert not (tmp_path / "boom").exists()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 nonsense", b"\x93NUMPY\x01\x00"])
def test_damaged_files(tmp_path, data):
    for name in ("a.npy", "a.npz"):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(SourceError, match="cannot be read"):
            opened(tmp_path / name)


def test_labels_must_be_as_many_and_one_dimensional(tmp_path):
    with pytest.raises(FeatureError, match="12 rows of features but 11 of 'labels'"):
        opened(save(tmp_path / "a.npz", X=X, labels=np.zeros(11)))
    with pytest.raises(LabelsError, match=r"shape \(12, 3\)"):
        opened(save(tmp_path / "b.npz", X=X, labels=np.zeros((12, 3))))


# --- Parquet ---


def parquet(path, vectors, type_, **columns):
    column = pa.array([None if v is None else list(v) for v in vectors], type=type_)
    labels = {"label": ["x", "y"] * 6} if len(vectors) else {"label": pa.array([], pa.string())}
    pq.write_table(pa.table({**labels, **columns, "vec": column}), path, row_group_size=5)
    return path


@pytest.mark.parametrize("type_", [pa.list_(pa.float32()), pa.list_(pa.float32(), 2)])
def test_parquet_lists(tmp_path, type_):
    path = parquet(
        tmp_path / "f.parquet", X, type_, id=[f"{i:03}" for i in range(12)], label=[None, *"ab"] * 4
    )
    source = opened(path)
    samples, rows = loaded(source)
    assert (rows == X).all()
    assert samples["id"].tolist()[:3] == ["000", "001", "010"]
    assert samples["folder_label"].tolist()[:3] == [None, "a", "a"]
    assert samples["content_hash"][0] == hashlib.md5(X[0].tobytes()).hexdigest()
    assert "embedding column guessed: 'vec', the only column of lists of numbers" in source.notes
    some = [loader.path for loader in source.loaders(["11", "2"])]
    assert some == ["2", "11"]


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        ([*X[:6], [1.0], *X[7:]], "row 6 .* holds 1 numbers where others hold 2"),
        ([*X[:6], None, *X[7:]], "row 6 .* holds nothing"),
        ([*X[:6], [1.0, None], *X[7:]], "a value is missing in row 6"),
        ([*X[:6], [1.0, np.nan], *X[7:]], "row 6 column 1"),
    ],
)
def test_parquet_rows_that_do_not_fit(tmp_path, vectors, message):
    path = parquet(tmp_path / "f.parquet", vectors, pa.list_(pa.float32()))
    with pytest.raises(FeatureError, match=message):
        opened(path)


def test_parquet_columns(tmp_path):
    path = parquet(tmp_path / "f.parquet", X, pa.list_(pa.float32()), name=list("abcdefghijkl"))
    with pytest.raises(ColumnError, match="no column 'emb'"):
        opened(path, embedding_column="emb")
    with pytest.raises(FeatureError, match="holds no lists of numbers"):
        opened(path, embedding_column="name")
    with pytest.raises(ColumnError, match="no column 'klass'"):
        opened(path, label_column="klass")
    pq.write_table(pa.table({"name": ["a"], "label": ["x"]}), tmp_path / "g.parquet")
    with pytest.raises(ColumnError, match="looks like an embedding"):
        opened(tmp_path / "g.parquet", kind="features")
    parquet(tmp_path / "h.parquet", [], pa.list_(pa.float32()))
    with pytest.raises(SourceError, match="no rows"):
        opened(tmp_path / "h.parquet")


def test_reference_features(shared_data):
    samples, rows = loaded(opened(shared_data / "reference" / "digits-300.npz"))
    assert rows.shape == (300, 64)
    assert samples["folder_label"].nunique() == 10
