"""Data that is not all here is not data that changed."""

from __future__ import annotations

from pathlib import Path

from pulled import partly_pulled

from cgaudit.project import Project
from cgaudit.verbs.doctor import examine


def test_a_partial_pull_is_not_called_a_change(tmp_path: Path) -> None:
    clone = partly_pulled(tmp_path)
    findings = examine(Project(clone.project))
    assert [(it.check, it.fails, it.remedy) for it in findings] == [
        ("presence", True, "dvc pull photos")
    ]
    clone.dvc("pull", "--quiet", "photos")
    assert examine(Project(clone.project)) == []
