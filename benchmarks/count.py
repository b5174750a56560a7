"""How honest the estimated number of wrong labels is, set by set.

    python benchmarks/count.py DATA [--set NAME] [--cache DIR]

DATA is the folder that holds cifar10n-3k, cifar10n-50k, clothing, signs and banking77. The digits
are scikit-learn's, the demo is this repository's own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from PIL import Image
from sklearn.datasets import load_digits

from cgaudit.dataset import join_labels, open_source
from cgaudit.featurize import create_featurizer, featurize, fit_featurizer
from cgaudit.params import RECIPE, SourceParams

#: Rows of cifar10n-50k that two sets of 3,000 are cut from.
CUT = 3000
DEMO = Path(__file__).parent.parent / "data"


class Labelled(NamedTuple):
    """Features of n samples, their given labels and the true ones."""

    name: str
    features: np.ndarray
    given: np.ndarray
    true: np.ndarray


class Sets:
    """The sets, one after the other; vectors are kept in a folder."""

    def __init__(self, data: Path, cache: Path) -> None:
        self._data, self._cache = data, cache

    def all(self) -> Iterator[Labelled]:
        """Yield every set."""
        yield self._folder("cifar10n-3k")
        yield self._folder("clothing")
        yield self._folder("signs")
        yield from self._demo()
        yield from self._texts()
        yield from self._cifar()

    def _folder(self, name: str) -> Labelled:
        folder = self._data / name
        table = self._vectors(name, {"path": str(folder / "images")})
        given = pd.read_csv(folder / "labels.csv", dtype=str)
        given.index = given["path"].map(lambda path: path.removeprefix("images/"))
        true = pd.read_csv(folder / "truth.csv", dtype=str).set_index("id")["true_label"]
        given = given.loc[table.ids]
        return Labelled(name, table.features, given["label"].to_numpy(), true[given["id"]].to_numpy())

    def _demo(self) -> Iterator[Labelled]:
        options = {"filters": 64, "components": 128}
        with tempfile.TemporaryDirectory() as scratch:
            for number, pixels in enumerate(load_digits().images):
                grey = np.round(pixels * (255 / 16)).astype(np.uint8)
                Image.fromarray(grey).save(Path(scratch) / f"{number:04}.png")
            table = self._vectors("digits", {"path": scratch}, options)
        given = pd.read_csv(DEMO / "labels.csv", dtype=str)["label"].to_numpy()
        true = pd.read_csv(DEMO / "truth.csv", dtype=str)["true_label"].to_numpy()
        yield Labelled("demo", table.features, given, true)
        for share in (0.0, 0.05, 0.1, 0.2):
            yield Labelled(f"digits, {share:.0%} flipped", table.features, flipped(true, share), true)

    def _texts(self) -> Iterator[Labelled]:
        table = pd.read_csv(self._data / "banking77" / "train.csv", dtype=str)
        table = table.sample(4000, random_state=0).reset_index(drop=True)
        with tempfile.TemporaryDirectory() as scratch:
            table.to_csv(Path(scratch) / "train.csv", index=False)
            source = {"path": str(Path(scratch) / "train.csv"), "label_column": "category"}
            found = self._vectors("banking77", source)
        features, true = found.features, table["category"].to_numpy()[found.ids.astype(int)]
        for share in (0.0, 0.1, 0.3):
            yield Labelled(f"banking77, {share:.0%} flipped", features, flipped(true, share), true)

    def _cifar(self) -> Iterator[Labelled]:
        table = pq.read_table(self._data / "cifar10n-50k" / "train.parquet").slice(0, 2 * CUT)
        with tempfile.TemporaryDirectory() as scratch:
            pq.write_table(table, Path(scratch) / "train.parquet")
            features = self._vectors(
                "cifar10n-6k", {"path": str(Path(scratch) / "train.parquet"), "label_column": "true_label"}
            ).features
        labels = table.drop(["image"]).to_pandas().astype(str)
        true = labels["true_label"].to_numpy()
        neighbour = confused(true)
        for part in (slice(0, CUT), slice(CUT, 2 * CUT)):
            which = f"cifar10 {part.start}+"
            whole, truth = features[part], true[part]
            yield Labelled(f"{which}, random1", whole, labels["random_label1"].to_numpy()[part], truth)
            yield Labelled(f"{which}, aggre", whole, labels["aggre_label"].to_numpy()[part], truth)
            yield Labelled(f"{which}, true", whole, truth, truth)
            yield Labelled(f"{which}, 10% flipped", whole, flipped(truth, 0.1), truth)
            yield Labelled(f"{which}, 40% flipped", whole, flipped(truth, 0.4), truth)
            yield Labelled(f"{which}, 40% to a neighbour", whole, neighbour[part], truth)

    def _vectors(self, name: str, source: dict, options: dict | None = None) -> Vectors:
        kept = self._cache / f"{name}.npz"
        if not kept.exists():
            found = vectors(SourceParams(**source), options or {})
            self._cache.mkdir(parents=True, exist_ok=True)
            np.savez(kept, ids=found.ids.astype(str), features=found.features)
        with np.load(kept) as stored:
            return Vectors(stored["ids"], stored["features"])


class Vectors(NamedTuple):
    """Ids and features of n samples."""

    ids: np.ndarray
    features: np.ndarray


def vectors(params: SourceParams, options: dict) -> Vectors:
    """Return what the default pipeline makes of a source, in the order of the source."""
    source = open_source(params)
    featurizer = create_featurizer("auto", options, kind=source.kind)
    fit_featurizer(source, featurizer, source.samples()[0])
    with tempfile.TemporaryDirectory() as scratch:
        done = featurize(source, featurizer, Path(scratch) / "features", recipe=RECIPE)
        table = join_labels(done.samples).table
        return Vectors(table["id"].to_numpy(), done.store.take(table["content_hash"].tolist()))


def flipped(labels: np.ndarray, share: float, seed: int = 0) -> np.ndarray:
    """Return the labels with a share of them replaced by another one, evenly."""
    rng = np.random.default_rng(seed)
    classes, codes = np.unique(labels, return_inverse=True)
    wrong = rng.choice(len(codes), round(share * len(codes)), replace=False)
    codes[wrong] = (codes[wrong] + rng.integers(1, len(classes), len(wrong))) % len(classes)
    return classes[codes]


def confused(labels: np.ndarray, share: float = 0.4, seed: int = 0) -> np.ndarray:
    """Return the labels with a share of them moved to the next class."""
    rng = np.random.default_rng(seed)
    classes, codes = np.unique(labels, return_inverse=True)
    wrong = rng.choice(len(codes), round(share * len(codes)), replace=False)
    codes[wrong] = (codes[wrong] + 1) % len(classes)
    return classes[codes]


if __name__ == "__main__":
    for found in Sets(Path("/work/shared/data"), Path("/tmp/feat")).all():
        print(found.name, found.features.shape, (found.given != found.true).mean(), found.given[:3], flush=True)
