"""Data sets into which odd samples and near-duplicates are planted, for `oddities.py`."""

from __future__ import annotations

import io
import string
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from PIL import Image, ImageEnhance
from sklearn.datasets import load_breast_cancer, load_digits

from cgaudit.dataset import Source, join_labels, open_source
from cgaudit.featurize import create_featurizer, featurize, fit_featurizer
from cgaudit.params import RECIPE, SourceParams

#: How many samples of each kind are planted.
OF_A_KIND = 5

#: Texts that are no customer's question.
FOREIGN = (
    "Wie lange dauert es, bis meine neue Karte da ist?",
    "Der Zug nach Hamburg fährt heute von Gleis sieben.",
    "Mi tarjeta no funciona en el cajero automático.",
    "Je voudrais réserver une table pour deux personnes.",
    "La ricetta prevede tre uova e duecento grammi di farina.",
)
ELSEWHERE = (
    "The mitochondria produce most of the chemical energy of the cell.",
    "for i in range(10): print(i ** 2)",
    "Preheat the oven to 200 degrees and butter the tin.",
    "In the 89th minute the striker headed the ball against the post.",
    "<div class='row'><span>404</span></div>",
)


class Planted(NamedTuple):
    """A data set with planted samples.

    Attributes
    ----------
    name
        Of the data and its features.
    features
        float32 (n, d).
    labels
        (n,), of str.
    kind
        (n,), of str: of an odd sample or a copy, how it was made; empty for the set's own.
    original
        int64 (n,): of a copy the row that it was made from, −1 for all others.
    """

    name: str
    features: np.ndarray
    labels: np.ndarray
    kind: np.ndarray
    original: np.ndarray

    @property
    def odd(self) -> np.ndarray:
        """Which are planted outliers: bool (n,)."""
        return (self.kind != "") & (self.original < 0)


class Content(NamedTuple):
    """A sample before it is featurized: its content, kind and the place of its original."""

    content: Any
    kind: str
    original: int = -1


def pictures(name: str, folder: Path, others: Path, seed: int) -> Planted:
    """Return a folder of pictures with `labels.csv`; outliers come from `others`, too."""
    table = pd.read_csv(folder / "labels.csv", dtype=str)
    own = [_open(folder / path) for path in table["path"]]
    return _pictures(name, own, table["label"].tolist(), _strange(others, seed), seed)


def digits(seed: int, others: Path) -> Planted:
    """Return scikit-learn's digits as pictures; outliers come from `others`, too."""
    data = load_digits()
    own = [Image.fromarray(np.round(one * 255 / 16).astype(np.uint8)) for one in data.images]
    strange = [picture.convert("L") for picture in _strange(others, seed)]
    return _pictures("digits", own, data.target.astype(str).tolist(), strange, seed)


