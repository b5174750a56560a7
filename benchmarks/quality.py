"""How well wrong labels are found, on every set, beside rivals on the same features.

    python benchmarks/quality.py [DATA] --cache FOLDER [--set NAME] [--seeds N] [--no-rivals]

For each set of `benchmarks/sets.py`, three Markdown tables: AUROC and average precision of ranking
the wrong labels first; the flags, what is said of their precision, and as many from the top of the
ranking; how many wrong labels a reviewer has found after so many looks. Ours is what `cgaudit
audit` does (λ chosen by the given labels, both likelihoods). cleanlab: its score by 5-fold
logistic regression, with the C of a grid that has the best average precision *by the truth*; kNN is
the share of the k nearest that carry another label, its k chosen in the same way. Means over the
seeds where labels were flipped. "Ahead by" is how much better our average precision is than a
rival's, with the 95 % interval of samples drawn anew (paired bootstrap, Efron & Tibshirani 1993).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from cleanlab.rank import get_label_quality_scores
from machine import machine
from sets import Array, LabelledSet, arguments, every
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import NearestNeighbors

from cgaudit.score import LabelScores, score_labels

C_GRID = (0.001, 0.003, 0.01, 0.03, 0.1, 1.0, 10.0)
K_GRID = (10, 30, 100)
LOOKS = (50, 100, 200)
DRAWS = 1000


@dataclass(frozen=True)
class Ranking:
    """How suspicious each label is to one method.

    Attributes
    ----------
    setting
        Which of its grid, None for ours.
    suspicion : ndarray of float, shape (n,)
    wrong : ndarray of bool, shape (n,)
    """

    setting: float | None
    suspicion: Array
    wrong: Array

    @property
    def auroc(self) -> float:
        """Of the wrong labels against the others."""
        return float(roc_auc_score(self.wrong, self.suspicion))

    @property
    def average_precision(self) -> float:
        """Of the wrong labels."""
        return float(average_precision_score(self.wrong, self.suspicion))

    def found(self, looks: int) -> int:
        """Return how many of the most suspicious labels are wrong."""
        return int(self.wrong[np.argsort(-self.suspicion, kind="stable")[:looks]].sum())


@dataclass(frozen=True)
class Outcome:
    """What ours and the rivals say of one set, once a seed.

    Attributes
    ----------
    scores
        Ours.
    rankings
        By name of the method: one a seed.
    """

    made: list[LabelledSet]
    scores: list[LabelScores]
    rankings: dict[str, list[Ranking]]


def main() -> None:
    parser = arguments(__doc__.splitlines()[0])
    parser.add_argument("--no-rivals", dest="rivals", action="store_false")
    parsed = parser.parse_args()
    print(f"{machine()}\n", flush=True)
    outcomes: dict[str, Outcome] = {}
    for name, made in every(parsed.data, parsed.cache, parsed.sets, seeds=parsed.seeds):
        outcomes[name] = outcome(made, rivals=parsed.rivals)
        print(f"{name}: done", flush=True)
    print_rankings(outcomes)
    print_flags(outcomes)
    print_looks(outcomes)


def outcome(made: list[LabelledSet], *, rivals: bool) -> Outcome:
    """Score a set by every method."""
    scores = [score_labels(one.features, one.given, ridge="auto") for one in made]
    ours = [
        Ranking(None, -found.label_score, one.wrong)
        for one, found in zip(made, scores, strict=True)
    ]
    rankings = {"cgaudit": ours}
    if rivals:
        rankings["cleanlab"] = [best(one, C_GRID, cleanlab) for one in made]
        rankings["kNN"] = [best(one, K_GRID, neighbours) for one in made]
    return Outcome(made, scores, rankings)


def best(
    one: LabelledSet, grid: Iterable[float], method: Callable[[LabelledSet, float], Array]
) -> Ranking:
    """Return the ranking of the grid that has the best average precision by the truth."""
    tried = [Ranking(setting, method(one, setting), one.wrong) for setting in grid]
    return max(tried, key=lambda ranking: ranking.average_precision)


def cleanlab(one: LabelledSet, C: float) -> Array:
    """Return cleanlab's suspicion by 5-fold logistic regression."""
    features = one.features / np.sqrt((one.features.astype(np.float64) ** 2).mean())
    model = LogisticRegression(C=C, max_iter=100)
    probabilities = cross_val_predict(model, features, one.given, cv=5, method="predict_proba")
    codes = np.unique(one.given, return_inverse=True)[1]
    suspicion: Array = -get_label_quality_scores(codes, probabilities)
    return suspicion


