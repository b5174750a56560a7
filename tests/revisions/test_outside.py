"""DVC is run in folders that strangers fill: what lies there is data, never code."""

from __future__ import annotations

from pathlib import Path

from datarepo import new_repo

from cgaudit.project import Project
from cgaudit.revisions import Repository
from cgaudit.revisions.outside import run_dvc

TRAP = "import pathlib\npathlib.Path(__file__).with_suffix('.ran').touch()\n"


def test_a_module_in_the_repository_is_not_run(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    for name in ("dvc", "json", "yaml", "sitecustomize"):
        repo.write(f"{name}.py", TRAP)
    done = run_dvc(repo.project, "status", "--json")
    assert (done.returncode, done.stdout.strip()) == (0, "{}")
    assert Repository.around(Project(repo.project)).changes() == []
    assert list(repo.root.glob("*.ran")) == []
