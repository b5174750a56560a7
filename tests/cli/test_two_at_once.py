"""A comparison beside a running pipeline, and a pipeline that is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from datarepo import ENVIRONMENT, DataRepo, new_repo, run
from tutorial_data import label_folders

from cgaudit.doctor.workspace import torn_lock
from cgaudit.project import Project
from cgaudit.revisions import Repository

DVC = [sys.executable, "-m", "dvc"]
DIFF = [sys.executable, "-m", "cgaudit", "diff", "--compute", "--json", "HEAD~1", "HEAD"]


@pytest.fixture
def repo(tmp_path: Path) -> DataRepo:
    """Data, then an audit of it."""
    repo = new_repo(tmp_path / "repo")
    label_folders(repo.project)
    repo.dvc("add", "--quiet", "photos")
    repo.commit("data")
    subprocess.run(
        [sys.executable, "-m", "cgaudit", "init", "--yes"],
        cwd=repo.project, env=ENVIRONMENT, check=True, capture_output=True,
    )  # fmt: skip
    (repo.project / "photos/checks/0000.png").unlink()
    repo.dvc("repro", "--quiet")
    repo.commit("audited")
    return repo


def started(command: list[str], repo: DataRepo) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command, cwd=repo.project, env=ENVIRONMENT, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_computed_diff_beside_dvc_repro(repo: DataRepo) -> None:
    repro = started([*DVC, "repro", "--force", "--quiet"], repo)
    found = []
    while repro.poll() is None or not found:
        done = subprocess.run(
            DIFF, cwd=repo.project, env=ENVIRONMENT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        found.append(json.loads(done.stdout)["samples"])
    assert repro.returncode == 0, repro.communicate()[1]
    assert {it["removed"] for it in found} == {1}
    assert {it["unchanged"] for it in found} == {89}
    # The same bytes again: nothing was lost, and nothing left.
    assert repo.git("status", "--porcelain") == ""
    assert repo.dvc_says("status") == "Data and pipelines are up to date."


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_killed_repro_completes_when_run_again(repo: DataRepo) -> None:
    killed = 0
    # From before the first stage to the last.
    for wait in (1.0, 4.0, 7.0, 10.0):
        repro = started([*DVC, "repro", "--force", "--quiet"], repo)
        time.sleep(wait)
        killed += repro.poll() is None
        with suppress(ProcessLookupError):
            os.killpg(repro.pid, signal.SIGKILL)
        repro.communicate()
        # DVC itself may be killed while it writes the list of its locks.
        for finding in torn_lock(Repository.around(Project(repo.project))):
            run("sh", "-c", finding.remedy, cwd=repo.project)
        repo.dvc("repro", "--quiet")
        assert repo.git("status", "--porcelain") == ""
        assert repo.dvc_says("status") == "Data and pipelines are up to date."
    assert killed
