"""Make the demo's labels: the true ones, with a seeded share flipped to another digit.

Writes data/labels.csv (what is audited) and data/truth.csv (kept aside, to measure what the audit
finds). Both are committed; run this only to change the demo itself.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

SHARE = 0.04
SEED = 20231


def main() -> None:
    """Write both tables."""
    truth = load_digits().target
    rng = np.random.default_rng(SEED)
    wrong = rng.choice(len(truth), size=round(SHARE * len(truth)), replace=False)
    given = truth.copy()
    given[wrong] = (truth[wrong] + rng.integers(1, 10, size=len(wrong))) % 10
    _write(
        Path("data/labels.csv"),
        ["id", "path", "label"],
        [[f"{i:04}", f"images/{i:04}.png", str(label)] for i, label in enumerate(given)],
    )
    _write(
        Path("data/truth.csv"),
        ["id", "true_label"],
        [[f"{i:04}", str(label)] for i, label in enumerate(truth)],
    )


def _write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
