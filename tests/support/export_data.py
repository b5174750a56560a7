"""A scores table with every awkward thing in it, and a project with real scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from provenance import PROVENANCE

from cgaudit.export import FORMATS, Material
from cgaudit.results.table import Scores

CLASSES = ["<b>&\"'", "=cmd()", "dog, big", "käfer 猫"]
PATHS = ["=1+1/a.png", "b c/ü&<x>.png", "d.png", "e/f.png"]


def awkward_scores() -> Scores:
    """Four samples: a good label, a suspicious one, one without a label, a tie."""
    top = [[0, 1, 2], [2, 1, 0], [3, 0, 1], [1, 0, 2]]
    table = pd.DataFrame(
        {
            "id": PATHS,
            "given_label": [CLASSES[0], CLASSES[1], None, CLASSES[1]],
            "predicted_label": [CLASSES[row[0]] for row in top],
            "label_score": np.array([0.9, 0.1, np.nan, 0.5], dtype=np.float32),
            "is_label_issue": [False, True, False, False],
            "cg_score": np.array([0.12345, 2.5, np.nan, 1], dtype=np.float32),
            "margin": np.array([-0.7, 0.6, np.nan, 0], dtype=np.float32),
            "top_labels": [[CLASSES[i] for i in row] for row in top],
            "top_scores": [np.array([0.9, 0.06, 0.04], dtype=np.float32) for _ in top],
            "content_hash": ["a", "b", "c", "d"],
            "path": PATHS,
        }
    )
    return Scores(table, PROVENANCE)


def project_params(folder: Path, source: str) -> None:
    (folder / "params.yaml").write_text(
        "cgaudit:\n  recipe: 2\n"
        f"  source: {source}\n"
        "  featurize: {name: auto, state: state.npz, options: {}}\n"
        "  score: {method: exact, ridge: 0.1, device: cpu}\n",
        encoding="utf-8",
    )


def contents_of(name: str, material: Material) -> dict[str, Any]:
    """Return the files of a format: their bytes, or an array."""
    made = FORMATS[name].contents
    assert made is not None
    return {
        file: content if isinstance(content, bytes | np.ndarray) else b"".join(content)
        for file, content in made(material).items()
    }
