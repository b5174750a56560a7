"""Small labelled data sets for the tutorials: three kinds, a few of them labelled wrong."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from PIL import Image

KINDS = ("checks", "columns", "stripes")
COUNT = 90
#: What v1 has wrong: number of the sample, its label.
WRONG = {4: "stripes", 9: "columns", 17: "checks", 25: "stripes"}


#: What the texts of each kind are about, and the words that make them differ.
TOPICS = {
    "checks": ("password", ["I forgot my password", "my login does not work", "reset my account"]),
    "columns": ("refund", ["I want my money back", "where is my refund", "you charged me twice"]),
    "stripes": ("delivery", ["my parcel is late", "where is my order", "the box came broken"]),
}
FILLERS = ("please help", "since Monday", "it is urgent", "what can I do", "again", "as ever")


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


def labels_table(folder: Path, count: int = COUNT) -> None:
    """photos/0000.png …, labels.csv, and incoming/ with a picture to add."""
    for number in range(count):
        save(number, folder / "photos")
    save(count, folder / "incoming")
    rows = [(f"{number:04}", f"{number:04}.png", label_of(number)) for number in range(count)]
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([("id", "image", "label"), *rows])


def label_folders(folder: Path, count: int = COUNT) -> None:
    """photos/<label>/0000.png …, and incoming/ with a picture to add."""
    for number in range(count):
        save(number, folder / "photos" / label_of(number))
    save(count, folder / "incoming")


def text(number: int) -> str:
    _, phrases = TOPICS[kind_of(number)]
    rng = np.random.default_rng(number)
    return f"{rng.choice(phrases)}, {rng.choice(FILLERS)}, {rng.choice(FILLERS)} ({number})"


def texts_table(folder: Path) -> None:
    """questions.csv, and incoming.csv with a row to add."""
    names = {kind: topic for kind, (topic, _) in TOPICS.items()}
    rows = [(f"{n:04}", text(n), names[label_of(n)]) for n in range(COUNT + 1)]
    for name, chosen in {"questions.csv": rows[:COUNT], "incoming.csv": rows[COUNT:]}.items():
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows([("id", "text", "label"), *chosen])
