"""Which pictures look odd: how many in real sets, and how many of those that are made so.

    python benchmarks/pictures.py DATA

DATA is the folder of data sets. Prints a Markdown table, a row a set: the share of the pictures
that have each issue as they are, and of one in twenty that is made dark, light, flat, blurred (by a
Gaussian of one and of two pixels), six times smaller or cut to a fifth of its height, the share
that is found.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from machine import machine
from PIL import Image, ImageFilter

from cgaudit.dataset import IMAGE_SUFFIXES, look_of
from cgaudit.numerics.pictures import KINDS, picture_issues

SETS = ("clothing", "signs", "cifar10n-3k", "bccd")
MOST = 2_000
ONE_IN = 20


def _flat(picture: Image.Image) -> Image.Image:
    return Image.new("RGB", picture.size, (120, 130, 110))


def _small(picture: Image.Image) -> Image.Image:
    return picture.resize((max(1, picture.width // 6), max(1, picture.height // 6)))


def _cut(picture: Image.Image) -> Image.Image:
    return picture.crop((0, 0, picture.width, max(1, picture.height // 5)))


#: What is done to a picture, and the issue that it has then.
MADE: dict[str, tuple[str, Callable[[Image.Image], Image.Image]]] = {
    "dark": ("dark", lambda it: it.point(lambda value: value // 5)),
    "light": ("light", lambda it: it.point(lambda value: 215 + value // 7)),
    "flat": ("low_information", _flat),
    "blurred by 1": ("blurry", lambda it: it.filter(ImageFilter.GaussianBlur(1))),
    "blurred by 2": ("blurry", lambda it: it.filter(ImageFilter.GaussianBlur(2))),
    "six times smaller": ("odd_size", _small),
    "cut to a fifth": ("odd_aspect_ratio", _cut),
}


def pictures(folder: Path) -> list[Image.Image]:
    """Return pictures below a folder in RGB, at most `MOST` of them at random."""
    files = sorted(it for it in folder.rglob("*") if it.suffix.lower() in IMAGE_SUFFIXES)
    chosen = np.random.default_rng(0).permutation(len(files))[:MOST]
    return [Image.open(files[row]).convert("RGB") for row in chosen]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    arguments = parser.parse_args()
    print(f"{machine()}\n")
    print(f"| set | pictures | {' | '.join(KINDS)} | {' | '.join(MADE)} |")
    print(f"|---|---|{'---|' * (len(KINDS) + len(MADE))}")
    for name in SETS:
        print(_row(name, pictures(arguments.data / name)))


def _row(name: str, found: list[Image.Image]) -> str:
    looks = np.array([look_of(picture) for picture in found])
    natural = [f"{flags.mean():.2%}" for flags in picture_issues(looks).values()]
    made = [_share(found, looks, kind, change) for kind, change in MADE.values()]
    return f"| {name} | {len(found):,} | {' | '.join([*natural, *made])} |"


def _share(
    found: list[Image.Image], looks: np.ndarray, kind: str, change: Callable[..., Image.Image]
) -> str:
    """Return the share of changed pictures that are found among the others."""
    changed = looks.copy()
    rows = range(0, len(found), ONE_IN)
    for row in rows:
        changed[row] = look_of(change(found[row]))
    return f"{picture_issues(changed)[kind][list(rows)].mean():.0%}"


if __name__ == "__main__":
    main()
