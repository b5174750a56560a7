"""Which likelihood and which λ rank wrong labels first.

    python benchmarks/defaults.py [DATA] --cache FOLDER [--set NAME]

For each set of `benchmarks/sets.py`, means over the seeds where labels are flipped: AUROC / average
precision of ranking by label_score, for each likelihood at each λ of a grid and at the λ that
`ridge: auto` chooses; then what the choice made on fewer rows would give (`both`, average
precision).
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from machine import machine
from sets import Array, LabelledSet, arguments, every
from sklearn.metrics import average_precision_score, roc_auc_score

from cgaudit.score import Judging, Scorer, Solving, choose_ridge

LIKELIHOODS = ("gaussian", "softmax", "both")
#: Wider than what `ridge: auto` chooses from.
RIDGES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
#: Rows to choose λ on.
FEWER = (500, 1000, 2000)


def main() -> None:
    asked = arguments(__doc__.splitlines()[0]).parse_args()
    print(f"{machine()}\n")
    heads = [f"λ {ridge:g}" for ridge in RIDGES] + ["auto"]
    print(f"| set | likelihood | {' | '.join(heads)} |\n|---|---|{'---|' * len(heads)}")
    fewer = []
    for name, made in every(asked.data, asked.cache, asked.sets, seeds=asked.seeds):
        table = measured(made)
        chosen = [choose_ridge(one.features, one.given) for one in made]
        for likelihood in LIKELIHOODS:
            cells = [shown([table[likelihood, ridge][i] for i in range(len(made))])
                     for ridge in RIDGES]  # fmt: skip
            auto = [table[likelihood, ridge][i] for i, ridge in enumerate(chosen)]
            last = f"{shown(auto)} (λ {', '.join(f'{ridge:g}' for ridge in sorted(set(chosen)))})"
            print(f"| {name} | {likelihood} | {' | '.join([*cells, last])} |", flush=True)
        fewer.append(on_fewer_rows(name, made, table, chosen))
    print(f"\n| set | all rows | {' | '.join(f'{rows} rows' for rows in FEWER)} | best λ |")
    print(f"|---|---|{'---|' * len(FEWER)}---|")
    print("\n".join(fewer))


Table = dict[tuple[str, float], list[tuple[float, float]]]


def measured(made: list[LabelledSet]) -> Table:
    """Return AUROC and average precision by (likelihood, λ), one each set."""
    table: Table = defaultdict(list)
    for ridge in RIDGES:
        scorer = Scorer(made[0].features, Solving(ridge=ridge))
        for one in made:
            for likelihood in LIKELIHOODS:
                found = scorer.score(one.given, Judging(likelihood=likelihood))
                table[likelihood, ridge].append(quality(one.wrong, found.label_score))
    return table


def quality(wrong: Array, label_score: Array) -> tuple[float, float]:
    auroc = roc_auc_score(wrong, -label_score)
    return float(auroc), float(average_precision_score(wrong, -label_score))


def shown(pairs: list[tuple[float, float]]) -> str:
    auroc, precision = np.mean(pairs, axis=0)
    return f"{auroc:.3f} / {precision:.3f}"


def on_fewer_rows(name: str, made: list[LabelledSet], table: Table, chosen: list[float]) -> str:
    def precision(ridges: list[float]) -> str:
        mean = np.mean([table["both", ridge][i][1] for i, ridge in enumerate(ridges)])
        return f"{mean:.3f} (λ {', '.join(f'{ridge:g}' for ridge in sorted(set(ridges)))})"

    cells = [precision(chosen)]
    for rows in FEWER:
        cells.append(precision([on_rows(one, rows) for one in made]))
    best = max(RIDGES, key=lambda ridge: np.mean(table["both", ridge], axis=0)[1])
    return f"| {name} | {' | '.join(cells)} | {precision([best] * len(made))} |"


def on_rows(one: LabelledSet, rows: int) -> float:
    """Return the λ that so many of the rows, drawn at random, would choose."""
    drawn = np.sort(np.random.default_rng(0).permutation(len(one.given))[:rows])
    return choose_ridge(one.features[drawn], one.given[drawn])


if __name__ == "__main__":
    main()
