"""Hugging Face datasets saved to disk: as pyarrow lays them out, and as the library writes them."""

import hashlib
import io
import json
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from cgaudit.dataset import open_source
from cgaudit.dataset.tables import SavedDataset
from cgaudit.errors import ColumnError, TableError
from cgaudit.params import SourceParams
from cgaudit.results.table import read_scores

NAMES = ["cat", "dog"]
FEATURES = {
    "image": {"_type": "Image"},
    "label": {"names": NAMES, "_type": "ClassLabel"},
    "id": {"dtype": "string", "_type": "Value"},
}


def opened(path, **params):
    return open_source(SourceParams(path=str(path), **params))


def png(value):
    buffer = io.BytesIO()
    Image.fromarray(np.full((6, 6), value, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def saved(folder, table, features=FEATURES, files=1, batch=3):
    """Lay out a table as ``Dataset.save_to_disk`` does: streams of small batches, listed."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = json.dumps({"info": {"features": features}})
    table = table.replace_schema_metadata({"huggingface": facts})
    names = [f"data-{i:05}-of-{files:05}.arrow" for i in range(files)]
    for i, name in enumerate(names):
        first, last = i * len(table) // files, (i + 1) * len(table) // files
        path = str(folder / name)
        with pa.OSFile(path, "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
            writer.write_table(table.slice(first, last - first), max_chunksize=batch)
    state = {"_data_files": [{"filename": name} for name in names], "_split": None}
    (folder / "state.json").write_text(json.dumps(state))
    (folder / "dataset_info.json").write_text(json.dumps({"features": features}))
    return folder


def pictures(start, stop):
    return pa.table(
        {
            "image": [{"bytes": png(i), "path": None} for i in range(start, stop)],
            "label": [i % 2 for i in range(start, stop)],
            "id": [f"{i:03}" for i in range(start, stop)],
        }
    )


def both_splits(folder):
    saved(folder / "train", pictures(0, 7), files=2)
    saved(folder / "test", pictures(7, 11))
    (folder / "dataset_dict.json").write_text(json.dumps({"splits": ["train", "test"]}))
    return folder


def test_pictures_over_several_files(tmp_path):
    source = opened(saved(tmp_path / "data", pictures(0, 20), files=3))
    samples, skipped = source.samples()
    assert skipped.empty
    assert source.kind == "images"
    assert source.notes[0] == f"{tmp_path / 'data'} is a Hugging Face dataset saved to disk"
    by_row = samples.sort_values("id")
    assert by_row["path"].tolist() == [str(i) for i in range(20)]
    assert by_row["folder_label"].tolist() == NAMES * 10
    hashes = [hashlib.md5(png(i)).hexdigest() for i in range(20)]
    assert by_row["content_hash"].tolist() == hashes
    for row in (0, 7, 13, 19):
        assert source.picture(str(row)).getpixel((2, 2)) == (row, row, row)
    loaded = {loader.path: loader.load() for loader in source.loaders(["17", "3"])}
    assert {path: image.getpixel((0, 0))[0] for path, image in loaded.items()} == {"3": 3, "17": 17}


@pytest.mark.parametrize("start", range(12))
def test_any_row_can_be_the_first(tmp_path, start):
    table = SavedDataset(both_splits(tmp_path))
    rows = [(f"{i:03}", "train" if i < 7 else "test") for i in range(11)]
    assert list(table.rows(["id", "split"], start)) == rows[start:]
    assert len(table) == 11


def test_splits_become_a_column(tmp_path):
    source = opened(both_splits(tmp_path))
    samples, _ = source.samples()
    assert "splits train, test" in source.notes[0]
    split_of = dict(zip(samples["id"], samples["split"], strict=True))
    assert split_of == {f"{i:03}": "train" if i < 7 else "test" for i in range(11)}


def test_texts_and_vectors(tmp_path):
    texts = pa.table(
        {"text": [f"What is question {i} about?" for i in range(6)], "label": [0, -1] * 3}
    )
    features = {"label": {"names": ["a"], "_type": "ClassLabel"}}
    source = opened(saved(tmp_path / "texts", texts, features))
    assert source.kind == "text"
    assert source.samples()[0]["folder_label"].tolist() == ["a", None] * 3
    vectors = pa.table({"embedding": [[float(i), 1.0] for i in range(6)], "label": ["x", "y"] * 3})
    source = opened(saved(tmp_path / "vectors", vectors, {}, files=2))
    assert source.kind == "features"
    [loader] = source.loaders(["4"])
    np.testing.assert_array_equal(loader.load(), [4, 1])


def test_sounds_are_no_pictures(tmp_path):
    table = pictures(0, 4).rename_columns(["audio", "label", "id"])
    features = {"audio": {"_type": "Audio"}, "label": FEATURES["label"]}
    with pytest.raises(ColumnError, match="feature"):
        opened(saved(tmp_path / "sounds", table, features))


def test_large_batches_are_read_in_slices(tmp_path):
    big = [np.random.default_rng(i).bytes(3 << 20) for i in range(12)]
    table = pa.table({"image": big, "label": ["a"] * 12})
    read = SavedDataset(saved(tmp_path / "data", table, {}, batch=12))
    sizes = [batch.num_rows for batch in read.batches(["image"])]
    assert sum(sizes) == 12
    assert max(sizes) <= 16 / 3


# --- damaged, or made to harm ---


def rewritten(file, **changes):
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def cut(file):
    file.write_bytes(file.read_bytes()[:-200])


def listing(name):
    return lambda folder: rewritten(folder / "state.json", _data_files=[{"filename": name}])


BAD = {
    "climbs": (listing("../other.arrow"), "no name of a file beside it"),
    "absolute": (listing("/etc/passwd"), "no name of a file beside it"),
    "no name": (listing(7), "no name of a file beside it"),
    "gone": (listing("other.arrow"), "no readable Arrow stream"),
    "none": (lambda f: rewritten(f / "state.json", _data_files=[]), "no data files"),
    "no list": (lambda f: rewritten(f / "state.json", _data_files=3), "lists no data files"),
    "json": (lambda f: (f / "state.json").write_text("{"), "cannot be read"),
    "cut off": (lambda f: cut(f / "data-00000-of-00001.arrow"), "no readable Arrow stream"),
    "indices": (
        lambda f: rewritten(f / "state.json", _indices_data_files=[{"filename": "i.arrow"}]),
        "flatten_indices",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_folders(tmp_path, case):
    folder = saved(tmp_path / "data", pictures(0, 6))
    harm, words = BAD[case]
    harm(folder)
    with pytest.raises(TableError, match=words):
        opened(folder)


def test_a_link_that_leaves_the_folder(tmp_path):
    folder = saved(tmp_path / "data", pictures(0, 6))
    file = folder / "data-00000-of-00001.arrow"
    file.rename(tmp_path / "elsewhere.arrow")
    file.symlink_to(tmp_path / "elsewhere.arrow")
    with pytest.raises(TableError, match="a link that leaves the source"):
        opened(folder)


def test_splits_that_climb_or_differ(tmp_path):
    folder = both_splits(tmp_path / "data")
    rewritten(folder / "dataset_dict.json", splits=["train", ".."])
    with pytest.raises(TableError, match="no name of a file beside it"):
        opened(folder)
    rewritten(folder / "dataset_dict.json", splits=["train", "test"])
    other = {**FEATURES, "label": {"names": NAMES[::-1], "_type": "ClassLabel"}}
    saved(folder / "test", pictures(7, 11), other)
    with pytest.raises(TableError, match="has other features than"):
        opened(folder)


def test_offsets_that_lie_are_found_before_they_are_used(tmp_path):
    words = [f"{'word ' * 6}{i}" for i in range(6)]
    folder = saved(tmp_path / "data", pa.table({"text": words, "label": ["a", "b"] * 3}), batch=6)
    file = folder / "data-00000-of-00001.arrow"
    ends = np.cumsum([0, *map(len, words)]).astype(np.int32)
    data = file.read_bytes()
    assert data.count(ends.tobytes()) == 1
    ends[3] = 1 << 30
    at = data.index(ends[:3].tobytes())
    file.write_bytes(data[:at] + ends.tobytes() + data[at + ends.nbytes :])
    with pytest.raises(TableError, match="is damaged"):
        opened(folder).samples()


# --- as the library itself writes them, and through the command line ---


def test_as_the_datasets_library_writes_them(tmp_path):
    datasets = pytest.importorskip("datasets", reason="the package datasets is not installed")
    features = datasets.Features(
        {
            "image": datasets.Image(),
            "label": datasets.ClassLabel(names=NAMES),
            "id": datasets.Value("string"),
        }
    )
    rows = {
        "image": [Image.open(io.BytesIO(png(i))) for i in range(20)],
        "label": [i % 2 for i in range(20)],
        "id": [f"{i:03}" for i in range(20)],
    }
    whole = datasets.Dataset.from_dict(rows, features=features)
    shuffled = whole.select(range(15)).shuffle(seed=3)
    parts = {"train": shuffled, "test": whole.select(range(15, 20))}
    datasets.DatasetDict(parts).save_to_disk(tmp_path / "both", num_shards={"train": 2, "test": 1})
    samples, skipped = opened(tmp_path / "both").samples()
    assert skipped.empty
    split_of = dict(zip(samples["id"], samples["split"], strict=True))
    assert split_of == {f"{i:03}": "train" if i < 15 else "test" for i in range(20)}
    label_of = dict(zip(samples["id"], samples["folder_label"], strict=True))
    assert label_of == {f"{i:03}": NAMES[i % 2] for i in range(20)}
    source = opened(tmp_path / "both")
    for path, sample in zip(samples["path"], samples["id"], strict=True):
        assert source.picture(path).getpixel((0, 0))[0] == int(sample)


def test_the_command_audits_it(tmp_path):
    images, labels = load_digits(n_class=3, return_X_y=True)
    cells, given = [], labels[:120].copy()
    for pixels in images[:120]:
        buffer = io.BytesIO()
        Image.fromarray((pixels.reshape(8, 8) * 15).astype(np.uint8)).save(buffer, "PNG")
        cells.append({"bytes": buffer.getvalue(), "path": None})
    given[11] = (given[11] + 1) % 3
    names = {"label": {"names": ["zero", "one", "two"], "_type": "ClassLabel"}}
    saved(tmp_path / "data", pa.table({"image": cells, "label": given}), names, files=2, batch=25)
    done = subprocess.run(
        [sys.executable, "-m", "cgaudit", "audit", "data", "--out", "out"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "is a Hugging Face dataset saved to disk" in done.stderr
    worst = read_scores(tmp_path / "out/scores.parquet").table.nsmallest(1, "label_score").iloc[0]
    assert worst["id"] == "11"
    assert worst["predicted_label"] == ["zero", "one", "two"][labels[11]]
    assert "data:image/" in (tmp_path / "out/index.html").read_text()
