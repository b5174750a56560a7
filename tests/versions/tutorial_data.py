"""Small labelled data sets for the tutorials: three patterns, a few of them labelled wrong."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from PIL import Image

KINDS = ("checks", "columns", "stripes")
COUNT = 90
#: What v1 has wrong: number of the sample, its label.
WRONG = {4: "stripes", 9: "columns", 17: "checks", 25: "stripes"}


def kind_of(number: int) -> str:
    return KINDS[number % 3]


def label_of(number: int) -> str:
    return WRONG.get(number, kind_of(number))


def picture(number: int) -> Image.Image:
    rng = np.random.default_rng(number)
    i, j = np.mgrid[0:16, 0:16]
    pattern = {"checks": i // 4 + j // 4, "columns": j // 2, "stripes": i // 2}[kind_of(number)]
    grey = rng.normal(110, 60, (16, 16)) + 40 * (pattern % 2)
    return Image.fromarray(grey.clip(0, 255).astype(np.uint8))


def save(number: int, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    picture(number).save(folder / f"{number:04}.png")


def labels_table(folder: Path) -> None:
    """photos/0000.png …, labels.csv, and incoming/ with a picture to add."""
    for number in range(COUNT):
        save(number, folder / "photos")
    save(COUNT, folder / "incoming")
    rows = [(f"{number:04}", f"{number:04}.png", label_of(number)) for number in range(COUNT)]
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([("id", "image", "label"), *rows])


def label_folders(folder: Path) -> None:
    """photos/<label>/0000.png …, and incoming/ with a picture to add."""
    for number in range(COUNT):
        save(number, folder / "photos" / label_of(number))
    save(COUNT, folder / "incoming")
