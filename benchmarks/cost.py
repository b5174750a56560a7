"""What recipe 2's defaults cost beside recipe 1's, and what the same bytes on every CPU cost.

    python benchmarks/cost.py [--rows 20000] [--method exact]

Synthetic features (512 numbers, ten classes); each method with least squares at λ = 0.1, with
`both` and a chosen λ, and the latter in float64, one after the other in one run; seconds, and the
ratio to the column before.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
from machine import machine

from cgaudit.score import score_labels

METHODS = ("exact", "iterative", "lowrank")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--method", action="append", choices=METHODS)
    asked = parser.parse_args()
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, asked.rows)
    features = rng.normal(size=(asked.rows, 512)) + 1.5 * rng.normal(size=(10, 512))[labels] / 3
    features = features.astype(np.float32)
    labels[::10] = rng.integers(0, 10, len(labels[::10]))
    print(f"{machine()}, {asked.rows:,} rows\n\n| method | gaussian, λ 0.1 | both, auto | ratio "
          "| in float64 | ratio |")  # fmt: skip
    print("|---|---|---|---|---|---|")
    for method in asked.method or METHODS:
        before = seconds(features, labels, method=method, likelihood="gaussian", ridge=0.1)
        after = seconds(features, labels, method=method, likelihood="both", ridge="auto")
        double = seconds(
            features, labels, method=method, likelihood="both", ridge="auto", precision="float64"
        )
        print(
            f"| {method} | {before:.1f} s | {after:.1f} s | {after / before:.2f} "
            f"| {double:.1f} s | {double / after:.2f} |",
            flush=True,
        )


def seconds(features: np.ndarray, labels: np.ndarray, **options: Any) -> float:  # noqa: ANN401 - those of score_labels
    """Return how long `score_labels` takes."""
    begun = time.perf_counter()
    score_labels(features, labels, **options)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
