"""A feature store of many contents: its vectors in parts, by the hash of the content."""

import json

import numpy as np
import pytest
from PIL import Image

from cgaudit.dataset import open_source
from cgaudit.errors import StaleError
from cgaudit.featurize import create_featurizer, featurize, fit_featurizer, open_store
from cgaudit.featurize.vectorfile import VectorFiles
from cgaudit.params import SourceParams
from cgaudit.results import parts


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr(parts, "BLOCK", 16)
    monkeypatch.setattr(parts, "PART_ROWS", 8)


def pictures(root, count):
    root.mkdir(exist_ok=True)
    for number in range(count):
        values = np.random.default_rng(number).integers(0, 256, (4, 4), dtype=np.uint8)
        Image.fromarray(values).save(root / f"{number}.png")
    (root / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n no picture")
    return open_source(SourceParams(path=str(root)))


def made(tmp_path, count, name, reuse=None):
    featurizer, learned = create_featurizer("pixels"), pictures(tmp_path / "learned", 10)
    fit_featurizer(learned, featurizer, learned.samples()[0])
    source = pictures(tmp_path / "data", count)
    return featurize(source, featurizer, tmp_path / name, recipe=2, reuse=reuse)


def files(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_parts_hold_the_vectors_of_one_file(tmp_path, monkeypatch, request):
    whole = made(tmp_path, 60, "whole").store
    request.getfixturevalue("small_parts")
    parted = made(tmp_path, 60, "parts").store
    names = sorted(name for name in files(tmp_path / "parts") if name.startswith("vectors"))
    assert names == [f"vectors-{part:04}.npy" for part in range(8)]
    assert parted.meta.parts == 8
    hashes = whole.hashes[::-1].copy()
    np.testing.assert_array_equal(parted.take(hashes), whole.take(hashes))
    np.testing.assert_array_equal(parted.reading(hashes)[5:50], whole.reading(hashes)[5:50])
    for part in range(8):
        held = np.load(tmp_path / f"parts/vectors-{part:04}.npy")
        first = [int(name[:1], 16) // 2 for name in whole.hashes.astype(str)]
        assert len(held) == first.count(part)


@pytest.mark.usefixtures("small_parts")
def test_a_content_more_moves_its_part_alone(tmp_path):
    before = made(tmp_path, 60, "before").store
    after = made(tmp_path, 61, "after", reuse=before)
    assert (after.computed, after.reused) == (1, 60)
    was, now = files(tmp_path / "before"), files(tmp_path / "after")
    moved = {name for name in now if now[name] != was[name] and name.startswith("vectors")}
    assert len(moved) == 1
    cold = made(tmp_path, 61, "cold")
    assert files(tmp_path / "cold") == now
    assert cold.computed == 61


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("damage", ["missing", "cut", "width", "parts", "text", "many"])
def test_damaged_parts_are_refused(tmp_path, damage):
    made(tmp_path, 40, "f")
    folder = tmp_path / "f"
    one = folder / "vectors-0003.npy"
    meta = json.loads((folder / "meta.json").read_text())
    rows = np.load(one)
    if damage == "missing":
        one.unlink()
    elif damage == "cut":
        np.save(one, rows[:-1])
    elif damage == "width":
        np.save(one, rows[:, 1:])
    else:
        meta["parts"] = {"parts": 4, "text": "8", "many": 1 << 20}[damage]
        (folder / "meta.json").write_text(json.dumps(meta))
    with pytest.raises(StaleError, match="cgaudit featurize"):
        open_store(folder)


def test_rows_that_never_came_are_left_out_of_each_file(tmp_path):
    paths = [tmp_path / f"{number}.npy" for number in range(4)]
    vectors = VectorFiles(paths, [0, 3, 3, 5, 8])
    rows = np.arange(16, dtype=np.float32).reshape(8, 2)
    vectors.write([7, 0, 3], rows[[7, 0, 3]])
    vectors.write([], None)
    vectors.write([2], rows[[2]])
    assert vectors.finish(np.array([0, 2, 3, 7])) == 2
    held = [np.load(path).tolist() for path in paths]
    assert held == [rows[[0, 2]].tolist(), [], rows[[3]].tolist(), rows[[7]].tolist()]
    with pytest.raises(RuntimeError, match="no vector"):
        VectorFiles(paths, [0, 3, 3, 5, 8]).finish(np.array([0]))
