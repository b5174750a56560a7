"""A run of `cgaudit apply` that was cut short is found."""

from __future__ import annotations

from pathlib import Path

import pytest
from datarepo import new_repo
from deciding import TABLE, apply

from cgaudit.doctor.workspace import unfinished
from cgaudit.project import Project
from cgaudit.review import transaction


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
