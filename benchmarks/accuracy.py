"""What the exact scores rest on: the published formula, and the precision.

    python benchmarks/accuracy.py published FILE.npz --rows 500 1000 2000
    python benchmarks/accuracy.py precision FILE.npz --rows 1000 4000 16000

FILE.npz holds `features` (n, d) and `labels` (n,), as `--save` of `features.py` and `text.py`
writes them. `published` times cgaudit against an explicit inverse that is updated for each sample,
on the same rows; `precision` compares float32 with float64.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from machine import machine

from cgaudit import score_labels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    kinds = parser.add_subparsers(dest="kind", required=True)
    for name, rows in [("published", [500, 1000]), ("precision", [1000, 4000])]:
        one = kinds.add_parser(name)
        one.add_argument("features", type=Path, nargs="+")
        one.add_argument("--rows", type=int, nargs="+", default=rows)
    arguments = parser.parse_args()
    print(f"{machine()}\n")
    tables = {"published": print_published, "precision": print_precision}
    for path in arguments.features:
        with np.load(path) as arrays:
            print(f"**{path.stem}**, {arrays['features'].shape[1]} features\n")
            tables[arguments.kind](dict(arrays), arguments.rows)
        print()


def print_published(arrays: dict[str, np.ndarray], rows: list[int]) -> None:
    """Print the time of the published formula beside ours, in float64 at λ = 0."""
    print(
        "| rows | explicit inverse, updated a sample s | cgaudit s | ratio | largest difference |"
    )
    print("|---|---|---|---|---|")
    for n in rows:
        features, labels = arrays["features"][:n], arrays["labels"][:n]
        start = time.perf_counter()
        expected = published_scores(features.astype(np.float64), labels)
        between = time.perf_counter()
        found = score_labels(features, labels, ridge=0.0, precision="float64").cg_score
        theirs, ours = between - start, time.perf_counter() - between
        error = np.abs(found / expected - 1).max()
        print(f"| {n:,} | {theirs:.2f} | {ours:.2f} | {theirs / ours:.0f} | {error:.1e} |",
              flush=True)  # fmt: skip


def published_scores(features: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return CG-scores by one explicit inverse and a Schur complement a sample.

    Ki, Choi, Chung, ICLR 2023, eq. 5 and appendix A.1: n updates of n² numbers.
    """
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    cosine = np.clip(unit @ unit.T, -1, 1)
    kernel = cosine * (np.pi - np.arccos(cosine)) / (2 * np.pi)
    np.fill_diagonal(kernel, 0.5)
    inverse = np.linalg.inv(kernel)
    scores = np.empty(len(labels))
    for i, label in enumerate(labels):
        y = np.where(labels == label, 1.0, -1.0)
        rest = np.arange(len(y)) != i
        column = inverse[rest, i]
        without = inverse[np.ix_(rest, rest)] - np.outer(column, column) / inverse[i, i]
        scores[i] = y @ inverse @ y - y[rest] @ without @ y[rest]
    return scores


def print_precision(arrays: dict[str, np.ndarray], rows: list[int]) -> None:
    """Print how far float32 is from float64 as rows grow, without and with a ridge."""
    print(
        "| rows | λ | cg_score: median, largest relative error | label_score: largest error "
        "| other suggestions | other flags |\n|---|---|---|---|---|---|"
    )
    for n in rows:
        features, labels = arrays["features"][:n], arrays["labels"][:n]
        for ridge in (0.0, 0.1):
            single, double = (
                score_labels(features, labels, ridge=ridge, precision=precision)
                for precision in ("float32", "float64")
            )
            error = np.abs(single.cg_score / double.cg_score - 1)
            moved = np.abs(single.label_score - double.label_score).max()
            suggested = (single.predicted_label != double.predicted_label).sum()
            flagged = (single.is_label_issue != double.is_label_issue).sum()
            print(
                f"| {n:,} | {ridge:g} | {np.median(error):.0e}, {error.max():.0e} "
                f"| {moved:.0e} | {suggested} | {flagged} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
