"""How well wrong numbers and wrong label sets are found, beside cleanlab on the same features.

    python benchmarks/tasks.py regression|multilabel [--seeds 3] [--data DATA]

Regression: three sets (scikit-learn's diabetes, a made table of house prices, Friedman's first
function), a tenth of the targets spoiled in three ways: swapped among each other, moved by 1.5 to 3
standard deviations, ten times too large or too small. Ours with λ chosen by the labels, ranked by
`label_score`; "plain" is the same without winsorised rounds, constant column and choice of λ (λ =
0.1). cleanlab's `outre` and `residual` scores by 5-fold predictions of ridge regression, boosted
trees and a forest: the best of the six *by the truth*.

Multilabel: which of four properties scikit-learn's digits have, its made multilabel set, and words
of banking77 questions (where DATA has them); 5 % of all entries flipped, or 20 % of the labels
missing. Ranked per entry. cleanlab's self-confidence by 5-fold one-vs-rest logistic regression,
with the C of a grid that has the best average precision by the truth.

Means over the seeds of AUROC / average precision.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from cleanlab.regression.rank import get_label_quality_scores
from machine import machine
from sklearn.datasets import (
    load_diabetes,
    load_digits,
    make_friedman1,
    make_multilabel_classification,
)
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from cgaudit.score import score_labels

Array = np.ndarray
SHARE = 0.1
C_GRID = (0.001, 0.01, 0.1, 1.0)
WORDS = ("card", "account", "money", "transfer", "top", "cash", "pin", "pending")


class Figures(NamedTuple):
    """How well what is wrong is ranked first."""

    auroc: float
    precision: float

    def __str__(self) -> str:
        return f"{self.auroc:.3f} / {self.precision:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=("regression", "multilabel"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parsed = parser.parse_args()
    print(f"{machine()}\n", flush=True)
    if parsed.task == "regression":
        regression(parsed.seeds)
    else:
        multilabel(parsed.seeds, parsed.data)


def regression(seeds: int) -> None:
    print("| set | rows | errors | cgaudit | plain | cleanlab | flags | precision | recall |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, features, true in number_sets():
        for kind, spoil in SPOILS.items():
            runs = [number_run(features, true, spoil, seed) for seed in range(seeds)]
            *ranked, told = zip(*runs, strict=True)
            ours, plain, theirs = map(mean, ranked)
            flags = np.mean(told, axis=0)
            shown = [f"{flags[0]:.0f}", f"{flags[1]:.3f}", f"{flags[2]:.3f}"]
            cells = [name, f"{len(true):,}", kind, str(ours), str(plain), str(theirs), *shown]
            print(f"| {' | '.join(cells)} |", flush=True)


def number_run(
    features: Array, true: Array, spoil: Callable[[Array, np.random.Generator], Array], seed: int
) -> tuple[Figures, Figures, Figures, tuple[float, float, float]]:
    """Spoil targets and rank them by ours, by ours without what it has learned, and by theirs."""
    given = spoil(true, np.random.default_rng(seed))
    wrong = given != true
    found = score_labels(features, given, task="regression", ridge="auto", precision="float64")
    flags = found.is_label_issue
    share = float(wrong[flags].mean()) if flags.any() else float("nan")
    told = (float(flags.sum()), share, float(flags[wrong].mean()))
    plain = figures(wrong, plain_suspicion(features, given))
    return figures(wrong, -found.label_score), plain, rivals(features, given, wrong), told


def plain_suspicion(features: Array, given: Array, ridge: float = 0.1) -> Array:
    """Return |z| of the leave-one-out residuals of one solve, as the formula has them."""
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    cosine = np.clip(unit @ unit.T, -1, 1)
    kernel = cosine * (np.pi - np.arccos(cosine)) / (2 * np.pi)
    inverse = np.linalg.inv(kernel + ridge * np.eye(len(given)))
    alpha = inverse @ ((given - given.mean()) / given.std())
    found: Array = np.abs(alpha) / np.sqrt(np.diag(inverse))
    return found


def rivals(features: Array, given: Array, wrong: Array) -> Figures:
    """Return the best that cleanlab's scores say, by average precision."""
    models = (
        RidgeCV(np.logspace(-3, 3, 13)),
        HistGradientBoostingRegressor(random_state=0),
        RandomForestRegressor(100, min_samples_leaf=3, random_state=0, n_jobs=1),
    )
    found = []
    for model in models:
        predicted = cross_val_predict(model, features, given, cv=5)
        for method in ("outre", "residual"):
            quality = get_label_quality_scores(given, predicted, method=method)
            found.append(figures(wrong, -quality))
    return max(found, key=lambda one: one.precision)


def number_sets() -> Iterator[tuple[str, Array, Array]]:
    yield "diabetes", *standardised(*load_diabetes(return_X_y=True))
    yield "house prices", *standardised(*houses(600))
    yield "Friedman 1", *standardised(*make_friedman1(600, noise=1.0, random_state=0))


def standardised(features: Array, target: Array) -> tuple[Array, Array]:
    return (features - features.mean(axis=0)) / features.std(axis=0), target


