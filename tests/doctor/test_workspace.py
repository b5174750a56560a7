"""Data that is not all here is not data that changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from datarepo import new_repo, run
from pulled import partly_pulled

from cgaudit.doctor.workspace import torn_lock
from cgaudit.project import Project
from cgaudit.revisions import Repository
from cgaudit.verbs.doctor import examine


def test_a_partial_pull_is_not_called_a_change(tmp_path: Path) -> None:
    clone = partly_pulled(tmp_path)
    findings = examine(Project(clone.project))
    assert [(it.check, it.fails, it.remedy) for it in findings] == [
        ("presence", True, "dvc pull photos")
    ]
    clone.dvc("pull", "--quiet", "photos")
    assert examine(Project(clone.project)) == []


def test_a_list_of_locks_that_was_left_half_written(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    repo.write("in.txt", "x")
    repo.write(
        "dvc.yaml", "stages:\n  s:\n    cmd: cp in.txt out\n    deps: [in.txt]\n    outs: [out]\n"
    )
    repository = Repository.around(Project(repo.project))
    assert list(torn_lock(repository)) == []
    repo.write(".dvc/tmp/rwlock", "")
    with pytest.raises(AssertionError, match="failed"):
        repo.dvc("repro")
    (finding,) = torn_lock(repository)
    run("sh", "-c", finding.remedy, cwd=repo.project)
    repo.dvc("repro", "--quiet")
    assert list(torn_lock(repository)) == []
