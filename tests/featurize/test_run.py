"""From a source to a feature store: content-addressed, resumable, and never half there."""

import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from cgaudit.dataset import Loader, join_labels, look_of, open_source
from cgaudit.errors import FeaturizerError, SourceError, StaleError
from cgaudit.featurize import (
    create_featurizer,
    featurize,
    fit_featurizer,
    load_state,
    open_store,
    save_state,
)
from cgaudit.featurize.batches import _batches
from cgaudit.featurize.embedding import Embedding
from cgaudit.params import SourceParams


def put(root, path, seed):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(seed).integers(0, 256, (8, 8), dtype=np.uint8)
    Image.fromarray(values).save(file)


@pytest.fixture
def data(tmp_path):
    root = tmp_path / "data"
    for i in range(10):
        put(root, f"{'cat' if i % 2 else 'dog'}/{i}.png", i)
    put(root, "dog/copy-of-1.png", 1)
    return root


def opened(root):
    return open_source(SourceParams(path=str(root)))


def run(root, out, name="pixels", how=None, **options):
    source = opened(root)
    featurizer = create_featurizer(name, how, kind=source.kind)
    fit_featurizer(source, featurizer, source.samples()[0])
    return featurize(source, featurizer, out, recipe=1, **options)


def test_store_holds_each_content_once(data, tmp_path):
    seen = []
    result = run(data, tmp_path / "f", progress=lambda done, total: seen.append((done, total)))
    assert result.store.vectors.shape == (10, 64)
    assert result.computed == 10
    assert len(result.samples) == 11
    assert seen[-1] == (10, 10)
    assert sorted(p.name for p in (tmp_path / "f").iterdir()) == [
        "content_hash.npy",
        "looks.npy",
        "meta.json",
        "vectors.npy",
    ]
    meta = json.loads((tmp_path / "f/meta.json").read_text())
    assert meta == {
        "featurizer": "pixels",
        "fingerprint": result.store.meta.fingerprint,
        "recipe": 1,
        "dim": 64,
    }
    picture = np.asarray(Image.open(data / "cat/3.png")).ravel() / 255
    vectors = result.store.take(result.samples["content_hash"].tolist())
    row = result.samples["path"].tolist().index("cat/3.png")
    np.testing.assert_allclose(vectors[row], picture, rtol=1e-6)
    assert isinstance(result.store.vectors, np.memmap)


def test_same_bytes_again_and_after_a_relabelling_by_move(data, tmp_path):
    run(data, tmp_path / "a")
    (data / "dog/0.png").rename(data / "cat/0.png")
    run(data, tmp_path / "b")
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()


def test_reuse_computes_only_what_is_new(data, tmp_path):
    source = opened(data)
    featurizer = create_featurizer("pixels")
    fit_featurizer(source, featurizer, source.samples()[0])
    first = featurize(source, featurizer, tmp_path / "a", recipe=1)
    put(data, "cat/new.png", 99)
    (data / "cat/1.png").unlink()
    (data / "dog/copy-of-1.png").unlink()
    second = featurize(opened(data), featurizer, tmp_path / "b", recipe=1, reuse=first.store)
    assert (second.computed, second.reused) == (1, 9)
    cold = featurize(opened(data), featurizer, tmp_path / "c", recipe=1)
    assert cold.computed == 10
    assert (cold.store.vectors == second.store.vectors).all()
    other = featurize(opened(data), featurizer, tmp_path / "d", recipe=2, reuse=first.store)
    assert (other.computed, other.reused) == (10, 0)


def test_how_pictures_look_is_kept_by_content(data, tmp_path):
    first = run(data, tmp_path / "a")
    assert first.store.looks.shape == (10, 5)
    picture = look_of(Image.open(data / "cat/3.png").convert("RGB"))
    row = first.samples.set_index("path").loc["cat/3.png", "content_hash"]
    expected = np.array(picture, dtype=np.float32)
    np.testing.assert_array_equal(first.store.looks[first.store.rows([row])[0]], expected)
    put(data, "cat/new.png", 99)
    (data / "cat/cut.png").write_bytes((data / "cat/3.png").read_bytes()[:60])
    again = run(data, tmp_path / "b", reuse=first.store)
    cold = run(data, tmp_path / "c")
    assert (again.computed, cold.computed) == (1, 11)
    np.testing.assert_array_equal(again.store.looks, cold.store.looks)
    # A store that does not know how pictures look is of no use.
    (tmp_path / "a/looks.npy").unlink()
    assert run(data, tmp_path / "d", reuse=open_store(tmp_path / "a")).reused == 0


