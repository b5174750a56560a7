"""Which neighbours are the better evidence: the nearest, or those of most influence.

    python benchmarks/evidence.py FILE.npz [FILE.npz …] --neighbours 3 5

FILE.npz holds `features` (n, d), `labels` (n,) and `truth` (n,), as `--save` of `features.py` and
`text.py` writes them. For each flagged sample the report shows neighbours that carry the given
label and neighbours that carry the suggested one. Printed is the share of those shown that truly
are what they are shown for, when they are chosen by H_ij and when by α_j H_ij, what sample j adds
to the prediction for sample i.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from machine import machine

from cgaudit import score_labels

RIDGE = 0.1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("features", type=Path, nargs="+")
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--neighbours", type=int, nargs="+", default=[4])
    arguments = parser.parse_args()
    print(f"{machine()}\n")
    print("| data | shown | chosen by | for the suggested label | for the given label |")
    print("|---|---|---|---|---|")
    for path in arguments.features:
        with np.load(path) as arrays:
            features, labels, truth = (
                arrays[name][: arguments.rows] for name in ("features", "labels", "truth")
            )
        for k in arguments.neighbours:
            for name, shares in compare(features, labels, truth, k).items():
                print(f"| {path.stem} | {k} | {name} | {shares[0]:.3f} | {shares[1]:.3f} |")


def compare(
    features: np.ndarray, labels: np.ndarray, truth: np.ndarray, k: int
) -> dict[str, list[float]]:
    """Return the share of shown neighbours that are what they are shown for, on either side."""
    found = score_labels(features, labels, ridge=RIDGE)
    flagged = np.flatnonzero(found.is_label_issue)
    kernel = kernel_of(features)
    sides = (found.predicted_label[flagged], labels[flagged])
    weights = {"H_ij": np.ones(len(labels)), "α_j H_ij": own_alpha(kernel, labels)}
    return {
        name: [
            float(np.mean([
                shown_right(kernel[i] * weight, i, wanted, labels, truth, k)
                for i, wanted in zip(flagged.tolist(), side, strict=True)
            ]))
            for side in sides
        ]
        for name, weight in weights.items()
    }  # fmt: skip


def kernel_of(features: np.ndarray) -> np.ndarray:
    """Return H (Arora et al. 2019), with 1/2 on the diagonal: float64, shape (n, n)."""
    unit = features / np.linalg.norm(features.astype(np.float64), axis=1, keepdims=True)
    cosine = np.clip(unit @ unit.T, -1, 1)
    kernel = cosine * (np.pi - np.arccos(cosine)) / (2 * np.pi)
    np.fill_diagonal(kernel, 0.5)
    return kernel


def own_alpha(kernel: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return each sample's α for the class that it is given: float64, shape (n,)."""
    classes, codes = np.unique(labels, return_inverse=True)
    targets = np.where(codes[:, None] == np.arange(len(classes)), 1.0, -1.0)
    alpha = np.linalg.solve(kernel + RIDGE * np.eye(len(labels)), targets)
    return alpha[np.arange(len(labels)), codes]


def shown_right(
    weight: np.ndarray, i: int, wanted: str, labels: np.ndarray, truth: np.ndarray, k: int
) -> float:
    """Return the share of the k heaviest samples labelled `wanted` whose true label that is."""
    others = np.flatnonzero((labels == wanted) & (np.arange(len(labels)) != i))
    shown = others[np.argsort(-weight[others])[:k]]
    return float(np.mean(truth[shown] == wanted)) if len(shown) else 1.0


if __name__ == "__main__":
    main()
