"""Features and scores are the same bytes whatever instructions a processor has.

PyTorch, MKL and oneDNN are told to use no newer ones than SSE4, as on another machine.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image
from sklearn.datasets import load_breast_cancer, load_digits

ELSEWHERE = {
    "ATEN_CPU_CAPABILITY": "default",
    "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "OMP_NUM_THREADS": "1",
}
WORDS = "card payment refund transfer account balance pin fee limit cash top up late".split()  # noqa: SIM905


def flipped(labels: np.ndarray) -> np.ndarray:
    """A tenth of the labels wrong."""
    rng = np.random.default_rng(0)
    wrong = rng.random(len(labels)) < 0.1
    return np.where(wrong, rng.permutation(labels), labels)


def pictures(folder: Path) -> dict[str, object]:
    """Digits in colours, larger than they are."""
    digits, rng = load_digits(), np.random.default_rng(0)
    names = [f"{number}.png" for number in range(500)]
    (folder / "images").mkdir()
    for name, pixels in zip(names, digits.images, strict=False):
        colours = rng.integers(60, 255, 3) * (pixels[:, :, None] / 16) + rng.integers(0, 40, 3)
        image = Image.fromarray(np.clip(colours, 0, 255).astype(np.uint8))
        image.resize((40, 32)).save(folder / "images" / name)
    labels = flipped(digits.target[:500])
    pd.DataFrame({"path": names, "label": labels}).to_csv(folder / "labels.csv", index=False)
    return {"path": "images", "labels": "labels.csv"}


def texts(folder: Path) -> dict[str, object]:
    rng = np.random.default_rng(0)
    topics = [rng.dirichlet(np.full(len(WORDS), 0.3)) for _ in range(4)]
    labels = rng.integers(0, 4, 600)
    rows = [" ".join(rng.choice(WORDS, 9, p=topics[label])) for label in labels]
    table = pd.DataFrame({"text": rows, "label": flipped(labels)}).drop_duplicates("text")
    table.to_csv(folder / "texts.csv", index=False)
    return {"path": "texts.csv", "text_column": "text"}


def table(folder: Path) -> dict[str, object]:
    frame = load_breast_cancer(as_frame=True).frame
    frame["label"] = flipped(frame.pop("target").to_numpy())
    frame.to_csv(folder / "table.csv", index_label="id")
    return {"path": "table.csv", "id_column": "id"}


def vectors(folder: Path) -> dict[str, object]:
    features, labels = load_breast_cancer(return_X_y=True)
    np.save(folder / "vectors.npy", features.astype(np.float32))
    rows = pd.DataFrame({"id": np.arange(len(labels)), "label": flipped(labels)})
    rows.to_csv(folder / "labels.csv", index=False)
    return {"path": "vectors.npy", "labels": "labels.csv"}


@pytest.mark.slow
@pytest.mark.parametrize("likelihood", ["both", "gaussian"])
@pytest.mark.parametrize("write", [pictures, texts, table, vectors])
def test_same_bytes(write: Callable[[Path], dict[str, object]], likelihood: str, tmp_path: Path):
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    here.mkdir()
    score = {"method": "exact", "precision": "float64", "device": "cpu", "likelihood": likelihood}
    section = {"recipe": 2, "source": write(here), "score": {**score, "outliers": True}}
    (here / "params.yaml").write_text(yaml.safe_dump({"cgaudit": section}))
    cgaudit("fit", here)
    shutil.copytree(here, elsewhere)
    found = [audited(here, {}), audited(elsewhere, ELSEWHERE)]
    assert found[0] == found[1]
    assert len(found[0]) >= 5


def audited(folder: Path, environment: dict[str, str]) -> dict[str, str]:
    """Featurize and score; return the MD5 of what is published, by path."""
    cgaudit("featurize", folder, environment)
    cgaudit("score", folder, environment)
    reports = folder / "reports"
    wanted = [*(reports / "features").iterdir(), reports / "scores.parquet"]
    wanted += [reports / "summary.json", *(reports / "plots").iterdir()]
    return {
        path.relative_to(folder).as_posix(): hashlib.md5(path.read_bytes()).hexdigest()
        for path in wanted
    }


def cgaudit(command: str, folder: Path, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cgaudit", command],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
