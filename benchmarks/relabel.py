"""What scoring costs where labels or a few rows changed, with what an earlier run kept and without.

    python benchmarks/relabel.py [--rows N] [--features D] [--changed C] [--method M] [--rounds R]
    python benchmarks/relabel.py --method exact --precision float64 --rows 8000 --moved 20

Synthetic rows around the centres of their classes. Scores them, gives C of them other labels, takes
the first of them away and adds as many (`--moved`), and scores again: whole, and from what was
kept. Prints seconds of each round (in brackets those of the processor, which hardly depend on what
else runs on the machine), the ratio of these, what is kept, and whether the scores are the same
table.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from machine import machine

from cgaudit import score_labels
from cgaudit.score import LabelScores


def data(rows: int, width: int, n_classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return features and labels, a twentieth of these wrong."""
    rng = np.random.default_rng(0)
    labels = rng.integers(n_classes, size=rows)
    centres = rng.standard_normal((n_classes, width), dtype=np.float32)
    features = rng.standard_normal((rows, width), dtype=np.float32)
    features += centres[labels]
    return features, relabelled(labels, rows // 20, n_classes)


def relabelled(labels: np.ndarray, count: int, n_classes: int) -> np.ndarray:
    """Return labels of which some are others."""
    rng, other = np.random.default_rng(1), labels.copy()
    picked = rng.choice(len(labels), count, replace=False)
    other[picked] = (other[picked] + rng.integers(1, n_classes, size=count)) % n_classes
    return other


class Took(NamedTuple):
    """Seconds that something took, by the clock and of the processor."""

    clock: float
    processor: float

    def __str__(self) -> str:
        return f"{self.clock:.1f} s ({self.processor:.1f})"


def timed(score: Callable[[], LabelScores]) -> tuple[Took, LabelScores]:
    """Return what something takes, and what it returns."""
    begun = time.perf_counter(), time.process_time()
    scores = score()
    return Took(time.perf_counter() - begun[0], time.process_time() - begun[1]), scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--features", type=int, default=256)
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--changed", type=int, default=300)
    parser.add_argument("--moved", type=int, default=0, help="rows that go, and that come")
    parser.add_argument("--precision", choices=["float32", "float64"], default="float32")
    parser.add_argument("--method", choices=["lowrank", "exact"], default="lowrank")
    parser.add_argument("--likelihood", choices=["gaussian", "both"], default="gaussian")
    parser.add_argument("--landmarks", type=int)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    every, given = data(asked.rows + asked.moved, asked.features, asked.classes)
    before, now = slice(asked.rows), slice(asked.moved, None)
    labels, changed = given[before], relabelled(given, asked.changed, asked.classes)[now]
    size = f"{asked.rows:,} × {asked.features}, {asked.method}, {asked.precision}"
    moved = f", {asked.moved:,} rows went and as many came" if asked.moved else ""
    print(f"{machine()}\n{size}, {asked.likelihood}, {asked.changed:,} other labels{moved}")

    def score(rows: slice, labels: np.ndarray, keep: Path | None) -> LabelScores:
        return score_labels(
            *(every[rows], labels),
            precision=asked.precision,
            method=asked.method,
            likelihood=asked.likelihood,
            landmarks=asked.landmarks,
            keep_factor=keep,
        )

    ratios = []
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(asked.rounds):
            folder = Path(scratch) / f"kept{number}"
            first, _ = timed(lambda: score(before, labels, folder))  # noqa: B023 - called at once
            whole, expected = timed(lambda: score(now, changed, None))
            again, found = timed(lambda: score(now, changed, folder))  # noqa: B023
            ratios.append(again.processor / whole.processor)
            names = range(asked.rows)
            same = found.table(names).equals(expected.table(names))
            print(
                f"first, and kept {first}; whole {whole}; from what was kept {again}, "
                f"{ratios[-1]:.2f} of it; {'the same' if same else 'OTHER'} table",
                flush=True,
            )
        kept = sum(file.stat().st_blocks * 512 for file in folder.iterdir())
    print(f"{kept / 2**20:,.0f} MiB on disk; median ratio {np.median(ratios):.2f}")


if __name__ == "__main__":
    main()
