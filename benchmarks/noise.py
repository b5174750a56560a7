"""What outlines cost where pictures are noise: how much histograms of gradients should count.

    python benchmarks/noise.py [DATA]

Textures of a few kinds under noise, a tenth of the labels flipped: `patches` without gradients,
with them, and with them in full whatever they vary like. With DATA, the folder of data sets, also
along how many directions the gradients of real pictures vary.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import numpy as np
import pandas as pd
from machine import machine
from PIL import Image
from sets import uniform
from sklearn.datasets import load_digits
from sklearn.metrics import average_precision_score, roc_auc_score

from cgaudit.featurize import create_featurizer, patches
from cgaudit.featurize.components import Components, participation_ratio
from cgaudit.featurize.gradients import SIDES, gradient_histograms
from cgaudit.featurize.sizes import squared
from cgaudit.score import score_labels

#: Rows, side in pixels, standard deviation of the noise around a contrast of 40, kinds, seeds.
TEXTURES = ((90, 16, 40, 3, 6), (90, 16, 60, 3, 12), (600, 16, 90, 6, 2), (600, 32, 150, 6, 2))
ROWS = 2000
R = TypeVar("R")


class Pictures(list[Image.Image]):
    """Pictures as the fit of a featurizer reads them."""

    def map(self, work: Callable[[Any], R], limit: int | None = None) -> Iterator[R]:
        """Yield what the work makes of each picture."""
        return map(work, self[:limit])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?")
    data = parser.parse_args().data
    print(machine(), end="\n\n")
    print("| rows | pixels | noise | kinds | directions | no gradients | gradients | in full |")
    print("|" + "---|" * 8)
    for setting in TEXTURES:
        print(row(*setting), flush=True)
    if data:
        print("\n| pictures | directions |\n|---|---|")
        for name, pictures in real(data):
            print(f"| {name} | {directions(pictures):.0f} |", flush=True)


def row(n: int, side: int, noise: int, kinds: int, seeds: int) -> str:
    """Return one row of the table: AUROC / average precision, means over seeds."""
    found: list[list[tuple[float, float]]] = []
    for seed in range(seeds):
        pictures, true = textures(n, side, noise, kinds, seed)
        given = uniform(0.1)(true, np.random.default_rng(seed))
        found.append([judged(pictures, given, true, *way) for way in WAYS])
    cells = [f"{auroc:.3f} / {precision:.3f}" for auroc, precision in np.mean(found, axis=0)]
    along = f"{directions(pictures):.0f}"
    return "| " + " | ".join([f"{n}", f"{side}", f"{noise}", f"{kinds}", along, *cells]) + " |"


#: How much gradients count, and along how many directions outlines may vary.
WAYS = ((0.0, patches.DIRECTIONS_OF_OUTLINES), (1.0, patches.DIRECTIONS_OF_OUTLINES), (1.0, 10**9))


def textures(n: int, side: int, noise: float, kinds: int, seed: int) -> tuple[Pictures, np.ndarray]:
    """Return grey pictures of a pattern under noise, and the names of the patterns."""
    i, j = np.mgrid[0:side, 0:side]
    step = side // 16
    rings = np.hypot(i - side / 2, j - side / 2)
    scales = [i // (4 * step) + j // (4 * step), j // (2 * step), i // (2 * step)]
    scales += [(i + j) // (2 * step), rings // (2 * step), i // (2 * step) + j // (2 * step)]
    rng = np.random.default_rng(seed)
    made = [
        rng.normal(110, noise, (side, side)) + 40 * (scales[number % kinds] % 2)
        for number in range(n)
    ]
    pictures = [Image.fromarray(one.clip(0, 255).astype(np.uint8)).convert("RGB") for one in made]
    return Pictures(pictures), np.array([f"kind {number % kinds}" for number in range(n)])


def judged(
    pictures: Pictures, given: np.ndarray, true: np.ndarray, weight: float, outlines: int
) -> tuple[float, float]:
    """Return AUROC and average precision of `label_score` at λ = 0.1."""
    featurizer = create_featurizer("patches", {"gradients": weight})
    with patch.object(patches, "DIRECTIONS_OF_OUTLINES", outlines):
        featurizer.fit(pictures)
    vectors = featurizer.transform([featurizer.prepare(one) for one in pictures])
    suspicion = -score_labels(vectors, given, ridge=0.1, device="cpu").label_score
    wrong = given != true
    return roc_auc_score(wrong, suspicion), average_precision_score(wrong, suspicion)


def directions(pictures: Sequence[Image.Image]) -> float:
    """Return along how many directions the gradients of pictures vary."""
    histograms = partial(gradient_histograms, mirror=True)
    rows = [
        np.concatenate([histograms(squared(one, side, False)) for side in SIDES])
        for one in pictures[:ROWS]
    ]
    columns = np.stack(rows)
    Components.learned(columns, 1, np.random.default_rng(0))
    return participation_ratio(columns)


def real(data: Path) -> Sequence[tuple[str, list[Image.Image]]]:
    """Return the names and pictures of the sets that are there."""
    digits = (load_digits().images * 15.9).astype(np.uint8)
    found = [("digits", [Image.fromarray(one).convert("RGB") for one in digits])]
    for name in ("clothing", "signs", "cifar10n-3k"):
        if (data / name).is_dir():
            paths = pd.read_csv(data / name / "labels.csv", dtype=str)["path"].head(ROWS)
            base = data / name
            roots = [base if (base / path).is_file() else base / "images" for path in paths]
            found.append(
                (
                    name,
                    [
                        Image.open(root / path).convert("RGB")
                        for root, path in zip(roots, paths, strict=True)
                    ],
                )
            )
    return found


if __name__ == "__main__":
    main()
