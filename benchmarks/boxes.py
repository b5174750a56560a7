"""How well wrong classes of boxes are found, by how much is cut out around them.

    python benchmarks/boxes.py [DATA] [--set NAME] [--margins 0 0.1 0.25]

DATA is the folder of data sets. One set is real (BCCD: microscope pictures, 211 of 4,886 boxes with
a wrong class); two are made: 800 photographs of clothes and of signs, shrunk and laid at random on
backgrounds of noise, their labels as they come with the sets, so that the wrong ones are known.
Features are the product's own, fitted on the crops; λ is chosen by the given labels.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from machine import machine
from PIL import Image
from sets import featurized
from sklearn.metrics import average_precision_score, roc_auc_score

from cgaudit.params import SourceParams
from cgaudit.score import score_labels

MARGINS = (0.0, 0.1, 0.25)
#: Things of a made picture: its side, how many lie on it in each direction, and how large they are.
SIDE, GRID, SMALLEST, LARGEST = 320, 4, 24, 64
#: So many things of a made set.
THINGS = 800


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", default=Path("../shared/data"))
    parser.add_argument("--set", dest="sets", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--margins", type=float, nargs="+", default=MARGINS)
    parsed = parser.parse_args()
    print(f"{machine()}\n")
    print(
        "| set | boxes | wrong | margin | AUROC | average precision | flags | precision | recall |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        for name in parsed.sets:
            source, true = SETS[name](parsed.data, Path(scratch) / name)
            for margin in parsed.margins:
                print(row(name, source, true, margin), flush=True)


def row(name: str, source: SourceParams, true: pd.Series, margin: float) -> str:
    """Return a row of the table: one set at one margin."""
    params = source.model_copy(update={"box_margin": margin})
    features, given, truth = featurized(params, true)
    found = score_labels(features, given, ridge="auto")
    wrong = given != truth
    flags = found.is_label_issue
    figures = [
        f"{roc_auc_score(wrong, -found.label_score):.4f}",
        f"{average_precision_score(wrong, -found.label_score):.4f}",
        f"{flags.sum():,}",
        f"{wrong[flags].mean():.3f}",
        f"{flags[wrong].mean():.3f}",
    ]
    counts = [f"{len(given):,}", f"{wrong.sum():,}", f"{margin:g}"]
    return f"| {' | '.join([name, *counts, *figures])} |"


def cells(data: Path, _scratch: Path) -> tuple[SourceParams, pd.Series]:
    """Return BCCD as it is, and the true class of each box."""
    folder = data / "bccd"
    truth = pd.read_csv(folder / "truth.csv", dtype=str).set_index("id")["true_label"]
    labels = str(folder / "annotations.json")
    return SourceParams(path=str(folder / "images"), labels=labels, kind="boxes"), truth


def laid_out(name: str) -> Callable[[Path, Path], tuple[SourceParams, pd.Series]]:
    """Return what lays the pictures of a set on backgrounds, each in a box of its own."""

    def make(data: Path, scratch: Path) -> tuple[SourceParams, pd.Series]:
        labels = pd.read_csv(data / name / "labels.csv", dtype=str).sample(THINGS, random_state=0)
        truth = pd.read_csv(data / name / "truth.csv", dtype=str).set_index("id")["true_label"]
        classes = sorted(labels["label"].unique())
        rng = np.random.default_rng(0)
        images, annotations = [], []
        (scratch / "pictures").mkdir(parents=True)
        for at, start in enumerate(range(0, len(labels), GRID**2)):
            part = labels.iloc[start : start + GRID**2]
            canvas = Image.fromarray(rng.integers(90, 150, (SIDE, SIDE, 3)).astype(np.uint8))
            for place, one in enumerate(part.itertuples()):
                box = paste(canvas, data / name / str(one.path), place, rng)
                annotations.append(
                    {
                        "id": one.id,
                        "image_id": at,
                        "category_id": classes.index(one.label),
                        "bbox": box,
                    }
                )
            canvas.save(scratch / "pictures" / f"{at:04}.png")
            images.append({"id": at, "file_name": f"{at:04}.png", "width": SIDE, "height": SIDE})
        categories = [{"id": at, "name": one} for at, one in enumerate(classes)]
        content = {"images": images, "annotations": annotations, "categories": categories}
        (scratch / "boxes.json").write_text(json.dumps(content))
        path, file = str(scratch / "pictures"), str(scratch / "boxes.json")
        return SourceParams(path=path, labels=file, kind="boxes"), truth

    return make


def paste(canvas: Image.Image, file: Path, place: int, rng: np.random.Generator) -> list[int]:
    """Lay a picture somewhere in its cell of the canvas; return its box."""
    cell = SIDE // GRID
    with Image.open(file) as opened:
        thing = opened.convert("RGB")
    longest = int(rng.integers(SMALLEST, LARGEST + 1))
    thing.thumbnail((longest, longest))
    left = place % GRID * cell + int(rng.integers(0, cell - thing.width + 1))
    top = place // GRID * cell + int(rng.integers(0, cell - thing.height + 1))
    canvas.paste(thing, (left, top))
    return [left, top, thing.width, thing.height]


SETS = {
    "BCCD": cells,
    "clothes on noise": laid_out("clothing"),
    "signs on noise": laid_out("signs"),
}


if __name__ == "__main__":
    main()