def test_looks_that_no_picture_has_are_damage(data, tmp_path):
    run(data, tmp_path / "a")
    file = tmp_path / "a/looks.npy"
    good = np.load(file)
    for column, value in ((0, -1), (1, 256), (2, -0.1), (2, np.inf), (3, 0), (4, np.nan)):
        looks = good.copy()
        looks[4, column] = value
        np.save(file, looks)
        with pytest.raises(StaleError, match=r"looks.npy holds"):
            open_store(tmp_path / "a")
    for looks in (good[:-1], good[:, :-1], good.astype(np.float64)):
        np.save(file, looks)
        with pytest.raises(StaleError, match=r"looks.npy does not hold five numbers"):
            open_store(tmp_path / "a")


def test_bad_pictures_are_listed_with_every_path(data, tmp_path):
    whole = (data / "cat/3.png").read_bytes()
    (data / "cat/cut.png").write_bytes(whole[:60])
    (data / "dog/cut-too.png").write_bytes(whole[:60])
    (data / "dog/text.jpg").write_text("not a picture")
    (data / "dog/empty.jpg").touch()
    result = run(data, tmp_path / "f")
    assert result.skipped["id"].tolist() == [
        "cat/cut.png",
        "dog/cut-too.png",
        "dog/empty.jpg",
        "dog/text.jpg",
    ]
    assert len(result.samples) == 11
    assert len(result.store.hashes) == 10
    assert len(join_labels(result.samples).table) == 11
    with pytest.raises(SourceError, match="on_error is 'fail'"):
        run(data, tmp_path / "g", on_error="fail")
    assert not (tmp_path / "g").exists()


def test_nothing_readable_names_the_most_common_reason(tmp_path):
    (tmp_path / "data").mkdir()
    whole = io.BytesIO()
    Image.new("L", (64, 64)).save(whole, "BMP")
    cut = whole.getvalue()[:80]
    for name, content in {"a": b"text", "b": cut, "c": b"text too", "d": b"text"}.items():
        (tmp_path / f"data/{name}.png").write_bytes(content)
    source = opened(tmp_path / "data")
    message = r"None of the 4 samples of .*: 3 × not an image"
    with pytest.raises(SourceError, match=message):
        fit_featurizer(source, create_featurizer("pixels"), source.samples()[0])
    featurizer = create_featurizer("pixels")
    featurizer.state = {"side": np.array(8), "grey": np.array(True)}
    with pytest.raises(SourceError, match=message):
        featurize(source, featurizer, tmp_path / "f", recipe=1)
    assert [p.name for p in tmp_path.iterdir()] == ["data"]


def test_a_failure_leaves_the_old_store(data, tmp_path):
    first = run(data, tmp_path / "f")
    put(data, "cat/new.png", 99)

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(data, tmp_path / "f", progress=stop)
    again = open_store(tmp_path / "f")
    assert (again.hashes == first.store.hashes).all()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data", "f"]


def test_patches_have_the_same_bytes_warm_and_cold(data, tmp_path):
    featurizer = create_featurizer("patches", {"filters": 8, "components": 6})
    source = opened(data)
    fit_featurizer(source, featurizer, source.samples()[0])
    first = featurize(source, featurizer, tmp_path / "a", recipe=1)
    for i in range(3):
        put(data, f"cat/new-{i}.png", 90 + i)
    warm = featurize(opened(data), featurizer, tmp_path / "b", recipe=1, reuse=first.store)
    cold = featurize(opened(data), featurizer, tmp_path / "c", recipe=1, workers=1)
    assert (warm.computed, warm.reused, cold.computed) == (3, 10, 13)
    for file in (tmp_path / "b").iterdir():
        assert file.read_bytes() == (tmp_path / "c" / file.name).read_bytes()


