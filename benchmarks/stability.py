"""How far one sample more moves the scores of the others.

    python benchmarks/stability.py [DATA] --cache FOLDER [--pictures N] [--rows N] [--method M] …

DATA is the folder of data sets, --cache keeps what was featurized. Scores random pictures of
CIFAR-10 with one annotator's labels, adds one more, and scores again: once for a
picture that becomes a landmark, one that is in the sample that directions are taken from, and one
that is in neither. Prints a Markdown table: the share of the label scores that moved by more than
0.01, the largest move, and how many flags changed. Least squares alone, which decides on all of it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from machine import machine
from sets import cifar

from cgaudit import score_labels
from cgaudit.numerics.contents import keys_of, row_digests
from cgaudit.score import LabelScores
from cgaudit.solve.prior import LINEAR_SHARE, SAMPLE_ROWS

MOVED = 0.01


def pictures(data: Path, cache: Path, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the features and given labels of pictures, in random order."""
    path = cache / f"stability-{rows}.npz"
    if not path.is_file():
        made = cifar("random_label1", rows)(data)
        cache.mkdir(parents=True, exist_ok=True)
        np.savez(path, features=made.features, given=made.given)
    with np.load(path, allow_pickle=False) as kept:
        order = np.random.default_rng(0).permutation(rows)
        return kept["features"][order], kept["given"][order]


def added(features: np.ndarray, n: int, landmarks: int) -> dict[str, list[int]]:
    """Return rows beyond the first n by what they would be, were they added."""
    keys = keys_of(row_digests(features), 0)
    rest = np.arange(n, len(features))
    rank = np.searchsorted(np.sort(keys[:n]), keys[rest])
    size = landmarks - int(LINEAR_SHARE * landmarks)
    return {
        "a landmark": rest[rank < size].tolist(),
        "in the sample": rest[(rank > landmarks) & (rank < SAMPLE_ROWS)].tolist(),
        "neither": rest[rank > landmarks + SAMPLE_ROWS].tolist(),
    }


def row(kind: str, before: LabelScores, after: LabelScores) -> str:
    """Return a row of the table."""
    far = np.abs(after.label_score[:-1] - before.label_score)
    flags = int((after.is_label_issue[:-1] != before.is_label_issue).sum())
    moved = int((far > MOVED).sum())
    return (
        f"| {kind} | {moved:,} of {len(far):,} ({moved / len(far):.2%}) | {far.max():.3f} "
        f"| {flags} of {int(before.is_label_issue.sum()):,} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("data", type=Path, nargs="?", default=default)
    parser.add_argument("--cache", type=Path, required=True, help="folder of featurized sets")
    parser.add_argument("--pictures", type=int, default=20_001, help="to choose from")
    parser.add_argument("--rows", type=int, default=18_000, help="pictures that are scored")
    parser.add_argument("--landmarks", type=int, default=2048)
    parser.add_argument("--method", choices=["lowrank", "iterative"], default="lowrank")
    parser.add_argument("--each", type=int, default=1, help="pictures of a kind to add")
    asked = parser.parse_args()
    features, labels = pictures(asked.data, asked.cache, asked.pictures)

    def scored(rows: np.ndarray) -> LabelScores:
        return score_labels(
            *(features[rows], labels[rows]),
            method=asked.method,
            landmarks=asked.landmarks,
            likelihood="gaussian",
        )

    print(f"{machine()}; {asked.method}, {asked.rows:,} pictures, m = {asked.landmarks:,}\n")
    print("| the picture that is added is | moved | at most | flags changed |\n|---|---|---|---|")
    first = np.arange(asked.rows)
    before = scored(first)
    for kind, rows in added(features, asked.rows, asked.landmarks).items():
        for one in rows[: asked.each]:
            print(row(kind, before, scored(np.append(first, one))), flush=True)


if __name__ == "__main__":
    main()
