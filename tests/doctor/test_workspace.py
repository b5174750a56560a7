"""Findings about the working tree."""

from __future__ import annotations

from pathlib import Path

import pytest
from datarepo import new_repo, run
from deciding import TABLE, apply
from pulled import partly_pulled

from cgaudit.doctor.workspace import torn_lock, unfinished
from cgaudit.project import Project
from cgaudit.review import transaction
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
    with pytest.raises(AssertionError, match="rwlock"):
        repo.dvc("repro")
    (finding,) = torn_lock(repository)
    run("sh", "-c", finding.remedy, cwd=repo.project)
    repo.dvc("repro", "--quiet")
    assert list(torn_lock(repository)) == []


def test_decisions_that_were_cut_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = new_repo(tmp_path / "repo")
    repo.write("labels.csv", "id,label\n1,cat\n")
    repo.write("images/1.png", "x")
    project = Project(repo.project)
    assert list(unfinished(project)) == []
    with monkeypatch.context() as patched:
        # As after a Ctrl-C between the list of what is to be done and doing it.
        patched.setattr(transaction, "_do", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            apply(repo.project, TABLE, None, ("1", "relabel", "dog"))
    (found,) = unfinished(project)
    assert found.fails
    assert "cut short" in found.what
    assert repo.git("status", "--porcelain", "--untracked-files", "labels.csv") == "?? labels.csv"
    # The remedy.
    assert apply(repo.project, TABLE, None, ("1", "relabel", "dog"))["resumed"]
    assert (repo.project / "labels.csv").read_text() == "id,label\n1,dog\n"
    assert list(unfinished(project)) == []
    assert not [path for path in repo.project.iterdir() if path.name.startswith(".cgaudit")]


def _interrupted(_step: object) -> None:
    raise KeyboardInterrupt
