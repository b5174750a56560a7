"""Decisions as a person's download has them, the data that they are about, and what is left."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from datarepo import make_scores

from cgaudit.dataset import file_md5
from cgaudit.params import SourceParams
from cgaudit.project import Project
from cgaudit.review.apply import apply_fixes

TABLE = SourceParams(path="images", labels="labels.csv")
FOLDER = SourceParams(path="images")


def fixes(project: Path, *rows: Sequence[str]) -> Path:
    """Write decisions: id, action, label, given_label."""
    file = project / "fixes.csv"
    with file.open("w", newline="") as f:
        writer = csv.writer(f)
        writer.writerow(["id", "action", "label", "given_label"])
        writer.writerows([*row, *[""] * (4 - len(row))] for row in rows)
    return file


def apply(
    project: Path,
    source: SourceParams,
    scores: pd.DataFrame | None,
    *rows: Sequence[str],
    dry: bool = False,
) -> dict:
    return apply_fixes(
        fixes(project, *rows), project=Project(project), source=source, scores=scores, dry_run=dry
    )


def files(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and p.name != "fixes.csv"
    }


def folder_of(root: Path, **contents: str) -> pd.DataFrame:
    """Write files named like ``cat__1`` and return their scores."""
    paths = [name.replace("__", "/") + ".png" for name in contents]
    for path, content in zip(paths, contents.values(), strict=True):
        file = root / "images" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    hashes = [file_md5(root / "images" / path) for path in paths]
    return make_scores(paths, [path.split("/")[-2] for path in paths], hashes=hashes).table
