"""How long a diff takes: two versions of a scores table in a git + DVC repository.

    python benchmarks/versions.py [--rows 50000]

By the command line, with everything in DVC's cache.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from machine import machine

from cgaudit.params import RECIPE
from cgaudit.project import NAMED
from cgaudit.results.table import Provenance, Scores, write_scores

TOP = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--times", type=int, default=5)
    arguments = parser.parse_args()
    print(f"{machine()}\n")
    with tempfile.TemporaryDirectory() as scratch:
        repo = new_repository(Path(scratch))
        for version in range(2):
            write_scores(_scores(arguments.rows, version), repo / NAMED.scores)
            commit(repo, NAMED.scores, f"version {version}")
        seconds = []
        for _ in range(arguments.times):
            start = time.perf_counter()
            run(repo, sys.executable, "-m", "cgaudit", "diff", "HEAD~1", "HEAD", "--json")
            seconds.append(time.perf_counter() - start)
    print(f"`cgaudit diff` of two versions of {arguments.rows:,} rows, in seconds: "
          f"{', '.join(f'{x:.2f}' for x in seconds)}")  # fmt: skip


def _scores(rows: int, version: int) -> Scores:
    """Return scores of ten classes; version 1 has 2 % of the labels changed, and every score."""
    rng = np.random.default_rng(0)
    names = np.array([f"class {number}" for number in range(10)], dtype=object)
    labels = rng.integers(0, 10, rows)
    if version:
        labels = np.where(rng.random(rows) < 0.02, (labels + 1) % 10, labels)
    probabilities = np.random.default_rng(version).dirichlet(np.full(10, 0.1), rows)
    order = np.argsort(-probabilities, axis=1)
    own = probabilities[np.arange(rows), labels].astype(np.float32)
    top = np.take_along_axis(probabilities, order[:, :TOP], axis=1).astype(np.float32)
    table = pd.DataFrame(
        {
            "id": [f"{number:08}" for number in range(rows)],
            "given_label": names[labels],
            "predicted_label": names[order[:, 0]],
            "label_score": own,
            "is_label_issue": order[:, 0] != labels,
            "cg_score": 1 - own,
            "margin": 1 - 2 * own,
            "top_labels": list(names[order[:, :TOP]]),
            "top_scores": list(top),
            "content_hash": [f"{number:032x}" for number in range(rows)],
        }
    )
    return Scores(table, provenance("exact"))


def provenance(method: str) -> Provenance:
    """Return how tables of made-up scores say that they were computed."""
    landmarks = 2_048 if method == "lowrank" else None
    return Provenance(RECIPE, "patches", "0" * 32, method, 0.1, "gaussian", landmarks, 0, "float32",
                      "classification", "cpu", "0")  # fmt: skip


def new_repository(folder: Path) -> Path:
    """Make a folder a project with git and DVC, and return it."""
    run(folder, "git", "init", "--quiet", "--initial-branch=main")
    run(folder, "git", "config", "user.name", "A")
    run(folder, "git", "config", "user.email", "a@example.org")
    run(folder, sys.executable, "-m", "dvc", "init", "--quiet")
    (folder / "params.yaml").write_text("cgaudit: {source: {id_column: id}}\n")
    return folder


def commit(repo: Path, path: Path, message: str) -> None:
    """Give a path to DVC, and commit all."""
    run(repo, sys.executable, "-m", "dvc", "add", "--quiet", path.as_posix())
    run(repo, "git", "add", "--all")
    run(repo, "git", "commit", "--quiet", "--message", message)


def run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
