"""What is missed where not all pairs of samples are compared: of neighbours, copies and outliers.

    python benchmarks/neighbours.py [DATA] --cache FOLDER [--set NAME …] [--pictures 24000]

DATA is the folder of data sets, --cache keeps what was featurized. Compares what is found with what
comparing all pairs finds, on fewer samples than it takes for cgaudit to do otherwise: the questions
of banking77, pictures of CIFAR-10, clothing and signs with the default features, and rows around 60
centres, some of them odd. One row in 50 has a near copy added, of another length and 3 % of noise.
Prints a Markdown table; "compared" is a share of all pairs.
The rules with a † are not what cgaudit does: cells of which each row is in two to four, and pairs
compared within them; faiss's inverted lists, where faiss can be imported.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from machine import machine
from sets import cifar, featurized, pictures

from cgaudit.executor import Inline
from cgaudit.oddities import find, lists, search
from cgaudit.oddities.law import (
    NEAR_DUPLICATE_THRESHOLD,
    NEIGHBOURS,
    OUTLIER_THRESHOLD,
    Nearest,
    beyond_of,
)
from cgaudit.oddities.pairs import nearest_of_all, units_and_lengths
from cgaudit.params import SourceParams

#: Rows of a cell, on average.
_CELL = 1024


@dataclass(frozen=True)
class Judged:
    """What follows from the neighbours of n rows.

    Attributes
    ----------
    distance : ndarray of float64, shape (n, k)
    pairs
        Near-duplicates, the smaller number first.
    outlier : ndarray of bool, shape (n,)
    compared
        The share of all pairs that were compared.
    seconds
        Of the processor.
    """

    distance: np.ndarray
    pairs: set[tuple[int, int]]
    outlier: np.ndarray
    compared: float
    seconds: float


def judged(found: search.Found, compared: float, began: float) -> Judged:
    """Return what follows from what was found."""
    seconds = time.process_time() - began
    distance = np.full((len(found.length), NEIGHBOURS), np.inf)
    for part in found.parts:
        distance[found.rows[part.start : part.start + len(part.near)]] = part.distance
    unlikeness, pairs = find._seen(found, NEAR_DUPLICATE_THRESHOLD)
    outlier = beyond_of(unlikeness, found.length) > OUTLIER_THRESHOLD
    ordered = set(map(tuple, np.sort(pairs, axis=1).tolist()))
    return Judged(distance, ordered, outlier, compared, seconds)


def all_pairs(rows: np.ndarray) -> Judged:
    began = time.process_time()
    return judged(search.among_all(rows, NEIGHBOURS, "cpu", None), 1, began)


def in_lists(rows: np.ndarray) -> Judged:
    """Return what cgaudit finds beyond 200,000 samples."""
    began = time.process_time()
    found = search.among_lists(rows, None, NEIGHBOURS, "cpu", None)
    return judged(found, min(1, lists.LOOKED_AT / search._sizes(*rows.shape)[0]), began)


def in_cells(rows: np.ndarray, each: int) -> Judged:
    """Return what is found where each row is in several cells and pairs are compared within."""
    began, n = time.process_time(), len(rows)
    unit, length = units_and_lengths(rows, torch.device("cpu"))
    count = max(2, round(each * n / _CELL))
    drawn = np.random.default_rng(0).permutation(n)[: 64 * count]
    own = lists._best(unit, lists.centres_of(drawn, count, rows, "cpu"), each)
    near = np.zeros((n, NEIGHBOURS), dtype=np.int64)
    distance = np.full((n, NEIGHBOURS), np.inf)
    compared = 0
    for cell in range(int(own.max()) + 1):
        members = (own == cell).any(dim=1).nonzero()[:, 0].numpy()
        compared += len(members) ** 2
        k = min(NEIGHBOURS, len(members) - 1)
        if k > 0:
            known = torch.ones(len(members), dtype=torch.bool)
            found = nearest_of_all(unit[members], known, k, None)
            near[members], distance[members] = _merged(
                *(near[members], distance[members], members[found.near], found.distance)
            )
    nearest = [Nearest(0, near, distance)]
    return judged(search.Found(Inline(), nearest, np.arange(n), length), compared / n**2, began)


def _merged(
    near: np.ndarray, distance: np.ndarray, others: np.ndarray, apart: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest of two lists a row, each neighbour once."""
    near, distance = np.concatenate([near, others], 1), np.concatenate([distance, apart], 1)
    order = np.lexsort((distance, near), axis=1)
    near, distance = (np.take_along_axis(it, order, 1) for it in (near, distance))
    twice = (near[:, 1:] == near[:, :-1]) & np.isfinite(distance[:, :-1])
    distance[:, 1:][twice] = np.inf
    order = np.argsort(distance, axis=1, kind="stable")[:, :NEIGHBOURS]
    return np.take_along_axis(near, order, 1), np.take_along_axis(distance, order, 1)


