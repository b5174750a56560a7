"""One process at a time writes to a project."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from datarepo import run

from cgaudit.errors import BusyError
from cgaudit.lock import alone
from cgaudit.project import Project

HOLD = """
import sys, time
from pathlib import Path
from cgaudit.lock import alone
from cgaudit.project import Project
with alone(Project(Path(sys.argv[1])), "featurize"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(params=["git", "plain"])
def project(tmp_path: Path, request: pytest.FixtureRequest) -> Project:
    if request.param == "git":
        run("git", "init", "--quiet", cwd=tmp_path)
    folder = tmp_path / "sub"
    folder.mkdir()
    return Project(folder)


def test_a_second_process_is_told_of_the_first(project: Project) -> None:
    command = [sys.executable, "-c", HOLD, str(project.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        told = pytest.raises(BusyError, match=f"cgaudit featurize, process {holder.pid}")
        with told, alone(project, "apply"):
            pass
        # A project beside it has a lock of its own.
        with alone(Project(project.root.parent), "apply"):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    # The lock of a dead process is nobody's.
    with alone(project, "apply"):
        assert f"process {os.getpid()}" in project.lock_file.read_text()
    assert not project.lock_file.exists()
    assert [path.name for path in project.root.iterdir()] == []
    if (git := project.root.parent / ".git").exists():
        assert run("git", "status", "--porcelain", cwd=git.parent) == ""


def test_a_lock_is_let_go_after_an_error(project: Project) -> None:
    with pytest.raises(ZeroDivisionError), alone(project, "score"):
        raise ZeroDivisionError
    with alone(project, "score"):
        pass


def test_what_is_a_projects_own_lies_where_no_commit_reaches(tmp_path: Path) -> None:
    run("git", "init", "--quiet", cwd=tmp_path)
    run("git", "commit", "--quiet", "--allow-empty", "-m", "x", cwd=tmp_path)
    run("git", "worktree", "add", "--quiet", "second", cwd=tmp_path)
    assert Project(tmp_path).own == tmp_path / ".git/cgaudit"
    assert Project(tmp_path / "a/b").own == tmp_path / ".git/cgaudit/a/b"
    assert Project(tmp_path / "second/a").own == tmp_path / ".git/worktrees/second/cgaudit/a"
