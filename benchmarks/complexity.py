"""Relative complexity: what wrong labels do to it, how it grows, which classes pull together.

    python benchmarks/complexity.py [DATA] --cache FOLDER [--set NAME]

For each set, with its labels as given, with its true ones and with shuffled ones: the mean relative
complexity of the classes at each number of samples (docs/methods.md), what the report says of the
last doubling, and the three pairs of classes that are hardest to tell apart.
"""

from __future__ import annotations

import numpy as np
from machine import machine
from sets import Array, arguments, every

from cgaudit.analysis import Description, describe
from cgaudit.pages.audit.growth import whole_section
from cgaudit.results.metrics import Metrics
from cgaudit.score import choose_ridge

SETS = ("cifar10n-3k", "signs", "digits 10 %", "clothing", "banking77 10 %")


def main() -> None:
    asked = arguments(__doc__.splitlines()[0]).parse_args()
    print(f"{machine()}\n")
    print("| set | labels | λ | relative complexity by samples | levels off | hardest pairs |")
    print("|---|---|---|---|---|---|")
    for name, made in every(asked.data, asked.cache, asked.sets or SETS, seeds=1):
        one = made[0]
        ridge = float(choose_ridge(one.features, one.given))
        shuffled = np.random.default_rng(0).permutation(one.given)
        for kind, labels in (("given", one.given), ("true", one.true), ("shuffled", shuffled)):
            classes, codes = np.unique(labels, return_inverse=True)
            contents = [str(row) for row in range(len(codes))]
            found = describe(one.features, codes.astype(np.int64), contents, ridge)
            cells = [growth(found), levels_off(found), pairs(found, classes)]
            print(f"| {name} | {kind} | {ridge:g} | {' | '.join(cells)} |", flush=True)


def growth(found: Description) -> str:
    return ", ".join(f"{size:,}: {value:.3f}" for size, value in found.growth.items())


def levels_off(found: Description) -> str:
    section = whole_section(Metrics(growth={str(k): v for k, v in found.growth.items()}))
    assert section is not None
    return "no" if "not levelled" in section["growth_says"] else "yes"


def pairs(found: Description, classes: Array) -> str:
    return ", ".join(
        f"{classes[it.first]} and {classes[it.second]} {it.relative_complexity:.2f}"
        for it in found.pairs[:3]
    )


if __name__ == "__main__":
    main()
