"""What recipe 2's defaults cost beside recipe 1's, and what the same bytes on every CPU cost.

    python benchmarks/cost.py [--rows 20000] [--method exact] [--features FILE.npz …]

Synthetic features (512 numbers, ten classes); each method with least squares at λ = 0.1, with
`both` and a chosen λ, the latter in float64, and the search for outliers and near-duplicates, one
after the other in one run; seconds, the ratio to the column before, and the search's share of the
scores with a chosen λ. `--features FILE.npz` takes features and labels as `features.py --save`
writes them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from machine import machine

from cgaudit.oddities import find_oddities
from cgaudit.score import score_labels

METHODS = ("exact", "iterative", "lowrank")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--method", action="append", choices=METHODS)
    parser.add_argument("--features", type=Path, nargs="+")
    asked = parser.parse_args()
    print(f"{machine()}\n\n| data | method | gaussian, λ 0.1 | both, auto | ratio | in float64 "
          "| ratio | outliers | share |\n|---|---|---|---|---|---|---|---|---|")  # fmt: skip
    for name, features, labels in data(asked.rows, asked.features):
        for method in asked.method or METHODS:
            print_costs(f"{name}, {' × '.join(map(str, features.shape))}", features, labels, method)


def data(rows: int, files: list[Path] | None) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield what is scored: a name, features (n, d), labels (n,)."""
    for file in files or []:
        with np.load(file) as arrays:
            yield file.stem, arrays["features"], arrays["labels"]
    if files:
        return
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, rows)
    features = rng.normal(size=(rows, 512)) + 1.5 * rng.normal(size=(10, 512))[labels] / 3
    labels[::10] = rng.integers(0, 10, len(labels[::10]))
    yield "synthetic", features.astype(np.float32), labels


def print_costs(name: str, features: np.ndarray, labels: np.ndarray, method: str) -> None:
    """Print a row of the table."""
    score = partial(score_labels, features, labels, method=method)
    before = seconds(partial(score, likelihood="gaussian", ridge=0.1))
    after = seconds(partial(score, likelihood="both", ridge="auto"))
    double = seconds(partial(score, likelihood="both", ridge="auto", precision="float64"))
    search = seconds(partial(find_oddities, features))
    print(
        f"| {name} | {method} | {before:.1f} s | {after:.1f} s | {after / before:.2f} "
        f"| {double:.1f} s | {double / after:.2f} | {search:.2f} s | {search / after:.2f} |",
        flush=True,
    )


def seconds(work: Callable[[], object]) -> float:
    """Return how long some work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
