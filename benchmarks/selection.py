"""What a part of the data reaches when `cgaudit select` chooses it, and what its curve promised.

    python benchmarks/selection.py [DATA] --cache FOLDER [--set NAME] [--seeds 3] [--logistic]

Of each set, once as labelled and once with its true labels, a third of the rows is kept aside with
true labels; of the others a tenth, a third and a half are chosen, and kernel ridge regression at
the λ of the scores (or logistic regression, --logistic) learns from them. Accuracy in percent on
the rows kept aside, mean over the seeds ± its standard deviation: the rule as it stands (herding,
flagged samples left out where the curve says so), all rules on what is kept by that decision, and
chance. Then what the curve promised for the rule beside what it reaches on rows kept aside, by the
labels as they were given, and what it would promise with scores of the whole data.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from machine import machine
from sets import Array, LabelledSet, arguments, every

from cgaudit.numerics.kernel import kernel_tile, unit_rows
from cgaudit.score import Judging, Scorer, Solving, choose_ridge
from cgaudit.selection import RULES, Candidates, Selecting, choose, curve

SETS = ("cifar10n-3k", "signs", "digits 10 %", "clothing")
SHARES = (0.1, 0.33, 0.5)
OTHERS = [name for name in RULES if name != "herding"]

#: Features and labels to learn from, features to predict; class numbers of these.
Judge = Callable[[Array, Array, Array], Array]


def main() -> None:
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--logistic", action="store_true", help="judge by logistic regression")
    parser.add_argument("--labels", choices=("given", "true"), help="only as these")
    asked = parser.parse_args()
    print(f"{machine()}\n")
    heads = [
        "set",
        "labels",
        "share",
        "herding",
        *OTHERS,
        "all rows",
        "flagged left out",
    ]
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    promises = []
    for name, made in every(asked.data, asked.cache, asked.sets or SETS, seeds=1):
        for kind in [asked.labels] if asked.labels else ("given", "true"):
            one = made[0] if kind == "given" else replace(made[0], given=made[0].true)
            ridge = float(choose_ridge(one.features, one.given))
            judge = logistic if asked.logistic else kernel_ridge(ridge)
            rows, promised = measured(one, ridge, judge, asked.seeds)
            for share, cells in rows:
                print(f"| {name} | {kind} | {share:g} | {' | '.join(cells)} |", flush=True)
            promises += [f"| {name} | {kind} | {' | '.join(cells)} |" for cells in promised]
    print("\n| set | labels | share | promised | reached, by labels as given | with whole scores |")
    print("|---|---|---|---|---|---|")
    print("\n".join(promises))


def measured(
    one: LabelledSet, ridge: float, judge: Judge, seeds: int
) -> tuple[list[tuple[float, list[str]]], list[list[str]]]:
    """Return the cells of both tables, a row a share."""
    found: dict[tuple[float, str], list[float]] = defaultdict(list)
    for seed in range(seeds):
        mixed = np.random.default_rng(seed).permutation(len(one.given))
        aside, kept = mixed[: len(mixed) // 3], np.sort(mixed[len(mixed) // 3 :])
        _on(one, kept, aside, ridge, judge, found)
    rows = [
        (share, [shown(found[share, key]) for key in ("herding", *OTHERS, "all", "drops")])
        for share in SHARES
    ]
    promised = [
        [f"{share:g}", *(shown(found[share, key]) for key in ("promised", "reached", "whole"))]
        for share in SHARES
    ]
    return rows, promised


def _on(
    one: LabelledSet,
    kept: Array,
    aside: Array,
    ridge: float,
    judge: Judge,
    found: dict[tuple[float, str], list[float]],
) -> None:
    _, codes = np.unique(np.concatenate([one.given, one.true]), return_inverse=True)
    given, true = codes[: len(one.given)], codes[len(one.given) :]
    among = candidates(one.features[kept], given[kept], ridge)

    def accuracy(order: Array, truth: Array = true) -> float:
        rows = kept[order]
        said = judge(one.features[rows], given[rows], one.features[aside])
        return float((said == truth[aside]).mean())

    whole = accuracy(np.arange(len(kept)))
    # It has the other shares too.
    promise = curve(among, Selecting(share=SHARES[1]), Judging(), ridge)
    assert promise is not None
    for share in SHARES:
        drop = promise.dropping_pays(share)
        at = int(np.abs(promise.shares - share).argmin())
        for rule in RULES:
            order = choose(among, Selecting(rule, share), drop_flagged=drop and rule != "random")
            found[share, rule].append(accuracy(order))
            if rule == "herding":
                found[share, "reached"].append(accuracy(order, given))
        found[share, "all"].append(whole)
        found[share, "drops"].append(float(drop))
        found[share, "promised"].append(float(promise.rule(drop).mean[at]))
        found[share, "whole"].append(with_whole_scores(among, share, drop, judge))


def candidates(features: Array, codes: Array, ridge: float) -> Candidates:
    """Return samples with the scores that they have among themselves."""
    scored = Scorer(features, Solving(ridge=ridge)).score(codes)
    return Candidates(
        features,
        codes.astype(np.int64),
        scored.cg_score.astype(np.float64),
        scored.is_label_issue,
        np.zeros(len(codes), dtype=bool),
        [str(row) for row in range(len(codes))],
    )


def with_whole_scores(among: Candidates, share: float, drop: bool, judge: Judge) -> float:
    """Return what folds would promise whose flags and scores know the rows to judge by."""
    fold = np.random.default_rng(0).integers(0, 5, len(among))
    reached = []
    for number in range(5):
        inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        rows = inside[choose(among.take(inside), Selecting(share=share), drop_flagged=drop)]
        said = judge(among.features[rows], among.codes[rows], among.features[outside])
        reached.append(float((said == among.codes[outside]).mean()))
    return float(np.mean(reached))


def kernel_ridge(ridge: float) -> Judge:
    def judge(features: Array, codes: Array, asked: Array) -> Array:
        own, others = (
            unit_rows(torch.from_numpy(np.asarray(part)), torch.float64)
            for part in (features, asked)
        )
        classes, numbers = np.unique(codes, return_inverse=True)
        system = kernel_tile(own, own)
        system.diagonal().add_(ridge)
        targets = torch.nn.functional.one_hot(torch.from_numpy(numbers)).double() * 2 - 1
        alpha = torch.cholesky_solve(targets, torch.linalg.cholesky(system))
        said: Array = classes[(kernel_tile(others, own) @ alpha).argmax(dim=1).numpy()]
        return said

    return judge


def logistic(features: Array, codes: Array, asked: Array) -> Array:
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import normalize

    model = LogisticRegression(C=10, max_iter=300).fit(normalize(features), codes)
    said: Array = model.predict(normalize(asked))
    return said


def shown(values: list[float]) -> str:
    return f"{100 * np.mean(values):.1f} ± {100 * np.std(values):.1f}"


if __name__ == "__main__":
    main()
