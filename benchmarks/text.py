"""How well each text featurizer's vectors show up labels that were flipped at random.

    python benchmarks/text.py TABLE [--label-column NAME] [--flip 0.1] [--seed 0]
        [--featurizer NAME[:OPTION=VALUE]]

TABLE is one that `cgaudit audit` reads as text. The score is label_score (exact, λ = 0.1); AUROC
and average precision tell how well it ranks the flipped labels first. Labels that were wrong before
count as right.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from features import parsed, suspicion
from sklearn.metrics import average_precision_score, roc_auc_score

from cgaudit.dataset import join_labels, open_source
from cgaudit.featurize import create_featurizer, featurize, fit_featurizer
from cgaudit.params import RECIPE, SourceParams


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table")
    parser.add_argument("--label-column")
    parser.add_argument("--flip", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--featurizer", action="append", metavar="NAME[:OPTION=VALUE,…]")
    parser.add_argument("--save", type=Path, metavar="FILE.npz", help="the last one's vectors")
    arguments = parser.parse_args()
    params = SourceParams(path=arguments.table, label_column=arguments.label_column)
    source = open_source(params)
    samples, _ = source.samples()
    true = join_labels(samples).table["label"].to_numpy(dtype=str)
    labels, wrong = flipped(true, arguments.flip, arguments.seed)
    print(f"{len(labels)} texts, {wrong.mean():.1%} of the labels flipped")
    print(f"{'featurizer':40} {'dims':>5} {'fit s':>6} {'ms/text':>8} {'AUROC':>6} {'AP':>6}")
    for spec in arguments.featurizer or ["text"]:
        name, options = parsed(spec)
        featurizer = create_featurizer(name, options, kind=source.kind)
        begun = time.perf_counter()
        fit_featurizer(source, featurizer, samples)
        fitted = time.perf_counter()
        with tempfile.TemporaryDirectory() as scratch:
            done = featurize(source, featurizer, Path(scratch) / "features", recipe=RECIPE)
            seconds = time.perf_counter() - fitted
            table = join_labels(done.samples).table
            vectors = done.store.take(table["content_hash"].tolist())
        score = suspicion(vectors, labels)
        print(
            f"{spec:40} {vectors.shape[1]:5} {fitted - begun:6.1f} "
            f"{seconds / len(samples) * 1000:8.2f} "
            f"{roc_auc_score(wrong, score):6.4f} {average_precision_score(wrong, score):6.4f}",
            flush=True,
        )
    if arguments.save:
        np.savez(arguments.save, features=vectors, labels=labels, truth=true)


def flipped(labels: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the labels with a share of them replaced by another one, and which: (n,) bool."""
    rng = np.random.default_rng(seed)
    classes, codes = np.unique(labels, return_inverse=True)
    wrong = np.zeros(len(codes), dtype=bool)
    wrong[rng.choice(len(codes), round(share * len(codes)), replace=False)] = True
    others = (codes + rng.integers(1, len(classes), len(codes))) % len(classes)
    return classes[np.where(wrong, others, codes)], wrong


if __name__ == "__main__":
    main()
