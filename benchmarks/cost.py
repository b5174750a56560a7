"""What recipe 2's defaults cost beside recipe 1's.

    python benchmarks/cost.py [--rows 20000] [--method exact] [--only both]

Synthetic features (512 numbers, ten classes); each method with least squares at λ = 0.1, and with
`both` and a chosen λ, one after the other in one run; seconds of each, and their ratio.
"""

from __future__ import annotations

import argparse
import time

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
    print(f"{machine()}, {asked.rows:,} rows\n\n| method | gaussian, λ 0.1 | both, auto | ratio |")
    print("|---|---|---|---|")
    for method in asked.method or METHODS:
        before = seconds(features, labels, method, "gaussian", 0.1)
        after = seconds(features, labels, method, "both", "auto")
        print(f"| {method} | {before:.1f} s | {after:.1f} s | {after / before:.2f} |", flush=True)


def seconds(
    features: np.ndarray, labels: np.ndarray, method: str, likelihood: str, ridge: float | str
) -> float:
    begun = time.perf_counter()
    score_labels(features, labels, method=method, likelihood=likelihood, ridge=ridge)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