def neighbours(one: LabelledSet, k: float) -> Array:
    """Return the share of the k nearest that carry another label."""
    near = NearestNeighbors(n_neighbors=int(k) + 1, metric="cosine").fit(one.features)
    others = near.kneighbors(one.features, return_distance=False)[:, 1:]
    suspicion: Array = (one.given[others] != one.given[:, None]).mean(axis=1)
    return suspicion


def print_rankings(outcomes: dict[str, Outcome]) -> None:
    """Print AUROC and average precision."""
    names = list(next(iter(outcomes.values())).rankings)
    heads = [f"{name} {what}" for name in names for what in ("AUROC", "AP")]
    ahead = [f"ahead of {name} by" for name in names[1:]]
    print_head("set", "samples", "wrong", "λ", *heads, *ahead)
    for name, found in outcomes.items():
        figures = [
            f"{mean(getattr(ranking, what) for ranking in rankings):.4f}"
            for rankings in found.rankings.values()
            for what in ("auroc", "average_precision")
        ]
        ridges = sorted({scores.info.ridge for scores in found.scores})
        n, wrong = len(found.made[0].given), mean(one.wrong.mean() for one in found.made)
        ours, *theirs = found.rankings.values()
        figures += [lead(ours, rival) for rival in theirs]
        print_row(name, f"{n:,}", f"{wrong:.1%}", ", ".join(f"{r:g}" for r in ridges), *figures)


def lead(ours: Sequence[Ranking], theirs: Sequence[Ranking]) -> str:
    """Return by how much our average precision is larger, and its interval over the samples."""
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(DRAWS):
        differences = []
        for one, other in zip(ours, theirs, strict=True):
            rows = rng.integers(0, len(one.wrong), len(one.wrong))
            precisions = [
                average_precision_score(one.wrong[rows], it.suspicion[rows]) for it in (one, other)
            ]
            differences.append(precisions[0] - precisions[1])
        drawn.append(np.mean(differences))
    low, high = np.quantile(drawn, [0.025, 0.975])
    middle = mean(it.average_precision for it in ours) - mean(it.average_precision for it in theirs)
    return f"{middle:+.4f} ({low:+.4f} to {high:+.4f})"


def print_flags(outcomes: dict[str, Outcome]) -> None:
    """Print what the flags are worth, and what is said of them."""
    print_head(
        "set", "flags", "precision", "recall", "stated precision", "as many from the top: precision"
    )
    for name, found in outcomes.items():
        flags = [scores.is_label_issue for scores in found.scores]
        pairs = list(zip(found.made, flags, strict=True))
        precision = mean(one.wrong[chosen].mean() for one, chosen in pairs)
        recall = mean(chosen[one.wrong].mean() for one, chosen in pairs)
        top = mean(
            ranking.found(int(chosen.sum())) / max(1, int(chosen.sum()))
            for ranking, chosen in zip(found.rankings["cgaudit"], flags, strict=True)
        )
        print_row(
            name,
            f"{mean(chosen.sum() for chosen in flags):.0f}",
            f"{precision:.3f}",
            f"{recall:.3f}",
            stated(found.scores),
            f"{top:.3f}",
        )


def stated(scores: Sequence[LabelScores]) -> str:
    """Return what is said of the flags' precision, of the first seed that says something."""
    for found in scores:
        expected = found.expected_errors
        if expected is None:
            continue
        if (said := expected.flag_precision(found.is_label_issue)) is not None:
            return f"{'at least ' if expected.is_lower_bound else ''}{said:.3f}"
    return "not told"


def print_looks(outcomes: dict[str, Outcome]) -> None:
    """Print how many wrong labels are among the first that a reviewer looks at."""
    names = list(next(iter(outcomes.values())).rankings)
    print_head("set", *[f"{name}, {looks} looks" for looks in LOOKS for name in names])
    for name, found in outcomes.items():
        figures = [
            f"{mean(ranking.found(looks) for ranking in found.rankings[method]):.0f}"
            for looks in LOOKS
            for method in names
        ]
        print_row(name, *figures)


def mean(values: Iterable[float]) -> float:
    """Return the mean."""
    return float(np.mean(list(values)))


def print_head(*names: str) -> None:
    """Print the first two lines of a Markdown table."""
    print(f"\n| {' | '.join(names)} |\n|{'---|' * len(names)}")


def print_row(*cells: str) -> None:
    """Print a row of a Markdown table."""
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
