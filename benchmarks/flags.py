"""Which labels to flag: how many, and which ones.

    python benchmarks/flags.py [DATA] --cache FOLDER [--set NAME] [--likelihood both] [--ridge auto]

For each set of `benchmarks/sets.py`: precision and recall of flags, for ways to count them and ways
to choose as many. `product` is the default rule. Counts: `rule`, the samples whose most probable
class above its own threshold is another than the given one, and whose suggestion is (`issue_rule:
confident_learning`); `joint`, what is off the diagonal of the confident joint calibrated to the
sizes of the classes (Northcutt et al. 2021, eq. 1 to 3; cleanlab's `off_diagonal_calibrated`).
Choices: `rule`, its own; `top`, the lowest `label_score` of all; `ranked`, the lowest whose
suggestion differs; `by class`, each class's own count from its lowest whose suggestion differs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from machine import machine
from sets import Array, LabelledSet, arguments, every

from cgaudit.score import score_labels


@dataclass(frozen=True)
class Judged:
    """Leave-one-out probabilities of a set and what follows from them.

    Attributes
    ----------
    p : ndarray, shape (n, K)
    given, suggested : ndarray of int, shape (n,)
    wrong : ndarray of bool, shape (n,)
    confident : ndarray of int, shape (n,)
        The most probable class that reaches its threshold, or −1.
    product : ndarray of bool, shape (n,)
        What the default rule flags.
    """

    p: Array
    given: Array
    suggested: Array
    wrong: Array
    confident: Array
    product: Array

    @property
    def label_score(self) -> Array:
        """Probability of the given label: (n,)."""
        score: Array = self.p[np.arange(len(self.p)), self.given]
        return score

    @property
    def rule(self) -> Array:
        """What confident learning flags: bool, shape (n,)."""
        flags: Array = (
            (self.confident >= 0) & (self.confident != self.given) & (self.suggested != self.given)
        )
        return flags

    @property
    def joint(self) -> Array:
        """Confident joint calibrated to the classes' sizes: rows given, columns true, (K, K)."""
        K = self.p.shape[1]
        sure = self.confident >= 0
        counts = np.zeros((K, K))
        np.add.at(counts, (self.given[sure], self.confident[sure]), 1)
        sizes = np.bincount(self.given, minlength=K)
        rows = counts.sum(axis=1)
        shares = np.where(rows[:, None] > 0, counts / np.maximum(rows, 1)[:, None], np.eye(K))
        calibrated: Array = shares * sizes[:, None]
        return calibrated


def judge(one: LabelledSet, likelihood: str, ridge: float | str) -> Judged:
    found = score_labels(
        one.features, one.given, likelihood=likelihood, ridge=ridge, probabilities=True
    )
    assert found.probabilities is not None
    p = found.probabilities.astype(np.float64)
    given = np.searchsorted(found.classes, one.given)
    suggested = np.searchsorted(found.classes, found.predicted_label)
    own = p[np.arange(len(p)), given]
    usual = np.bincount(given, own, p.shape[1]) / np.bincount(given, minlength=p.shape[1])
    reached = np.where(p >= usual, p, -1)
    confident = np.where(reached.max(axis=1) > 0, reached.argmax(axis=1), -1)
    return Judged(p, given, suggested, one.wrong, confident, found.is_label_issue)


def lowest(score: Array, among: Array, count: int) -> Array:
    """Return the `count` lowest scores among some: bool, shape (n,)."""
    order = np.argsort(np.where(among, score, np.inf), kind="stable")
    chosen = np.zeros(len(score), dtype=bool)
    chosen[order[: min(count, int(among.sum()))]] = True
    return chosen


def ranked(found: Judged, count: int) -> Array:
    return lowest(found.label_score, found.suggested != found.given, count)


def top(found: Judged, count: int) -> Array:
    return lowest(found.label_score, np.ones(len(found.p), dtype=bool), count)


def by_class(found: Judged, counts: Array) -> Array:
    differs = found.suggested != found.given
    each = [
        lowest(found.label_score, differs & (found.given == k), int(count))
        for k, count in enumerate(counts)
    ]
    return np.any(each, axis=0)


def off_diagonal(joint: Array) -> Array:
    """Return how many labels of each given class are wrong: (K,)."""
    return np.rint(joint.sum(axis=1) - np.diag(joint)).astype(int)


def rule_by_class(found: Judged) -> Array:
    return np.bincount(found.given[found.rule], minlength=found.p.shape[1])


CHOICES: dict[str, Callable[[Judged], Array]] = {
    "product": lambda found: found.product,
    "rule": lambda found: found.rule,
    "rule, top": lambda found: top(found, int(found.rule.sum())),
    "rule, ranked": lambda found: ranked(found, int(found.rule.sum())),
    "rule, by class": lambda found: by_class(found, rule_by_class(found)),
    "joint, top": lambda found: top(found, int(off_diagonal(found.joint).sum())),
    "joint, ranked": lambda found: ranked(found, int(off_diagonal(found.joint).sum())),
    "joint, by class": lambda found: by_class(found, off_diagonal(found.joint)),
}


def figures(flags: Array, wrong: Array) -> tuple[float, float, float]:
    """Return how many flags there are, their precision and their recall."""
    hits = float((flags & wrong).sum())
    return float(flags.sum()), hits / max(1, flags.sum()), hits / max(1, wrong.sum())


def main() -> None:
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--likelihood", default="both")
    parser.add_argument("--ridge", default="auto")
    asked = parser.parse_args()
    ridge = asked.ridge if asked.ridge == "auto" else float(asked.ridge)
    print(f"{machine()}\n\nλ {asked.ridge}, likelihood {asked.likelihood}\n")
    print(f"| set | wrong | {' | '.join(CHOICES)} |\n|---|---|{'---|' * len(CHOICES)}")
    for name, made in every(asked.data, asked.cache, asked.sets, seeds=asked.seeds):
        judged = [judge(one, asked.likelihood, ridge) for one in made]
        cells = []
        for choose in CHOICES.values():
            flags, precision, recall = np.mean(
                [figures(choose(found), found.wrong) for found in judged], axis=0
            )
            cells.append(f"{flags:.0f}: {precision:.3f}, {recall:.3f}")
        wrong = np.mean([found.wrong.sum() for found in judged])
        print(f"| {name} | {wrong:.0f} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
