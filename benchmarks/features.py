"""How well each featurizer's vectors show up label errors, and what they cost.

    python benchmarks/features.py IMAGES LABELS TRUTH [--rows N] [--featurizer NAME[:OPTION=VALUE]]

IMAGES is a folder, LABELS and TRUTH are tables as `cgaudit audit --labels` reads them; or all three
are one Parquet file with a column of image bytes, and `--label-column` and `--truth-column` name
its labels. The score is label_score (exact, λ = 0.1).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from sklearn.metrics import average_precision_score, roc_auc_score

from cgaudit import score_labels
from cgaudit.dataset import Columns, join_labels, open_source, read_labels
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
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        if arguments.images.is_file():
            unpack(arguments, Path(scratch))
        run(arguments, Path(scratch))


def unpack(arguments: argparse.Namespace, scratch: Path) -> None:
    """Write the image bytes of a Parquet table as files, with tables of labels and truth."""
    table = pq.read_table(arguments.images).slice(0, arguments.rows).to_pandas()
    (scratch / "images").mkdir()
    for identity, data in zip(table["id"], table["image"], strict=True):
        (scratch / "images" / f"{identity}.jpg").write_bytes(data)
    columns = {"label": arguments.label_column, "truth": arguments.truth_column}
    for role, column in columns.items():
        table.rename(columns={column: role})[["id", role]].to_csv(
            scratch / f"{role}.csv", index=False
        )
    arguments.images = scratch / "images"
    arguments.labels, arguments.truth = scratch / "label.csv", scratch / "truth.csv"
    arguments.label_column, arguments.truth_column, arguments.rows = "label", "truth", None


def run(arguments: argparse.Namespace, scratch: Path) -> None:
    source = open_source(SourceParams(path=str(arguments.images)))
    samples, _ = source.samples()
    labels = read_labels(arguments.labels, Columns(label=arguments.label_column))
    joined = join_labels(samples, labels, root=source.root).table.head(arguments.rows)
    truth = {
        row.id: row.label
        for row in read_labels(arguments.truth, Columns(label=arguments.truth_column)).rows
    }
    wrong = joined["label"].to_numpy() != joined["id"].map(truth).to_numpy()
    print(f"{len(joined)} images, {wrong.mean():.1%} of the labels wrong")
    print(f"{'featurizer':58} {'dims':>5} {'fit s':>6} {'ms/image':>8} {'AUROC':>6} {'AP':>6}")
    for spec in arguments.featurizer or DEFAULTS:
        name, options = parsed(spec)
        featurizer = create_featurizer(name, options, kind=source.kind)
        begun = time.perf_counter()
        fit_featurizer(source, featurizer, samples)
        fitted = time.perf_counter()
        store = featurize(source, featurizer, scratch / "features", recipe=RECIPE).store
        done = time.perf_counter()
        vectors = store.take(joined["content_hash"].tolist())
        score = suspicion(vectors, joined["label"].to_numpy())
        print(
            f"{spec:58} {vectors.shape[1]:5} {fitted - begun:6.1f} "
            f"{(done - fitted) / len(samples) * 1000:8.2f} "
            f"{roc_auc_score(wrong, score):6.4f} {average_precision_score(wrong, score):6.4f}",
            flush=True,
        )


def suspicion(vectors: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return how suspicious each label is, by cgaudit's own calibrated score."""
    return -score_labels(vectors, labels).label_score


def parsed(spec: str) -> tuple[str, dict[str, object]]:
    """Split ``name:option=value,option=value``; ``+`` joins the values of a list."""
    name, _, rest = spec.partition(":")
    options: dict[str, object] = {}
    for pair in filter(None, rest.split(",")):
        key, _, value = pair.partition("=")
        values = [float(item) if "." in item else int(item) for item in value.split("+")]
        options[key] = values if key in LISTS else values[0]
    return name, options


if __name__ == "__main__":
    main()
