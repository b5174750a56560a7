"""The repo as a data repo: a clone of it, in a folder of its own, run by DVC."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from places import ROOT

pytestmark = pytest.mark.slow

DATA_REPO = [
    ".dvc/config", ".dvc/.gitignore", ".dvcignore", "dvc.yaml", "params.yaml", "stages",
    "data/labels.csv", "data/truth.csv", "data/featurizer.npz",
    "reviewed.csv",
]  # fmt: skip


def run(folder, *command):
    environment = os.environ | {
        "DVC_NO_ANALYTICS": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def repo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data repo ü")
    for name in DATA_REPO:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        run(ROOT, "cp", "-r", name, str(target))
    run(folder, "git", "init", "-q", "-b", "main")
    run(folder, "git", "config", "user.name", "T")
    run(folder, "git", "config", "user.email", "t@example.com")
    run(folder, "dvc", "repro")
    run(folder, "git", "add", "-A")
    run(folder, "git", "commit", "-qm", "v1")
    return folder


def test_the_outputs_are_there(repo):
    summary = json.loads((repo / "reports/summary.json").read_text())
    assert summary["n_samples"] == 1797
    assert summary["n_classes"] == 10
    assert 0.02 < summary["label_issue_rate"] < 0.06
    page = (repo / "reports/index.html").read_text()
    assert page.count("data:image/") > 50
    tracked = run(repo, "git", "ls-files", "reports").split()
    assert tracked == ["reports/.gitignore", "reports/summary.json"]


def test_a_second_run_does_nothing(repo):
    said = run(repo, "dvc", "repro")
    assert said.count("didn't change, skipping") == 5
    assert "Running stage" not in said
    assert run(repo, "git", "status", "--porcelain") == ""


def test_the_committed_lock_is_that_of_this_machine(repo):
    """What was computed here has the MD5 that the author's machine wrote down."""
    committed, made = (
        yaml.safe_load((folder / "dvc.lock").read_text())["stages"] for folder in (ROOT, repo)
    )
    for stage in ("prepare", "featurize", "score"):
        assert made[stage]["outs"] == committed[stage]["outs"], stage


def test_metrics_and_plots_work(repo):
    shown = json.loads(run(repo, "dvc", "metrics", "show", "--json"))
    assert shown[""]["data"]["reports/summary.json"]["data"]["n_samples"] == 1797
    run(repo, "dvc", "plots", "show", "--out", "plots-page")
    assert "vega" in (repo / "plots-page/index.html").read_text().lower()
    run(repo, "rm", "-r", "plots-page")


def test_removed_outputs_come_back_without_computing(repo):
    before = {p.name: p.read_bytes() for p in (repo / "reports").iterdir() if p.is_file()}
    run(repo, "rm", "-r", "reports/features", "reports/scores.parquet", "reports/index.html")
    said = run(repo, "dvc", "repro")
    assert "> python" not in said
    assert before == {p.name: p.read_bytes() for p in (repo / "reports").iterdir() if p.is_file()}


def test_a_label_edit_runs_what_depends_on_labels(repo):
    labels = repo / "data/labels.csv"
    original = labels.read_text()
    labels.write_text(original.replace("0000,images/0000.png,0", "0000,images/0000.png,7"))
    said = run(repo, "dvc", "repro")
    ran = [line.split("'")[1] for line in said.splitlines() if line.startswith("Running stage")]
    assert ran == ["score", "select", "report"]
    difference = json.loads(run(repo, "dvc", "metrics", "diff", "--json"))
    changed = difference["reports/summary.json"]
    assert changed["class.7.n_samples"]["diff"] == 1
    assert changed["label_quality"]["diff"] < 0
    labels.write_text(original)
    said = run(repo, "dvc", "repro")
    assert "> python" not in said, "the run cache gives the old version back"
    assert run(repo, "git", "status", "--porcelain") == ""
