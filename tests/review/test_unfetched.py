"""A sample that was never fetched was not dropped before."""

from __future__ import annotations

from pathlib import Path

import pytest
from datarepo import DataRepo
from pulled import NAMES, partly_pulled

from cgaudit.errors import DecisionError
from cgaudit.params import SourceParams
from cgaudit.project import Project
from cgaudit.results.table import read_scores
from cgaudit.review import apply_fixes


def dropped(clone: DataRepo, name: str) -> dict[str, object]:
    fixes = clone.write("fixes.csv", f"id,action\n{name},drop\n")
    scores = read_scores(clone.project / "reports/scores.parquet").table
    return apply_fixes(
        fixes, project=Project(clone.project), source=SourceParams(path="photos"), scores=scores
    )


def test_dropping_what_is_not_here_is_refused_and_mended_as_said(tmp_path: Path) -> None:
    clone = partly_pulled(tmp_path)
    with pytest.raises(DecisionError, match=r"never fetched.*`dvc pull photos`"):
        dropped(clone, NAMES[2])
    clone.dvc("pull", "--quiet", "photos")
    assert dropped(clone, NAMES[2])["dropped"] == 1
    # What is gone because of that is done before, whether DVC knows of it yet or not.
    assert dropped(clone, NAMES[2])["already"] == 1
    clone.dvc("add", "--quiet", "photos")
    assert dropped(clone, NAMES[2])["already"] == 1
