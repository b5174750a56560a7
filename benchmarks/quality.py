"""How well each score finds truly wrong labels, all on the same features in one run.

    python benchmarks/quality.py images DIR --labels labels.csv --truth truth.csv
    python benchmarks/quality.py images train.parquet --label-column random_label1 \
        --truth-column true_label --rows 10000
    python benchmarks/quality.py text train.csv --model FOLDER --flip 0.1

Prints a Markdown table: AUROC and average precision of ranking the wrong labels first, and seconds
after featurizing. The rivals are tuned to the truth (the best of their grid is shown), ours is not.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from cleanlab.data_valuation import data_shapley_knn
from cleanlab.rank import get_label_quality_scores
from machine import machine
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import NearestNeighbors

from cgaudit.dataset import Columns, join_labels, open_source, read_labels
from cgaudit.featurize import create_featurizer, featurize, fit_featurizer
from cgaudit.params import RECIPE, SourceParams
from cgaudit.score import score_labels

LIKELIHOODS = ("gaussian", "softmax", "both")
C_GRID = (0.001, 0.003, 0.01, 0.03, 0.1, 1.0, 10.0)
K_GRID = (10, 30, 100)


@dataclass(frozen=True)
class Task:
    """Features and labels of n samples, and which labels are wrong."""

    name: str
    features: np.ndarray
    labels: np.ndarray
    wrong: np.ndarray


@dataclass(frozen=True)
class Row:
    """One line of the table; `suspicion` is high where a label looks wrong."""

    name: str
    suspicion: np.ndarray
    seconds: float


def main() -> None:
    arguments = _arguments()
    tasks = _image_tasks(arguments) if arguments.kind == "images" else [_text_task(arguments)]
    print(f"{machine()}\n")
    for task in tasks:
        print(f"**{task.name}**: {_shape(task)}\n")
        print("| score | AUROC | average precision | seconds |\n|---|---|---|---|")
        for row in _rows(task, arguments.ridge or [0.1, "auto"], arguments.rivals):
            auroc = roc_auc_score(task.wrong, row.suspicion)
            precision = average_precision_score(task.wrong, row.suspicion)
            print(f"| {row.name} | {auroc:.4f} | {precision:.4f} | {row.seconds:.1f} |", flush=True)
        print()


def _rows(task: Task, ridges: Iterable[float | str], rivals: bool) -> Iterable[Row]:
    for ridge, likelihood in itertools.product(ridges, LIKELIHOODS):
        start = time.perf_counter()
        result = score_labels(task.features, task.labels, likelihood=likelihood, ridge=ridge)
        seconds = time.perf_counter() - start
        how = f"λ = {result.info.ridge:g}{' (auto)' if ridge == 'auto' else ''}"
        if likelihood == "gaussian":
            yield Row(f"cg_score, {how}", result.cg_score, seconds)
            yield Row(f"margin, {how}", result.margin, seconds)
        yield Row(f"label_score, {likelihood}, {how}", -result.label_score, seconds)
    if rivals:
        yield _best(task, "cleanlab, 5-fold logistic regression, C = {:g}", C_GRID, _cleanlab)
        yield _best(task, "kNN vote, k = {}", K_GRID, _knn_vote)
        yield _best(task, "kNN-Shapley (cleanlab), k = {}", K_GRID, _knn_shapley)


def _best(
    task: Task, name: str, grid: Iterable[float], score: Callable[[Task, float], np.ndarray]
) -> Row:
    rows = []
    for value in grid:
        start = time.perf_counter()
        rows.append(Row(name.format(value), score(task, value), time.perf_counter() - start))
    return max(rows, key=lambda row: average_precision_score(task.wrong, row.suspicion))


def _cleanlab(task: Task, C: float) -> np.ndarray:
    features = task.features / np.sqrt((task.features.astype(np.float64) ** 2).mean())
    model = LogisticRegression(C=C, max_iter=100)
    probabilities = cross_val_predict(model, features, task.labels, cv=5, method="predict_proba")
    return -get_label_quality_scores(_codes(task), probabilities)


def _knn_vote(task: Task, k: float) -> np.ndarray:
    near = NearestNeighbors(n_neighbors=int(k) + 1, metric="cosine").fit(task.features)
    others = near.kneighbors(task.features, return_distance=False)[:, 1:]
    return (task.labels[others] != task.labels[:, None]).mean(axis=1)


def _knn_shapley(task: Task, k: float) -> np.ndarray:
    return -data_shapley_knn(_codes(task), features=task.features, k=int(k))


def _codes(task: Task) -> np.ndarray:
    return np.unique(task.labels, return_inverse=True)[1]


def _shape(task: Task) -> str:
    n, d = task.features.shape
    return f"{n:,} samples × {d:,} features, {task.wrong.sum():,} wrong labels"


def _image_tasks(arguments: argparse.Namespace) -> Iterable[Task]:
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(arguments.source)
        if path.is_file():
            path = _first_rows(path, arguments.rows, Path(scratch))
        for column in arguments.label_column or [None]:
            yield _image_task(arguments, path, column, Path(scratch))


def _first_rows(path: Path, rows: int, scratch: Path) -> Path:
    part = scratch / path.name
    pq.write_table(pq.read_table(path).slice(0, rows), part)
    return part


def _image_task(
    arguments: argparse.Namespace, path: Path, label_column: str | None, scratch: Path
) -> Task:
    params = SourceParams(
        path=str(path), labels=arguments.labels, label_column=label_column, kind="images"
    )
    source = open_source(params)
    featurizer = create_featurizer(arguments.featurizer, kind=source.kind)
    fit_featurizer(source, featurizer, source.samples()[0])
    done = featurize(source, featurizer, scratch / "features", recipe=RECIPE)
    labels = read_labels(Path(arguments.labels), Columns()) if arguments.labels else None
    table = join_labels(done.samples, labels, root=path).table
    given = table["label"].to_numpy(dtype=str)
    true = _truth(arguments, path).reindex(table["id"]).to_numpy(dtype=str)
    features = done.store.take(table["content_hash"].tolist())
    named = f"{Path(arguments.source).parent.name} {label_column or ''}".strip()
    return Task(f"{named}, {featurizer.name}", features, given, given != true)


def _truth(arguments: argparse.Namespace, path: Path) -> pd.Series:
    if arguments.truth_column is None:
        return pd.read_csv(arguments.truth, dtype=str).set_index("id")["true_label"]
    table = pq.read_table(path, columns=["id", arguments.truth_column]).to_pandas().astype(str)
    return table.set_index("id")[arguments.truth_column]


def _text_task(arguments: argparse.Namespace) -> Task:
    from sentence_transformers import SentenceTransformer

    table = pd.read_csv(arguments.table, dtype=str, keep_default_na=False)
    text, label = table.columns[:2]
    rng = np.random.default_rng(0)
    classes, true = np.unique(table[label], return_inverse=True)
    wrong = np.zeros(len(table), dtype=bool)
    wrong[rng.choice(len(table), round(arguments.flip * len(table)), replace=False)] = True
    given = np.where(wrong, (true + rng.integers(1, len(classes), len(true))) % len(classes), true)
    model = SentenceTransformer(arguments.model)
    features = model.encode(table[text].tolist(), show_progress_bar=False)
    return Task(f"{Path(arguments.table).parent.name}, {arguments.flip:.0%} flipped",
                features, classes[given], wrong)  # fmt: skip


def _ridge(text: str) -> float | str:
    return text if text == "auto" else float(text)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    kinds = parser.add_subparsers(dest="kind", required=True)
    images = kinds.add_parser("images")
    images.add_argument("source", help="folder of images, or Parquet with an image column")
    images.add_argument("--labels", help="table of labels of a folder")
    images.add_argument("--truth", help="CSV with columns id, true_label")
    images.add_argument("--label-column", action="append", help="of a Parquet; may be repeated")
    images.add_argument("--truth-column", help="of a Parquet")
    images.add_argument("--rows", type=int, default=10_000, help="of a Parquet, from the first")
    images.add_argument("--featurizer", default="auto")
    text = kinds.add_parser("text")
    text.add_argument("table", help="CSV of text and label, in this order")
    text.add_argument("--model", required=True, help="a sentence-transformers model or folder")
    text.add_argument("--flip", type=float, default=0.1)
    for kind in (images, text):
        kind.add_argument("--ridge", type=_ridge, action="append", help="λ; may be repeated")
        kind.add_argument("--no-rivals", dest="rivals", action="store_false")
    return parser.parse_args()


if __name__ == "__main__":
    main()
