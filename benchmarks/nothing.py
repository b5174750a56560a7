"""How far above chance features that say nothing get, and how far real ones.

    python benchmarks/nothing.py [DATA] --cache FOLDER [--draws 100]

First the standard deviations above chance that leave-one-out predictions from noise reach
(`cgaudit.score.informed`): the largest and the 99th percentile of `--draws` draws, for several
shapes of data, λ and class sizes, with rows that repeat too. Then those of each set of
`benchmarks/sets.py`, its own features, and those with noise mixed in until little is left, beside
the precision of the flags.
"""

from __future__ import annotations

import itertools

import numpy as np
import torch
from machine import machine
from sets import Array, arguments, every

from cgaudit.score import Scorer, Solving, score_labels
from cgaudit.score.informed import Agreement, Informed
from cgaudit.score.judging import Judging

#: Shares of the norm that is noise.
NOISE = (0.0, 0.9, 0.97, 0.99, 1.0)


def judged(features: Array, labels: Array, ridge: float) -> Informed:
    found = Scorer(features, Solving(ridge=ridge)).score(labels, Judging(likelihood="gaussian"))
    codes = torch.from_numpy(np.searchsorted(found.classes, labels))
    said = torch.from_numpy(np.searchsorted(found.classes, found.top_labels[:, 0]))
    return Informed.of(Agreement.between(codes, said, len(found.classes)), found.temperature)


def above(found: Informed) -> float:
    """Return standard deviations above chance."""
    return (found.agreement - found.chance) / max(found.deviation, 1e-12)


def noise(rng: np.random.Generator, n: int, d: int, shape: str) -> Array:
    rows = rng.normal(size=(n, d))
    if shape == "pairs":
        rows[n // 2 : 2 * (n // 2)] = rows[: n // 2] + 0.01 * rng.normal(size=(n // 2, d))
    if shape == "clusters":
        rows = rng.normal(size=(5, d))[rng.integers(0, 5, n)] + 0.1 * rows
    return rows.astype(np.float32)


def null(draws: int) -> None:
    print("| n | d | classes | rows | λ | 99 % | largest | said nothing |")
    print("|---|---|---|---|---|---|---|---|")
    grid = itertools.product((30, 200, 1000), (2, 64), (2, 10), ("plain", "pairs", "clusters"))
    for n, d, K, shape in grid:
        for ridge in (0.03, 1.0):
            rng = np.random.default_rng(0)
            seen, quiet = [], 0
            for draw in range(draws if n < 1000 else draws // 5):
                share = np.full(K, 1 / K) if draw % 2 else rng.dirichlet(np.ones(K))
                labels = rng.choice(K, n, p=share)
                labels[:K] = np.arange(K)
                found = judged(noise(rng, n, d, shape), labels, ridge)
                seen.append(above(found))
                quiet += found.nothing
            print(
                f"| {n} | {d} | {K} | {shape} | {ridge:g} | {np.quantile(seen, 0.99):.1f} "
                f"| {max(seen):.1f} | {quiet / len(seen):.0%} |",
                flush=True,
            )


def main() -> None:
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=100)
    asked = parser.parse_args()
    print(f"{machine()}\n")
    null(asked.draws)
    print(
        "\n| set | noise | above chance | kappa | wrong | flags, precision |\n"
        "|---|---|---|---|---|---|"
    )
    for name, made in every(asked.data, asked.cache, asked.sets, seeds=1):
        one, rng = made[0], np.random.default_rng(0)
        unit = one.features / np.linalg.norm(one.features, axis=1, keepdims=True)
        for share in NOISE:
            other = rng.normal(size=unit.shape) / np.sqrt(unit.shape[1])
            mixed = (np.sqrt(1 - share**2) * unit + share * other).astype(np.float32)
            found = judged(mixed, one.given, 0.3)
            flags = score_labels(mixed, one.given, ridge=0.3, likelihood="both").is_label_issue
            precision = one.wrong[flags].mean() if flags.any() else np.nan
            print(
                f"| {name} | {share:g} | {above(found):.1f} | {found.kappa:.3f} "
                f"| {one.wrong.mean():.3f} | {flags.sum()}, {precision:.3f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
