"""Verdicts on relabellings against the truth, and how long a diff takes.

    python benchmarks/versions.py verdicts --source DIR --labels labels.csv --truth truth.csv
    python benchmarks/versions.py speed --rows 50000

`verdicts`: version a is the labels as they are, version b has 200 wrong labels corrected and 50
right ones spoiled. Prints a Markdown table over the undecided band: how many relabellings are
decided, and how many of the decided verdicts are right, on corrected and on spoiled apart (their
mean is the figure to go by: "always supported" would be right on 80 % of the mix).

`speed`: two versions of a scores table in a git + DVC repository, compared by the command line
with everything in DVC's cache.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from machine import machine

from cgaudit.dataset import join_labels, open_source, read_labels
from cgaudit.featurize import create_featurizer, featurize, fit_featurizer
from cgaudit.params import RECIPE, SourceParams
from cgaudit.results.table import Provenance, Scores, write_scores
from cgaudit.score import score_labels
from cgaudit.versions.verdict import judge

CORRECTED, SPOILED = 200, 50
BANDS = np.round(np.arange(0, 0.65, 0.05), 2)
TOP = 5


class Change(NamedTuple):
    """Labels of two versions; `truth` tells which changes are right."""

    before: np.ndarray
    after: np.ndarray
    truth: np.ndarray


def main() -> None:
    arguments = _arguments()
    print(f"{machine()}\n")
    (_verdicts if arguments.kind == "verdicts" else _speed)(arguments)


def _verdicts(arguments: argparse.Namespace) -> None:
    features, given, truth = _data(arguments)
    changes = [_change(given, truth, seed) for seed in range(arguments.seeds)]
    print(f"| band | decided | right on corrected | right on spoiled | mean |\n{'|---' * 5}|")
    support = []
    for change in changes:
        result = score_labels(
            features, change.after, ridge=arguments.ridge, likelihood=arguments.likelihood
        )
        rows = np.flatnonzero(change.before != change.after)
        support.append((_support(result.table(range(len(given))), change, rows), rows))
    for band in BANDS:
        figures = [
            _figures(values, change, rows, band)
            for change, (values, rows) in zip(changes, support, strict=True)
        ]
        decided, corrected, spoiled = map(statistics.mean, zip(*figures, strict=True))
        print(
            f"| {band:.2f} | {decided:.1%} | {corrected:.1%} | {spoiled:.1%} | "
            f"{(corrected + spoiled) / 2:.1%} |"
        )


def _data(arguments: argparse.Namespace) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    source = open_source(SourceParams(path=arguments.source, labels=arguments.labels))
    samples, _ = source.samples()
    featurizer = create_featurizer("auto", kind=source.kind)
    fit_featurizer(source, featurizer, samples)
    with tempfile.TemporaryDirectory() as scratch:
        done = featurize(source, featurizer, Path(scratch) / "features", recipe=RECIPE)
        labels = read_labels(Path(arguments.labels))
        table = join_labels(done.samples, labels, root=Path(arguments.source)).table
        features = done.store.take(table["content_hash"].tolist())
    true = pd.read_csv(arguments.truth, dtype=str).set_index("id")["true_label"]
    given = table["label"].to_numpy(dtype=str)
    return features, given, true.reindex(table["id"]).to_numpy(dtype=str)


def _change(given: np.ndarray, truth: np.ndarray, seed: int) -> Change:
    """Correct some wrong labels, and spoil some right ones to a class drawn at random."""
    rng = np.random.default_rng(seed)
    after = given.copy()
    corrected = rng.choice(np.flatnonzero(given != truth), CORRECTED, replace=False)
    spoiled = rng.choice(np.flatnonzero(given == truth), SPOILED, replace=False)
    after[corrected] = truth[corrected]
    classes = np.unique(given)
    for row in spoiled:
        after[row] = rng.choice(classes[classes != given[row]])
    return Change(given, after, truth)


def _support(table: pd.DataFrame, change: Change, rows: np.ndarray) -> np.ndarray:
    table = table.set_index(table["id"].astype(int)).loc[rows]
    judgements = [
        judge(before, after, labels, probabilities, 0.0)
        for before, after, labels, probabilities in zip(
            change.before[rows], change.after[rows], table["top_labels"], table["top_scores"],
            strict=True,
        )
    ]  # fmt: skip
    return np.array([judgement.support or 0.0 for judgement in judgements])


def _figures(
    support: np.ndarray, change: Change, rows: np.ndarray, band: float
) -> tuple[float, float, float]:
    decided = np.abs(support) > band
    corrected = change.after[rows] == change.truth[rows]
    right = (support > 0) == corrected
    return (
        float(decided.mean()),
        float(right[decided & corrected].mean()),
        float(right[decided & ~corrected].mean()),
    )


def _speed(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        repo = Path(scratch)
        _run(repo, "git", "init", "--quiet", "--initial-branch=main")
        _run(repo, "git", "config", "user.name", "A")
        _run(repo, "git", "config", "user.email", "a@example.org")
        _run(repo, sys.executable, "-m", "dvc", "init", "--quiet")
        (repo / "params.yaml").write_text("cgaudit: {source: {id_column: id}}\n")
        for version in range(2):
            write_scores(_scores(arguments.rows, version), repo / "reports" / "scores.parquet")
            _run(repo, sys.executable, "-m", "dvc", "add", "--quiet", "reports/scores.parquet")
            _run(repo, "git", "add", "--all")
            _run(repo, "git", "commit", "--quiet", "--message", f"version {version}")
        seconds = []
        for _ in range(arguments.times):
            start = time.perf_counter()
            _run(repo, sys.executable, "-m", "cgaudit", "diff", "HEAD~1", "HEAD", "--json")
            seconds.append(time.perf_counter() - start)
    print(f"`cgaudit diff` of two versions of {arguments.rows:,} rows, in seconds: "
          f"{', '.join(f'{x:.2f}' for x in seconds)}")  # fmt: skip


def _scores(rows: int, version: int) -> Scores:
    """Return scores of ten classes; version 1 has 2 % of the labels changed, and every score."""
    rng = np.random.default_rng(0)
    names = np.array([f"class {number}" for number in range(10)], dtype=object)
    labels = rng.integers(0, 10, rows)
    if version:
        labels = np.where(rng.random(rows) < 0.02, (labels + 1) % 10, labels)
    probabilities = np.random.default_rng(version).dirichlet(np.full(10, 0.1), rows)
    order = np.argsort(-probabilities, axis=1)
    own = probabilities[np.arange(rows), labels].astype(np.float32)
    top = np.take_along_axis(probabilities, order[:, :TOP], axis=1).astype(np.float32)
    table = pd.DataFrame(
        {
            "id": [f"{number:08}" for number in range(rows)],
            "given_label": names[labels],
            "predicted_label": names[order[:, 0]],
            "label_score": own,
            "is_label_issue": order[:, 0] != labels,
            "cg_score": 1 - own,
            "margin": 1 - 2 * own,
            "top_labels": list(names[order[:, :TOP]]),
            "top_scores": list(top),
            "content_hash": [f"{number:032x}" for number in range(rows)],
        }
    )
    how = Provenance(RECIPE, "patches", "0" * 32, "exact", 0.1, "gaussian", None, 0, "float32",
                     "classification", "cpu", "0")  # fmt: skip
    return Scores(table, how)


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    kinds = parser.add_subparsers(dest="kind", required=True)
    verdicts = kinds.add_parser("verdicts")
    verdicts.add_argument("--source", required=True)
    verdicts.add_argument("--labels", required=True)
    verdicts.add_argument("--truth", required=True, help="CSV with columns id, true_label")
    verdicts.add_argument("--ridge", type=float, default=0.1)
    verdicts.add_argument("--likelihood", default="gaussian")
    verdicts.add_argument("--seeds", type=int, default=5)
    speed = kinds.add_parser("speed")
    speed.add_argument("--rows", type=int, default=50_000)
    speed.add_argument("--times", type=int, default=5)
    return parser.parse_args(given)


if __name__ == "__main__":
    main()
