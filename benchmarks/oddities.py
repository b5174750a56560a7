"""What is found of odd samples and near-duplicates that were planted, by several rules.

    python benchmarks/oddities.py DATA [--set NAME …] [--model FOLDER] [--seed 0]

DATA is a folder with cifar10n-3k, clothing, signs and banking77; the digits and the breast-cancer
table are scikit-learn's. `--model` names a sentence-transformers model: the texts with its vectors
are one more set. Fifteen odd samples, five of a kind, and ten copies of each kind of change are
planted in each set before the default featurizer is fitted; the rules see the features alone.

"found" are planted ones, "others" what else is flagged: false, or odd by nature. Of the originals
of planted copies none counts as other. The rules with a † are not what cgaudit does.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from machine import machine
from planted import Planted, cancer, digits, pictures, texts
from sklearn.metrics import average_precision_score
from sklearn.neighbors import NearestNeighbors

from cgaudit.oddities import find_oddities
from cgaudit.score import score_labels

#: Texts of banking77 that are used.
TEXTS = 3000
#: Its 0.13 of the median cosine distance, in distances of unit rows.
CLEANLABS = 0.36
ABOUT_SCORING: tuple[dict[str, Any], ...] = ({}, {"ridge": "auto", "likelihood": "both"})


def main() -> None:
    arguments = _arguments()
    print(f"{machine()}\n")
    outliers, duplicates, costs = [], [], []
    for planted in _planted(arguments):
        outliers += [[planted.name, *row] for row in _outliers(planted)]
        duplicates += [[planted.name, *row] for row in _duplicates(planted)]
        costs.append([planted.name, *_cost(planted)])
    _print(["data", "outliers by", "found, by kind", "others", "average precision"], outliers)
    _print(["data", "near-duplicates by", "found, by kind", "others"], duplicates)
    _print(["data", "rows", "oddities, s", "scoring, s", "with ridge: auto and both, s"], costs)


def _outliers(planted: Planted) -> Iterator[list[str]]:
    """Yield what each rule finds: its name, found by kind, others, average precision."""
    far, near = _search(planted.features)
    mean, cosine = far[:, :10].mean(axis=1), (far[:, :10] ** 2 / 2).mean(axis=1)
    last = far[:, 9]
    local = mean / np.median(mean[near[:, :10]], axis=1)
    found = find_oddities(planted.features)
    for name, flagged, oddity in (
        ("cgaudit", found.is_outlier_issue, -found.outlier_score),
        ("cleanlab's: Q3 + 1.7 IQR of mean cosine distance †", _fenced(cosine) > 1.7, cosine),
        ("Q3 + 1.5 IQR of mean distance †", _fenced(mean) > 1.5, mean),
        ("median + 5 MAD of mean distance †", _in_mads(mean) > 5, mean),
        ("mean distance over the neighbours' own > 1.5 †", local > 1.5, local),
        ("the 1 % of the largest tenth distance †", last > np.quantile(last, 0.99), last),
    ):
        precision = average_precision_score(planted.odd, oddity)
        others = np.sum(flagged & ~planted.odd)
        yield [name, _by_kind(planted, planted.odd, flagged), f"{others}", f"{precision:.2f}"]


def _duplicates(planted: Planted) -> Iterator[list[str]]:
    """Yield what each rule finds: its name, found by kind, others."""
    copies = np.flatnonzero(planted.original >= 0)
    originals = planted.original[copies]
    rows = _unit(planted.features)
    apart = np.linalg.norm(rows[copies] - rows[originals], axis=1)
    nearest = _search(planted.features)[0][:, 0]
    sets = find_oddities(planted.features).near_duplicate_set
    together = (sets[copies] >= 0) & (sets[copies] == sets[originals])
    rules = [("cgaudit", together, sets >= 0)]
    for share in (0.2, CLEANLABS, 0.5):
        limit = share * np.median(nearest)
        theirs = ", cleanlab's" if share == CLEANLABS else ""
        name = f"{share} of the median nearest distance{theirs} †"
        rules.append((name, apart < limit, nearest < limit))
    for name, hit, flagged in rules:
        flags = np.zeros(len(sets), dtype=bool)
        flags[copies] = hit
        others = flagged.copy()
        others[copies] = others[originals] = False
        yield [name, _by_kind(planted, planted.original >= 0, flags), f"{others.sum()}"]


def _cost(planted: Planted) -> list[str]:
    """Return rows, and the seconds of finding oddities and of scoring, one after the other."""
    own = planted.kind == ""
    X, labels = planted.features[own], planted.labels[own]
    seconds = [_seconds(lambda: find_oddities(X))]
    for how in ABOUT_SCORING:
        seconds.append(_seconds(partial(score_labels, X, labels, method="exact", **how)))
    return [f"{len(X):,}", *(f"{one:.2f}" for one in seconds)]


def _seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def _by_kind(planted: Planted, which: np.ndarray, found: np.ndarray) -> str:
    kinds = dict.fromkeys(planted.kind[which])
    parts = [
        f"{kind} {found[planted.kind == kind].sum()}/{(planted.kind == kind).sum()}"
        for kind in kinds
    ]
    return ", ".join(parts)


def _fenced(values: np.ndarray) -> np.ndarray:
    lower, upper = np.quantile(values, [0.25, 0.75])
    return (values - upper) / (upper - lower)


def _in_mads(values: np.ndarray) -> np.ndarray:
    apart = values - np.median(values)
    return apart / np.median(np.abs(apart))


def _unit(features: np.ndarray) -> np.ndarray:
    wide = features.astype(np.float64)
    return wide / np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-12)


def _search(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows = _unit(features)
    distance, near = NearestNeighbors(n_neighbors=21, algorithm="brute").fit(rows).kneighbors(rows)
    return distance[:, 1:], near[:, 1:]


def _print(head: list[str], rows: list[list[str]]) -> None:
    for row in [head, ["---"] * len(head), *rows]:
        print(f"| {' | '.join(row)} |")
    print(flush=True)


def _planted(arguments: argparse.Namespace) -> Iterator[Planted]:
    data, seed = arguments.data, arguments.seed
    makers: dict[str, Callable[[], Planted]] = {
        "cifar10n-3k": lambda: pictures("cifar10n-3k", data / "cifar10n-3k", data / "signs", seed),
        "clothing": lambda: pictures("clothing", data / "clothing", data / "signs", seed),
        "signs": lambda: pictures("signs", data / "signs", data / "clothing", seed),
        "digits": lambda: digits(seed, data / "signs"),
        "banking77": lambda: texts("banking77", _questions(data, seed), seed),
        "cancer": lambda: cancer(seed),
    }
    if arguments.model:
        makers["banking77 with the model"] = lambda: texts(
            "banking77, the model", _questions(data, seed), seed, arguments.model
        )
    for name, make in makers.items():
        if name in (arguments.set or makers):
            yield make()


def _questions(data: Path, seed: int) -> pd.DataFrame:
    table = pd.read_csv(data / "banking77" / "train.csv", dtype=str, keep_default_na=False)
    return table.sample(TEXTS, random_state=seed)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--set", action="append", metavar="NAME", help="one of them; repeatable")
    parser.add_argument("--model", help="a sentence-transformers model or folder")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
