"""A featurizer's state that somebody else committed: what it may not be."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from cgaudit.dataset import open_source
from cgaudit.errors import FeaturizerError
from cgaudit.featurize import create_featurizer, fit_featurizer, load_state, save_state
from cgaudit.params import SourceParams

OPTIONS = {
    "patches": {"filters": 4, "components": 3},
    "pixels": {},
    "tabular": {},
    "text": {"columns": 64, "components": 3},
    "embedding": {},
}


def lay(folder, name):
    if name in ("patches", "pixels"):
        for number in range(12):
            file = folder / f"data/{'ab'[number % 2]}/{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            pixels = np.random.default_rng(number).integers(0, 255, (16, 16, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(file)
        return folder / "data"
    rng = np.random.default_rng(0)
    if name == "embedding":
        np.savez(folder / "data.npz", x=rng.random((12, 3)), y=list("ab" * 6))
        return folder / "data.npz"
    words = ["some", "words", "about", "apples", "and", "pears", "or", "many", "good", "things"]
    header = "text,label" if name == "text" else "height,colour,label"
    lines = [
        f"{' '.join(rng.choice(words, 9))},{'ab'[i % 2]}"
        if name == "text"
        else f"{rng.random():.3f},{'red' if i % 3 else 'blue'},{'ab'[i % 2]}"
        for i in range(12)
    ]
    (folder / "data.csv").write_text("\n".join([header, *lines]) + "\n")
    return folder / "data.csv"


@pytest.fixture(scope="module", params=OPTIONS)
def fitted(request, tmp_path_factory):
    """The name of a featurizer that learns, and a file with its state."""
    folder = tmp_path_factory.mktemp(request.param)
    source = open_source(SourceParams(path=str(lay(folder, request.param))))
    featurizer = create_featurizer(request.param, OPTIONS[request.param])
    fit_featurizer(source, featurizer, source.samples()[0])
    save_state(featurizer, folder / "state.npz", 1)
    return request.param, folder / "state.npz"


def load(name, path):
    featurizer = create_featurizer(name, OPTIONS[name])
    load_state(featurizer, path, 1)
    return featurizer


def changed(path, target, **arrays):
    """Write a copy of a state with other arrays; None leaves one out."""
    with np.load(path) as archive:
        found = {name: archive[name] for name in archive.files}
    kept = {name: array for name, array in (found | arrays).items() if array is not None}
    np.savez_compressed(target, **kept)
    return target


def test_what_was_saved_is_loaded(fitted):
    name, path = fitted
    assert load(name, path).state


def test_an_array_that_is_missing_one_too_many_or_of_another_type(fitted, tmp_path):
    name, path = fitted
    for array, content in load(name, path).state.items():
        others = [None, np.zeros((1, 1, 1, 1)), content.astype("U3"), content.astype(complex)]
        if content.dtype.kind == "f" and content.size:
            others.append(np.full_like(content, np.nan))
        if content.ndim and content.size:
            others.append(content.repeat(2, axis=0))
        for other in others:
            file = changed(path, tmp_path / "s.npz", **{array: other})
            with pytest.raises(FeaturizerError, match=r"cannot be read as a featurizer's state"):
                load(name, file)
    with pytest.raises(FeaturizerError, match="holds the arrays"):
        load(name, changed(path, tmp_path / "s.npz", more=np.zeros(3)))


@pytest.mark.parametrize("name", ["patches", "pixels"])
def test_a_side_that_no_fit_gives(tmp_path, name):
    source = open_source(SourceParams(path=str(lay(tmp_path, name))))
    featurizer = create_featurizer(name, OPTIONS[name])
    fit_featurizer(source, featurizer, source.samples()[0])
    save_state(featurizer, tmp_path / "state.npz", 1)
    for side in (-1, 0, 100_000):
        with pytest.raises(FeaturizerError, match=f"its side is {side}"):
            load(name, changed(tmp_path / "state.npz", tmp_path / "s.npz", side=np.array(side)))


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[" * 100_000,
        b"[]",
        b"5",
        b'[{"name": 5, "mean": 0, "scale": 1, "missing": 0}]',
        b'[{"name": "a", "mean": NaN, "scale": 1, "missing": 0}]',
        b'[{"name": "a", "mean": 0, "scale": 1, "missing": 7}]',
        b'[{"name": "a", "categories": ["x"], "shares": [1]}]',
        b'[{"name": "a", "categories": ["x"], "shares": [1, 0, -1]}]',
        b'[{"name": "a", "mean": 0, "scale": 1, "missing": 0},'
        b' {"name": "a", "mean": 0, "scale": 1, "missing": 0}]',
        b'[{"name": "a"}]',
    ],
)
def test_columns_of_a_table_that_are_none(tmp_path, content):
    source = open_source(SourceParams(path=str(lay(tmp_path, "tabular"))))
    featurizer = create_featurizer("tabular")
    fit_featurizer(source, featurizer, source.samples()[0])
    save_state(featurizer, tmp_path / "state.npz", 1)
    columns = np.frombuffer(content, np.uint8)
    with pytest.raises(FeaturizerError, match="cannot be read as a featurizer's state"):
        load("tabular", changed(tmp_path / "state.npz", tmp_path / "s.npz", columns=columns))


def test_what_it_was_fitted_for_is_said_or_missed(fitted, tmp_path):
    name, path = fitted
    for meta in (None, np.zeros(3), np.frombuffer(b"\xff", np.uint8)):
        with pytest.raises(FeaturizerError, match="featurizer's state"):
            load(name, changed(path, tmp_path / "s.npz", meta=meta))
    for covered in (np.zeros(2), np.array(np.nan), np.array("x")):
        with pytest.raises(FeaturizerError, match="meta_covered"):
            load(name, changed(path, tmp_path / "s.npz", meta_covered=covered))


def test_pickles_are_never_read(fitted, tmp_path):
    name, path = fitted
    with zipfile.ZipFile(path) as archive:
        members = {it: archive.read(it) for it in archive.namelist()}
    np.save(tmp_path / "evil.npy", np.array([json], dtype=object)[:0], allow_pickle=True)
    members["evil.npy"] = (tmp_path / "evil.npy").read_bytes()
    with zipfile.ZipFile(tmp_path / "s.npz", "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    with pytest.raises(FeaturizerError, match="pickle"):
        load(name, tmp_path / "s.npz")
