"""What it costs to featurize again after a part of the files was touched.

    python benchmarks/reuse.py IMAGES [--touch 0.01] [--featurizer NAME]

Copies the folder, featurizes it cold, gives `--touch` of the files other content, and featurizes
again with the first store at hand. Start-up is what a run costs that has nothing to compute.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
from machine import machine
from PIL import Image

from cgaudit.dataset import open_source
from cgaudit.featurize import FeatureStore, Featurized, create_featurizer, featurize, fit_featurizer
from cgaudit.params import RECIPE, SourceParams


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", type=Path)
    parser.add_argument("--touch", type=float, default=0.01)
    parser.add_argument("--featurizer", default="auto")
    arguments = parser.parse_args()
    print(f"{machine()}\n\n{'run':12} {'computed':>8} {'reused':>8} {'seconds':>8}")
    with tempfile.TemporaryDirectory() as scratch:
        images = Path(shutil.copytree(arguments.images, Path(scratch) / "images"))
        source = open_source(SourceParams(path=str(images)))
        featurizer = create_featurizer(arguments.featurizer, kind=source.kind)
        fit_featurizer(source, featurizer, source.samples()[0])

        def timed(name: str, reuse: FeatureStore | None) -> Featurized:
            begun = time.perf_counter()
            source = open_source(SourceParams(path=str(images)))
            done = featurize(source, featurizer, Path(scratch) / name, recipe=RECIPE, reuse=reuse)
            seconds = time.perf_counter() - begun
            print(f"{name:12} {done.computed:8,} {done.reused:8,} {seconds:8.2f}", flush=True)
            return done

        cold = timed("cold", None)
        timed("unchanged", cold.store)
        touch(images, cold.samples["path"].tolist(), arguments.touch)
        timed("touched", cold.store)


def touch(images: Path, paths: list[str], share: float) -> None:
    """Turn some pictures upside down."""
    drawn = np.random.default_rng(0).choice(len(paths), round(share * len(paths)), replace=False)
    for path in (images / paths[i] for i in drawn):
        path.chmod(0o644)
        with Image.open(path) as image:
            turned = image.transpose(Image.Transpose.ROTATE_180)
        turned.save(path)


if __name__ == "__main__":
    main()
