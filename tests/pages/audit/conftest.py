"""Fixtures of the report's tests: the synthetic reports, and one of a real project."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

import cgaudit.project
from cgaudit.pages.audit import build_context, render
from cgaudit.params import Params
from cgaudit.paramsfile import parse_params
from cgaudit.verbs import featurize, fit, report, score


@pytest.fixture
def write_page(tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    """Render the given inputs of `build_context` to a file."""

    def write(arguments: dict[str, Any]) -> Path:
        path = tmp_path / "index.html"
        path.write_text(render(build_context(**arguments)), encoding="utf-8")
        return path

    return write


class Project(NamedTuple):
    """A small data repo whose labels were audited."""

    folder: Path
    params: Params
    truth: dict[str, str]

    @property
    def page(self) -> Path:
        return self.folder / "reports" / "index.html"

    @property
    def labels(self) -> dict[str, str]:
        with (self.folder / "labels.csv").open(newline="") as file:
            return {row["id"]: row["label"] for row in csv.DictReader(file)}


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """500 handwritten digits, every twelfth label flipped, audited by the stages themselves."""
    folder = tmp_path_factory.mktemp("digits")
    data = load_digits()
    truth = {f"{i:03d}": str(label) for i, label in enumerate(data.target[:500])}
    (folder / "images").mkdir()
    with (folder / "labels.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "path", "label"])
        for i, (name, label) in enumerate(truth.items()):
            pixels = np.round(data.images[i] * 255 / 16).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "images" / f"{name}.png")
            given = str((int(label) + 3) % 10) if i % 12 == 5 else label
            writer.writerow([name, f"images/{name}.png", given])
    section = {
        "source": {"path": str(folder / "images"), "labels": str(folder / "labels.csv")},
        "featurize": {"name": "pixels", "state": str(folder / "state.npz")},
        "report": {"title": "Digits", "samples": 80, "random_samples": 30},
    }
    params = parse_params(section, "cgaudit")
    place = cgaudit.project.Project(folder)
    fit.fit(place, params)
    featurize.featurize(place, params)
    score.score(place, params)
    report.report(place, params)
    return Project(folder, params, truth)
