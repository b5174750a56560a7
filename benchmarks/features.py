"""How well each featurizer's vectors show up label errors, and what they cost.

    python benchmarks/features.py IMAGES LABELS TRUTH [--rows N] [--featurizer NAME[:OPTION=VALUE]]

IMAGES is a folder, LABELS and TRUTH are tables as `cgaudit audit --labels` reads them; or all three
are one table with a column of image bytes, and `--label-column` and `--truth-column` name its
labels. The score is label_score (λ = 0.1), exact up to 20,000 images. `--save FILE.npz` keeps the
last featurizer's vectors for `engine.py --features`; `taskset -c 0` in front of it all shows what
one core does.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
from machine import machine
from sklearn.metrics import average_precision_score, roc_auc_score

from cgaudit import score_labels
from cgaudit.dataset import Columns, Source, join_labels, open_source, read_labels
from cgaudit.featurize import create_featurizer, featurize, fit_featurizer
from cgaudit.params import RECIPE, SourceParams

LISTS = {"cells", "words", "characters"}
DEFAULTS = ["pixels", "patches:mirror=0,components=0,cells=2", "patches"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path)
    parser.add_argument("labels", type=Path, nargs="?")
    parser.add_argument("truth", type=Path, nargs="?")
    parser.add_argument("--rows", type=int)
    parser.add_argument("--label-column", default=None)
    parser.add_argument("--truth-column", default="true_label")
    parser.add_argument("--featurizer", action="append", metavar="NAME[:OPTION=VALUE,…]")
    parser.add_argument("--save", type=Path, metavar="FILE.npz")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        run(arguments, Path(scratch))


def run(arguments: argparse.Namespace, scratch: Path) -> None:
    images, truth_column = str(arguments.images), arguments.truth_column
    params = SourceParams(path=images, label_column=arguments.label_column)
    if arguments.images.is_file():
        joined = labelled(params)
        truth = labelled(params.model_copy(update={"label_column": truth_column}))
        true = joined["id"].map(truth.set_index("id")["label"])
    else:
        joined = labelled(params, arguments.labels)
        rows = read_labels(arguments.truth, Columns(label=truth_column)).rows
        true = joined["id"].map({row.id: row.label for row in rows})
    joined, true_labels = joined.head(arguments.rows), true.head(arguments.rows).to_numpy(dtype=str)
    given = joined["label"].to_numpy(dtype=str)
    wrong = given != true_labels
    whole = open_source(params)
    samples, _ = whole.samples()
    samples = samples[samples["path"].isin(joined["path"])].reset_index(drop=True)
    source = cast("Source", Some(whole, samples))
    print(f"{machine()}\n\n{len(joined):,} images, {wrong.mean():.1%} of the labels wrong\n")
    print(
        "| featurizer | dims | fit s | images/s | peak GiB | suggestions true "
        "| AUROC | average precision |\n|---|---|---|---|---|---|---|---|"
    )
    for spec in arguments.featurizer or DEFAULTS:
        name, options = parsed(spec)
        featurizer = create_featurizer(name, options, kind=source.kind)
        begun = time.perf_counter()
        fit_featurizer(source, featurizer, samples)
        fitted = time.perf_counter()
        store = featurize(source, featurizer, scratch / "features", recipe=RECIPE).store
        done = time.perf_counter()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        vectors = store.take(joined["content_hash"].tolist())
        result = score_labels(vectors, given, method="auto")
        score, accuracy = -result.label_score, (result.predicted_label == true_labels).mean()
        print(
            f"| {spec} | {vectors.shape[1]} | {fitted - begun:.1f} "
            f"| {len(samples) / (done - fitted):.0f} | {peak:.2f} | {accuracy:.3f} "
            f"| {roc_auc_score(wrong, score):.4f} | {average_precision_score(wrong, score):.4f} |",
            flush=True,
        )
    if arguments.save:
        np.savez(arguments.save, features=vectors, labels=given, truth=true_labels)


class Some:
    """A source of which only some samples are looked at."""

    def __init__(self, source: Source, samples: pd.DataFrame) -> None:
        self._samples = samples
        self.kind, self.root, self.loaders = source.kind, source.root, source.loaders

    def samples(self, known_hashes: object = None) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return these samples; nothing is skipped."""
        return self._samples, pd.DataFrame({"id": [], "reason": []})


def labelled(params: SourceParams, labels: Path | None = None) -> pd.DataFrame:
    """Return the samples with their labels from a table, or from the source itself."""
    source = open_source(params)
    table = None if labels is None else read_labels(labels, Columns(label=params.label_column))
    return join_labels(source.samples()[0], table, root=source.root).table


def suspicion(vectors: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return how suspicious each label is, by cgaudit's own calibrated score."""
    return -score_labels(vectors, labels, method="auto").label_score


def parsed(spec: str) -> tuple[str, dict[str, object]]:
    """Split ``name:option=value,option=value``; ``+`` joins the values of a list."""
    name, _, rest = spec.rpartition(":") if "=" in spec else (spec, "", "")
    options: dict[str, object] = {}
    for pair in filter(None, rest.split(",")):
        key, _, value = pair.partition("=")
        values = [float(item) if "." in item else int(item) for item in value.split("+")]
        options[key] = values if key in LISTS else values[0]
    return name, options


if __name__ == "__main__":
    main()