def houses(n: int) -> tuple[Array, Array]:
    """Return a table of houses, four of its columns noise, and prices that multiply."""
    rng = np.random.default_rng(0)
    area, age, distance = rng.gamma(8, 15, n), rng.uniform(0, 90, n), rng.exponential(6, n)
    rooms = np.round(area / 28 + rng.normal(0, 0.7, n)).clip(1)
    zone = rng.integers(0, 5, n)
    worth = (900 + 220 * zone) * area * np.exp(-0.03 * distance) * (1 - 0.003 * age)
    price = worth * np.exp(rng.normal(0, 0.12, n)) / 1000 + 8 * rooms
    columns = [area, rooms, age, distance, *np.eye(5)[zone].T, *rng.normal(0, 1, (4, n))]
    return np.stack(columns, axis=1), price


def swapped(true: Array, rng: np.random.Generator) -> Array:
    at, given = chosen(true, rng), true.copy()
    given[at] = true[np.roll(at, 1)]
    return given


def moved(true: Array, rng: np.random.Generator) -> Array:
    at, given = chosen(true, rng), true.copy()
    given[at] += rng.choice([-1, 1], len(at)) * rng.uniform(1.5, 3, len(at)) * true.std()
    return given


def tenfold(true: Array, rng: np.random.Generator) -> Array:
    at, given = chosen(true, rng), true.copy()
    given[at] *= np.where(rng.random(len(at)) < 0.5, 10, 0.1)
    return given


def chosen(true: Array, rng: np.random.Generator) -> Array:
    return rng.choice(len(true), round(SHARE * len(true)), replace=False)


SPOILS: dict[str, Callable[[Array, np.random.Generator], Array]] = {
    "swapped": swapped,
    "moved": moved,
    "tenfold": tenfold,
}


def multilabel(seeds: int, data: Path) -> None:
    print("| set | rows | labels | errors | cgaudit | cleanlab | flags | precision | recall |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, features, true in label_sets(data):
        for kind, spoil in SET_SPOILS.items():
            runs = [set_run(features, true, spoil, seed) for seed in range(seeds)]
            *ranked, told = zip(*runs, strict=True)
            ours, theirs = map(mean, ranked)
            flags = np.mean(told, axis=0)
            counts = [f"{len(true):,}", str(true.shape[1])]
            shown = [f"{flags[0]:.0f}", f"{flags[1]:.3f}", f"{flags[2]:.3f}"]
            print(
                f"| {' | '.join([name, *counts, kind, str(ours), str(theirs), *shown])} |",
                flush=True,
            )


def set_run(
    features: Array, true: Array, spoil: Callable[[Array, np.random.Generator], Array], seed: int
) -> tuple[Figures, Figures, tuple[float, float, float]]:
    """Spoil entries and rank them by ours and by theirs."""
    given = spoil(true, np.random.default_rng(seed))
    wrong = given != true
    found = score_labels(features, given, task="multilabel", ridge="auto").per_label
    assert found is not None, "the task has figures per label"
    flags = found.is_label_issue
    share = float(wrong[flags].mean()) if flags.any() else float("nan")
    told = (float(flags.sum()), share, float(flags[wrong].mean()))
    tried = []
    for C in C_GRID:
        logistic = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=300))
        model = OneVsRestClassifier(logistic)
        yes = cross_val_predict(model, features, given, cv=5, method="predict_proba")
        tried.append(figures(wrong, -np.where(given == 1, yes, 1 - yes)))
    theirs = max(tried, key=lambda one: one.precision)
    return figures(wrong, -found.label_score), theirs, told


def label_sets(data: Path) -> Iterator[tuple[str, Array, Array]]:
    pixels, digit = load_digits(return_X_y=True)
    properties = [digit % 2 == 0, digit >= 5, np.isin(digit, (0, 6, 8, 9)), digit % 3 == 0]
    yield "digits", pixels, np.stack(properties, axis=1).astype(int)
    features, labels = make_multilabel_classification(
        1500, n_features=30, n_classes=6, n_labels=2, random_state=0
    )
    yield "made", features, labels
    file = data / "banking77" / "train.csv"
    if file.exists():
        texts = pd.read_csv(file)["text"].sample(2000, random_state=0).str.lower()
        vectors = TfidfVectorizer(sublinear_tf=True).fit_transform(texts)
        words = np.stack([texts.str.contains(rf"\b{word}\b") for word in WORDS], axis=1)
        reduced = TruncatedSVD(200, random_state=0).fit_transform(vectors)
        yield "words of questions", reduced, words.astype(int)


def flipped(true: Array, rng: np.random.Generator) -> Array:
    found: Array = np.where(rng.random(true.shape) < 0.05, 1 - true, true)
    return found


def missing(true: Array, rng: np.random.Generator) -> Array:
    found: Array = np.where(rng.random(true.shape) < 0.2, 0, true)
    return found


SET_SPOILS: dict[str, Callable[[Array, np.random.Generator], Array]] = {
    "5 % flipped": flipped,
    "20 % missing": missing,
}


def figures(wrong: Array, suspicion: Array) -> Figures:
    flat, ranked = wrong.ravel(), suspicion.ravel()
    return Figures(float(roc_auc_score(flat, ranked)), float(average_precision_score(flat, ranked)))


def mean(found: Sequence[Figures]) -> Figures:
    return Figures(*np.mean(found, axis=0).tolist())


if __name__ == "__main__":
    main()
