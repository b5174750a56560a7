"""Verdicts on relabellings against the truth.

    python benchmarks/verdicts.py [DATA] --cache FOLDER [--set NAME]

Version a is the labels as they are; version b has half of the wrong ones corrected, at most 200,
and a quarter as many right ones spoiled, scored with today's defaults. Prints a Markdown table over
the undecided band: how many relabellings are decided, and how many of the decided verdicts are
right, on corrected and on spoiled apart (their mean is the figure to go by: "always supported"
would be right on 80 % of the mix); means over the seeds.
"""

from __future__ import annotations

import statistics
from collections import Counter

import numpy as np
from machine import machine
from sets import Array, LabelledSet, arguments, every

from cgaudit.score import score_labels
from cgaudit.versions.verdict import ground_of, judge

BANDS = (0.0, 0.05, 0.1, 0.2, 0.4)
SETS = ("cifar10n-3k", "clothing", "signs")
CORRECTED = 200


def main() -> None:
    asked = arguments(__doc__.splitlines()[0]).parse_args()
    print(f"{machine()}\n")
    print(f"| set | band | decided | right on corrected | right on spoiled | mean |\n{'|---' * 6}|")
    for name, made in every(asked.data, asked.cache, asked.sets or SETS, seeds=asked.seeds):
        judged = [verdicts(made[seed % len(made)], seed) for seed in range(asked.seeds)]
        for band in BANDS:
            figures = [right(support, corrected, band) for support, corrected in judged]
            decided, corrected, spoiled = map(statistics.mean, zip(*figures, strict=True))
            cells = (decided, corrected, spoiled, (corrected + spoiled) / 2)
            print(
                f"| {name} | {band:.2f} | {' | '.join(f'{it:.1%}' for it in cells)} |", flush=True
            )


def verdicts(one: LabelledSet, seed: int) -> tuple[Array, Array]:
    """Return the support of each relabelling, and which of them are corrections."""
    after = changed(one, seed)
    rows = np.flatnonzero(one.given != after)
    result = score_labels(one.features, after, ridge="auto")
    table = result.table(range(len(after)))
    table = table.set_index(table["id"].astype(int)).loc[rows]
    changes = list(zip(one.given[rows], after[rows], strict=True))
    ground = ground_of(one.given, Counter(after), changes)
    judgements = [
        judge(before, now, labels, probabilities, 0.0, ground)
        for (before, now), labels, probabilities in zip(
            changes, table["top_labels"], table["top_scores"], strict=True
        )
    ]
    support = np.array([judgement.support or 0.0 for judgement in judgements])
    return support, after[rows] == one.true[rows]


def changed(one: LabelledSet, seed: int) -> Array:
    """Correct some wrong labels, and spoil some right ones to a class drawn at random."""
    rng = np.random.default_rng(seed)
    after = one.given.copy()
    wrong = np.flatnonzero(one.wrong)
    count = min(CORRECTED, len(wrong) // 2)
    corrected = rng.choice(wrong, count, replace=False)
    spoiled = rng.choice(np.flatnonzero(~one.wrong), count // 4, replace=False)
    after[corrected] = one.true[corrected]
    classes = np.unique(one.given)
    for row in spoiled:
        after[row] = rng.choice(classes[classes != one.given[row]])
    return after


def right(support: Array, corrected: Array, band: float) -> tuple[float, float, float]:
    """Return the share that is decided, and the shares of verdicts that are right."""
    decided = np.abs(support) > band
    agrees = (support > 0) == corrected
    return (
        float(decided.mean()),
        float(agrees[decided & corrected].mean()),
        float(agrees[decided & ~corrected].mean()),
    )


if __name__ == "__main__":
    main()