def test_what_waits_in_memory_is_bounded_by_bytes_too():
    loaders = [Loader(str(i), None, size) for i, size in enumerate([1, 2, 40 << 20, 3, 4, 5])]
    sizes = [[loader.size for loader in batch] for batch in _batches(loaders, 2)]
    assert sizes == [[1, 2], [40 << 20], [3, 4], [5]]


def test_unreadable_rows_are_listed_under_their_own_id(tmp_path):
    picture = io.BytesIO()
    Image.new("L", (4, 4)).save(picture, "PNG")
    cells = [picture.getvalue(), b"not a picture"]
    table = pa.table({"id": ["x", "y"], "image": cells, "label": ["a", "b"]})
    pq.write_table(table, tmp_path / "p.parquet")
    result = run(tmp_path / "p.parquet", tmp_path / "f")
    assert result.skipped.to_numpy().tolist() == [["y", "not an image that can be read"]]
    assert join_labels(result.samples, unreadable=result.skipped).table["id"].tolist() == ["x"]


def test_given_features_are_brought_to_one_scale(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3000, 5)) * [1, 1000, 1e-3, 1, 1] + [0, 5000, 0, -7, 0]
    X[:, 4] = 3.7
    X[7, 0] = 1e4
    np.savez(tmp_path / "f.npz", X=X, y=np.arange(3000) % 2)
    result = run(tmp_path / "f.npz", tmp_path / "f", name="auto")
    vectors = result.store.take(result.samples["content_hash"].tolist())
    rows = result.samples["path"].astype(int).to_numpy()
    slow = (X - X.mean(axis=0)) / np.where(X.std(axis=0) > 1e-9, X.std(axis=0), np.inf)
    np.testing.assert_allclose(vectors, slow[rows].clip(-5, 5), atol=1e-3)
    assert result.store.meta.featurizer == "embedding"


def test_given_features_pass_through_on_request(tmp_path):
    X = np.random.default_rng(0).normal(size=(3000, 5)) * 100 + 7
    np.savez(tmp_path / "f.npz", X=X, y=np.arange(3000) % 2)
    how = {"standardise": False}
    result = run(tmp_path / "f.npz", tmp_path / "f", name="embedding", how=how)
    vectors = result.store.take(result.samples["content_hash"].tolist())
    rows = result.samples["path"].astype(int).to_numpy()
    assert (vectors == X[rows].astype(np.float32)).all()


def test_the_scale_of_given_features_is_frozen(tmp_path):
    X = np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32) * 3 + 7
    np.savez(tmp_path / "f.npz", X=X, y=np.arange(300) % 2)
    source = opened(tmp_path / "f.npz")
    first, again = create_featurizer("embedding"), create_featurizer("embedding")
    fit_featurizer(source, first, source.samples()[0])
    save_state(first, tmp_path / "state.npz", 2)
    load_state(again, tmp_path / "state.npz", 2)
    assert again.fingerprint(2) == first.fingerprint(2)
    np.testing.assert_array_equal(again.transform(X + 9), first.transform(X + 9))
    assert first.covered(X[0]) == 1
    assert first.covered(X[0] + 100) == 0
    with pytest.raises(FeaturizerError, match="vectors of 5 numbers, and there is one of 4"):
        first.prepare(X[0, :4])
    moved = create_featurizer("embedding")
    np.savez(tmp_path / "g.npz", X=X + 1, y=np.arange(300) % 2)
    other = opened(tmp_path / "g.npz")
    fit_featurizer(other, moved, other.samples()[0])
    assert moved.fingerprint(2) != first.fingerprint(2)


# --- the store ---


def test_missing_vectors_are_named(data, tmp_path):
    store = run(data, tmp_path / "f").store
    with pytest.raises(StaleError, match="1 of 2 samples have no features"):
        store.take([store.hashes[0].decode(), "f" * 32])
    assert store.find(["0" * 32]).tolist() == [-1]