def by_faiss(rows: np.ndarray) -> Judged:
    """Return what faiss's inverted lists find: 2 √n of them, of which 32 are looked at."""
    import faiss

    began, n = time.process_time(), len(rows)
    unit, length = units_and_lengths(rows, torch.device("cpu"))
    groups = max(1, min(int(2 * n**0.5), n // 40))
    centres = faiss.IndexFlatIP(rows.shape[1])
    index = faiss.IndexIVFFlat(centres, rows.shape[1], groups, faiss.METRIC_INNER_PRODUCT)
    index.train(unit.numpy())
    index.add(unit.numpy())
    index.nprobe = 32
    _, places = index.search(unit.numpy(), NEIGHBOURS + 1)
    # The row itself last, then left out.
    own = places == np.arange(n)[:, None]
    near = np.take_along_axis(places, np.argsort(own, axis=1, kind="stable"), 1)[:, :-1]
    wide = unit.double()
    distance = np.stack([torch.linalg.vector_norm(wide - wide[it], dim=1) for it in near.T], 1)
    order = np.argsort(distance, axis=1, kind="stable")
    near, distance = (np.take_along_axis(it, order, 1) for it in (near, distance))
    nearest = [Nearest(0, near, distance)]
    return judged(search.Found(Inline(), nearest, np.arange(n), length), 32 / groups, began)


def with_copies(rows: np.ndarray) -> np.ndarray:
    """Return the rows, and near copies of one in fifty."""
    rng = np.random.default_rng(0)
    copies = rows[rng.choice(len(rows), len(rows) // 50, replace=False)].astype(np.float64)
    noise = rng.normal(size=copies.shape)
    length = np.linalg.norm(copies, axis=1) / np.linalg.norm(noise, axis=1)
    copies = (copies + 0.03 * length[:, None] * noise) * rng.uniform(0.9, 1.1, (len(copies), 1))
    return np.concatenate([rows, copies.astype(np.float32)])


def planted(n: int = 24_000, width: int = 64) -> np.ndarray:
    """Return rows on flat patches around 60 centres, of which 100 are odd."""
    rng = np.random.default_rng(0)
    centres, own = rng.normal(size=(60, width)), rng.integers(60, size=n)
    patches, along = rng.normal(size=(60, 10, width)) / 3, rng.normal(size=(n, 10))
    rows = centres[own] + np.einsum("nk,nkd->nd", along, patches[own])
    rows += rng.normal(scale=0.1, size=(n, width))
    rows[:100] = rng.normal(scale=1.5, size=(100, width))
    return rows.astype(np.float32)


def questions(data: Path) -> np.ndarray:
    """Return all questions of banking77, each once, with the default text features."""
    table = pd.read_csv(data / "banking77" / "train.csv", dtype=str, keep_default_na=False)
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "questions.csv"
        table.drop_duplicates("text").to_csv(path, index=False)
        return featurized(SourceParams(path=str(path)))[0]


def kept(cache: Path, name: str, make: Callable[[], np.ndarray]) -> np.ndarray:
    """Return features, made where they are not kept."""
    path = cache / f"neighbours-{name}.npy"
    if not path.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        np.save(path, make())
    rows: np.ndarray = np.load(path)
    return rows


def told(name: str, found: Judged, exact: Judged) -> str:
    """Return a row of the table."""
    far = exact.distance * (1 + 1e-5)
    nearest = (found.distance[:, 0] <= far[:, 0]).mean()
    met = (found.distance <= far[:, -1:]).mean()
    same, others = exact.pairs & found.pairs, len(found.pairs - exact.pairs)
    flags = f"{(exact.outlier & found.outlier).sum()} of {exact.outlier.sum()}"
    more = (found.outlier & ~exact.outlier).sum()
    return (
        f"| {name} | {found.compared:.3f} | {met:.3f} | {nearest:.3f} "
        f"| {len(same)} of {len(exact.pairs)}, {others} others | {flags}, {more} others "
        f"| {found.seconds:.0f} |"
    )


def rules() -> Iterator[tuple[str, Callable[[np.ndarray], Judged]]]:
    yield "lists", in_lists
    for each in (2, 3, 4):
        yield f"cells, each row in {each} †", partial(in_cells, each=each)
    if importlib.util.find_spec("faiss"):
        yield "faiss †", by_faiss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("data", type=Path, nargs="?", default=default)
    parser.add_argument("--cache", type=Path, required=True, help="folder of featurized sets")
    parser.add_argument("--set", action="append", metavar="NAME", help="one of them; repeatable")
    parser.add_argument("--pictures", type=int, default=24_000, help="of CIFAR-10")
    asked = parser.parse_args()
    sets: dict[str, Callable[[], np.ndarray]] = {
        "planted": planted,
        "banking77": lambda: questions(asked.data),
        "clothing": lambda: pictures("clothing")(asked.data).features,
        "signs": lambda: pictures("signs")(asked.data).features,
        f"cifar-{asked.pictures}": lambda: (
            cifar("random_label1", asked.pictures)(asked.data).features
        ),
    }
    print(f"{machine()}\n")
    print("| | compared | of 20 neighbours | nearest | near-duplicate pairs | outliers | s |")
    print("|---|---|---|---|---|---|---|")
    for name, make in sets.items():
        if not asked.set or name.partition("-")[0] in asked.set:
            rows = with_copies(kept(asked.cache, name, make))
            exact = all_pairs(rows)
            said = f"{name}, {len(rows):,} × {rows.shape[1]}"
            print(f"| **{said}** | | | | | | {exact.seconds:.0f} |")
            for rule, finds in rules():
                print(told(rule, finds(rows), exact), flush=True)


if __name__ == "__main__":
    main()