def _pictures(
    name: str,
    own: list[Image.Image],
    labels: list[str],
    strange: list[Image.Image],
    seed: int,
) -> Planted:
    rng = np.random.default_rng(seed)
    size, mode = own[0].size, own[0].mode
    shape = (*size[::-1], 3) if mode == "RGB" else size[::-1]
    added = [Content(_noise(rng, shape), "noise") for _ in range(OF_A_KIND)]
    added += [Content(_flat(rng, shape), "black") for _ in range(OF_A_KIND)]
    added += [Content(one.resize(size), "of another set") for one in strange]
    ways = {
        "recompressed": _recompressed,
        "resized": lambda one: one.resize((one.width * 3 // 4, one.height * 3 // 4)),
        "brightened": lambda one: ImageEnhance.Brightness(one).enhance(1.1),
        "cropped": _cropped,
    }
    added += _copies(rng, own, ways)
    given = [*labels, *_labels(labels, added)]
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "images"
        for at, picture in enumerate([*own, *(one.content for one in added)]):
            folder = root / given[at]
            folder.mkdir(parents=True, exist_ok=True)
            picture.save(folder / f"{at:06d}.png")
        source = open_source(SourceParams(path=str(root)))
        return _featurized(name, source, added, lambda key: int(Path(key).stem))


def texts(name: str, table: pd.DataFrame, seed: int, model: str | None = None) -> Planted:
    """Return texts, the first column, and their labels, the second; junk is added."""
    rng = np.random.default_rng(seed)
    own, labels = table.iloc[:, 0].tolist(), table.iloc[:, 1].tolist()
    added = [Content(_junk(rng), "junk") for _ in range(OF_A_KIND)]
    added += [Content(one, "foreign") for one in FOREIGN]
    added += [Content(one, "elsewhere") for one in ELSEWHERE]
    ways = {
        "case": str.upper,
        "punctuation": lambda one: one.rstrip("?.!") + " !!",
        "space": lambda one: "  " + one.replace(" ", "  ") + "\n",
        "a word": lambda one: one + " please",
    }
    added += _copies(rng, own, ways)
    every = [*own, *(one.content for one in added)]
    given = [*labels, *_labels(labels, added)]
    if model is not None:
        from sentence_transformers import SentenceTransformer

        features = SentenceTransformer(model).encode(every, show_progress_bar=False)
        return _planted(name, np.asarray(features), given, added)
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "texts.csv"
        frame = pd.DataFrame({"id": range(len(every)), "text": every, "label": given})
        frame.to_csv(path, index=False)
        return _featurized(name, open_source(SourceParams(path=str(path))), added, int)


def cancer(seed: int) -> Planted:
    """Return scikit-learn's breast-cancer table with odd rows and nearly equal ones."""
    rng = np.random.default_rng(seed)
    data = load_breast_cancer()
    own = data.data
    spread = own.std(axis=0)
    mixed = [rng.permutation(column)[:OF_A_KIND] for column in own.T]
    added = [Content(row, "columns mixed") for row in np.stack(mixed, axis=1)]
    for row in own[rng.choice(len(own), OF_A_KIND, replace=False)]:
        added.append(Content(row * 10, "another scale"))
    for row in own[rng.choice(len(own), OF_A_KIND, replace=False)]:
        column = rng.integers(len(row))
        added.append(Content(np.where(np.arange(len(row)) == column, row * 100, row), "a typo"))
    ways = {
        "rounded": lambda row: np.array([float(f"{value:.3g}") for value in row]),
        "a little noise": lambda row: row + rng.normal(0, 0.01 * spread),
    }
    added += _copies(rng, list(own), ways)
    rows = np.stack([*own, *(one.content for one in added)])
    labels = data.target.astype(str).tolist()
    frame = pd.DataFrame(rows, columns=[name.replace(" ", "_") for name in data.feature_names])
    frame = frame.assign(id=range(len(rows)), label=[*labels, *_labels(labels, added)])
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "table.csv"
        frame.to_csv(path, index=False)
        source = open_source(SourceParams(path=str(path)))
        return _featurized("breast cancer", source, added, int)


def _copies(
    rng: np.random.Generator, own: list[Any], ways: dict[str, Callable[..., Any]]
) -> Iterator[Content]:
    for way, changed in ways.items():
        for at in rng.choice(len(own), 2 * OF_A_KIND, replace=False).tolist():
            yield Content(changed(own[at]), way, at)


def _labels(labels: list[str], added: list[Content]) -> list[str]:
    return [labels[one.original] if one.original >= 0 else labels[0] for one in added]


def _featurized(
    name: str,
    source: Source,
    added: list[Content],
    number: Callable[[str], int],
) -> Planted:
    made = create_featurizer("auto", {}, kind=source.kind)
    fit_featurizer(source, made, source.samples()[0])
    with tempfile.TemporaryDirectory() as scratch:
        done = featurize(source, made, Path(scratch) / "features", recipe=RECIPE)
        table = join_labels(done.samples).table
        table = table.iloc[np.argsort([number(one) for one in table["id"]])]
        features = done.store.take(table["content_hash"].tolist())
    return _planted(f"{name}, {made.name}", features, table["label"].tolist(), added)


def _planted(name: str, features: np.ndarray, labels: list[str], added: list[Content]) -> Planted:
    own = len(features) - len(added)
    kind = np.array([""] * own + [one.kind for one in added])
    original = np.array([-1] * own + [one.original for one in added])
    return Planted(name, features.astype(np.float32), np.array(labels), kind, original)


def _strange(folder: Path, seed: int) -> list[Image.Image]:
    """Return pictures of another set."""
    paths = sorted(folder.glob("images/*"))
    drawn = np.random.default_rng(seed).choice(len(paths), OF_A_KIND, replace=False)
    return [_open(paths[at]) for at in drawn]


def _open(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGB")


def _noise(rng: np.random.Generator, shape: tuple[int, ...]) -> Image.Image:
    return Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8))


def _flat(rng: np.random.Generator, shape: tuple[int, ...]) -> Image.Image:
    """Return what a camera with its cap on takes."""
    return Image.fromarray(rng.integers(0, 4, shape, dtype=np.uint8))


def _recompressed(picture: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=60)
    return Image.open(io.BytesIO(buffer.getvalue()))


def _cropped(picture: Image.Image) -> Image.Image:
    """Return it without a border of a thirtieth, a pixel at least."""
    left, top = max(1, picture.width // 30), max(1, picture.height // 30)
    return picture.crop((left, top, picture.width - left, picture.height - top))


def _junk(rng: np.random.Generator) -> str:
    return "".join(rng.choice(list(string.ascii_lowercase + "    "), 40))
