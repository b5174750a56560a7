"""What to do with features that somebody brings, before their rows become directions.

    python benchmarks/given.py [DATA] --cache FOLDER [--set NAME]

For each set with given features of `benchmarks/sets.py`, means over the seeds of flips: AUROC /
average precision of label_score (`both`, λ chosen) with the features as they are, centred, each
column standardised, standardised and clipped at 5, turned to principal axes and scaled by their
singular value^-½ (half whitened) or ^-1 (whitened), and each centred one with a constant column as
long as a typical row.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from defaults import quality, shown
from machine import machine
from sets import RECIPES, Array, arguments, every

from cgaudit.score import choose_ridge, score_labels


def centred(rows: Array) -> Array:
    return rows - rows.mean(axis=0, dtype=np.float64)


def standardised(rows: Array) -> Array:
    spread = rows.std(axis=0, dtype=np.float64)
    return np.divide(centred(rows), spread, where=spread > 1e-6 * np.abs(rows).max(axis=0),
                     out=np.zeros(rows.shape))  # fmt: skip


def clipped(rows: Array) -> Array:
    return standardised(rows).clip(-5, 5)


def whitened(power: float) -> Callable[[Array], Array]:
    """Return principal axes, each divided by its singular value to some power."""

    def whiten(rows: Array) -> Array:
        middle = centred(rows)
        _, values, axes = np.linalg.svd(middle, full_matrices=False)
        kept = values > 1e-4 * values[0]
        return middle @ axes[kept].T / values[kept] ** power

    return whiten


def with_constant(change: Callable[[Array], Array]) -> Callable[[Array], Array]:
    def changed(rows: Array) -> Array:
        made = change(rows)
        length = np.sqrt((made**2).sum(axis=1).mean())
        return np.column_stack([made, np.full(len(made), length)])

    return changed


CHANGES: dict[str, Callable[[Array], Array]] = {
    "as they are": lambda rows: rows,
    "centred": centred,
    "standardised": standardised,
    "clipped": clipped,
    "half whitened": whitened(0.5),
    "whitened": whitened(1.0),
    "centred, 1": with_constant(centred),
    "standardised, 1": with_constant(standardised),
    "clipped, 1": with_constant(clipped),
}


def main() -> None:
    asked = arguments(__doc__.splitlines()[0]).parse_args()
    print(f"{machine()}\n\n| set | {' | '.join(CHANGES)} |\n|---|{'---|' * len(CHANGES)}")
    given = [name for name, recipe in RECIPES.items() if recipe.given]
    names = asked.sets or given
    for name, made in every(asked.data, asked.cache, names, raw=True, seeds=asked.seeds):
        cells = []
        for change in CHANGES.values():
            features = change(made[0].features).astype(np.float32)
            pairs, chosen = [], []
            for one in made:
                ridge = choose_ridge(features, one.given)
                score = score_labels(features, one.given, ridge=ridge, likelihood="both")
                pairs.append(quality(one.wrong, score.label_score))
                chosen.append(ridge)
            cells.append(f"{shown(pairs)} ({np.median(chosen):g})")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
