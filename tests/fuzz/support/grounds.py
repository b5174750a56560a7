"""The small repositories that are fuzzed: valid ones, with an audit at HEAD."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import yaml
from PIL import Image
from story import Project

CLASSES = ("cat", "dog", "fox")


def bare(folder: Path) -> None:
    """Lay an empty git and DVC repository, for readers of files that are no part of one."""
    project = Project(folder / "repo")
    project.commit("nothing yet")
    _surround(folder)


def table(folder: Path) -> None:
    """Lay an audited table of 48 rows: numbers and a category, a kept factor, all limits set."""
    project = Project(folder / "repo")
    rng = np.random.default_rng(0)
    rows = ["id,width,height,colour,label"]
    for number in range(48):
        kind = number % 3
        label = CLASSES[(kind + (number % 11 == 0)) % 3]
        colour = ("red", "green", "blue")[(kind + (number % 7 == 0)) % 3]
        width, height = rng.normal(4 * kind), rng.normal(-3 * kind)
        rows.append(f"r{number:02},{width:.3f},{height:.3f},{colour},{label}")
    (project.root / "animals.csv").write_text("\n".join(rows) + "\n")
    project.does("init", "--yes", "--data", "animals.csv", "--id-column", "id",
                 "--label-column", "label")  # fmt: skip
    _set(
        project,
        score={"keep_factor": True, "outliers": True},
        check={
            "max_issue_rate": 0.5,
            "min_label_quality": 0.1,
            "any_class": {"max_issue_rate": 0.9},
            "max_introduced": 5,
            "max_contradicted": 5,
        },
    )
    _audit(project)
    _beside(project)
    _surround(folder)


def pictures(folder: Path) -> None:
    """Lay 24 audited pictures in folders, tracked by DVC and pushed."""
    project = Project(folder / "repo")
    project.shell("dvc", "remote", "add", "--quiet", "--default", "store", "../store")
    for number in range(24):
        grey = np.random.default_rng(number).normal(110, 40, (12, 12))
        grey[:, :: 2 + number % 3] += 70
        file = project.root / f"photos/{CLASSES[number % 3]}/{number:02}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(grey.clip(0, 255).astype(np.uint8)).save(file)
    project.shell("dvc", "add", "--quiet", "photos")
    project.does("init", "--yes", "--data", "photos")
    _set(project, featurize={"options": {"filters": 8, "components": 6}})
    project.does("fit", "--force")
    _audit(project)
    project.shell("dvc", "push", "--quiet")
    _surround(folder)


def _set(project: Project, **sections: dict[str, object]) -> None:
    path = project.root / "params.yaml"
    content = yaml.safe_load(path.read_text())
    for name, values in sections.items():
        content["cgaudit"].setdefault(name, {}).update(values)
    path.write_text(yaml.safe_dump(content))


def _audit(project: Project) -> None:
    """Run the stages, keep one label on review, run them again: two versions with scores."""
    for stage in ("featurize", "score", "report"):
        project.does(stage)
    project.shell("dvc", "commit", "--quiet", "--force")
    project.commit("v1", "v1")
    scores = project.does("export", "--to", "csv", "--out", "scores.csv")
    assert scores.code == 0
    first = (project.root / "scores.csv").read_text().splitlines()[1].split(",")[0]
    (project.root / "scores.csv").unlink()
    (project.root / "fixes.csv").write_text(f"id,action\n{first},keep\n")
    project.does("apply", "fixes.csv")
    (project.root / "fixes.csv").unlink()
    project.does("score")
    project.does("report")
    project.shell("dvc", "commit", "--quiet", "--force")
    project.commit("v2", "v2")


def _beside(project: Project) -> None:
    """Make what stands beside the scores: a selection, a training log, scores of another tool."""
    project.does("select")
    lines = [
        json.dumps({"id": f"r{number:02}", "epoch": epoch, "p_given": 0.5 + 0.1 * epoch})
        for number in range(48)
        for epoch in range(3)
    ]
    (project.root / "log.jsonl").write_text("\n".join(lines) + "\n")
    project.does("dynamics", "log.jsonl")
    values = "".join(f"r{number:02},{number / 7}\n" for number in range(48))
    (project.root / "values.csv").write_text(f"id,value\n{values}")
    project.does("import", "values.csv")
    project.does("report")
    project.shell("dvc", "commit", "--quiet", "--force")
    project.commit("v3", "v3")


def _surround(folder: Path) -> None:
    """Lay what no verb may see: a text, and a picture that a page must not show."""
    outside = folder / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("a secret\n")
    Image.new("RGB", (8, 8), (255, 0, 0)).save(outside / "secret.png")


GROUNDS: dict[str, Callable[[Path], None]] = {"bare": bare, "table": table, "pictures": pictures}