@pytest.mark.parametrize("damage", ["missing", "cut", "dim", "unsorted", "meta", "dtype"])
def test_damaged_stores_are_refused(data, tmp_path, damage):
    run(data, tmp_path / "f")
    folder = tmp_path / "f"
    hashes = np.load(folder / "content_hash.npy")
    if damage == "missing":
        (folder / "vectors.npy").unlink()
    elif damage == "cut":
        np.save(folder / "content_hash.npy", hashes[:-1])
    elif damage == "unsorted":
        np.save(folder / "content_hash.npy", hashes[::-1])
    elif damage == "dtype":
        np.save(folder / "vectors.npy", np.zeros((10, 64)))
    else:
        meta = json.loads((folder / "meta.json").read_text())
        meta.update({"dim": 3} if damage == "dim" else {"extra": 1})
        (folder / "meta.json").write_text(json.dumps(meta))
    with pytest.raises(StaleError, match="cgaudit featurize"):
        open_store(folder)


# --- state ---


def test_state_round_trip(data, tmp_path):
    source = opened(data)
    featurizer = create_featurizer("patches", {"filters": 8, "components": 4})
    fit_featurizer(source, featurizer, source.samples()[0])
    save_state(featurizer, tmp_path / "s.npz", 1)
    save_state(featurizer, tmp_path / "t.npz", 1)
    assert (tmp_path / "s.npz").read_bytes() == (tmp_path / "t.npz").read_bytes()
    again = create_featurizer("patches", {"filters": 8, "components": 4})
    load_state(again, tmp_path / "s.npz", 1)
    assert again.fingerprint(1) == featurizer.fingerprint(1)


def test_a_wrong_state_is_refused(data, tmp_path):
    with pytest.raises(FeaturizerError, match="Run `cgaudit fit` once"):
        load_state(create_featurizer("pixels"), tmp_path / "none.npz", 1)
    with pytest.raises(FeaturizerError, match="Run `cgaudit fit` once"):
        featurize(opened(data), create_featurizer("pixels"), tmp_path / "f", recipe=1)
    (tmp_path / "bad.npz").write_bytes(b"PK nonsense")
    with pytest.raises(FeaturizerError, match="cannot be read as a featurizer's state"):
        load_state(create_featurizer("pixels"), tmp_path / "bad.npz", 1)
    source = opened(data)
    featurizer = create_featurizer("pixels")
    fit_featurizer(source, featurizer, source.samples()[0])
    save_state(featurizer, tmp_path / "s.npz", 1)
    for other, recipe in [(featurizer, 2), (create_featurizer("pixels", {"largest_side": 9}), 1)]:
        with pytest.raises(StaleError, match="Run `cgaudit fit --force`"):
            load_state(other, tmp_path / "s.npz", recipe)


def test_what_learns_nothing_needs_no_state(tmp_path):
    class Plain(Embedding):
        learns = False

    load_state(Plain(), tmp_path / "none.npz", 1)


def test_names():
    with pytest.raises(FeaturizerError, match="Did you mean 'patches'"):
        create_featurizer("patchs")
    with pytest.raises(FeaturizerError, match="reads features, and the source holds images"):
        create_featurizer("embedding", kind="images")
    assert create_featurizer("auto", kind="images").name == "patches"
    assert create_featurizer("auto", kind="features").name == "embedding"


def test_pixels_size_and_colour_come_from_the_data(tmp_path):
    for i, size in enumerate([(10, 10), (12, 12), (90, 100)]):
        (tmp_path / "c").mkdir(exist_ok=True)
        Image.new("RGB", size, (i, i, 50 * i)).save(tmp_path / f"c/{i}.png")
    source = opened(tmp_path)
    featurizer = create_featurizer("pixels")
    fit_featurizer(source, featurizer, source.samples()[0])
    assert int(featurizer.state["side"]) == 12
    assert not featurizer.state["grey"]
    result = featurize(source, featurizer, tmp_path / "f", recipe=1)
    assert result.store.vectors.shape == (3, 12 * 12 * 3)
