"""docs/two-branches.md, run as it is written: both relabellings survive."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from datarepo import DataRepo, new_repo
from places import ROOT

DOC = (ROOT / "docs/two-branches.md").read_text(encoding="utf-8")
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "DVC_NO_ANALYTICS": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    **{f"GIT_{who}_NAME": "A" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "a@example.org" for who in ("AUTHOR", "COMMITTER")},
}
#: Stands in for the audit: outputs that depend on every label, one cached and one in git.
AUDIT = """\
import csv, json, pathlib
table, folders = pathlib.Path("labels.csv"), pathlib.Path("photos")
if table.exists():
    labels = {row["id"]: row["label"] for row in csv.DictReader(table.open())}
else:
    labels = {file.name: file.parent.name for file in sorted(folders.glob("*/*"))}
pathlib.Path("reports").mkdir(exist_ok=True)
pathlib.Path("reports/scores.json").write_text(json.dumps(labels, sort_keys=True))
counts = {name: list(labels.values()).count(name) for name in sorted(set(labels.values()))}
pathlib.Path("reports/summary.json").write_text(json.dumps(counts, indent=2) + "\\n")
"""
LABELS = {f"{number:02}": ("cat", "dog")[number % 2] for number in range(20)}
OURS, THEIRS = ("03", "cat"), ("14", "dog")


def block(name: str) -> str:
    (found,) = re.findall(
        rf"<!-- {name} -->\n```sh\n(.*?)^```$", DOC, flags=re.DOTALL | re.MULTILINE
    )
    return str(found)


def play(name: str, repo: DataRepo) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block(name)],
        cwd=repo.root, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{block(name)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def new_audit(root: Path, labels: str) -> DataRepo:
    repo = new_repo(root)
    repo.write("audit.py", AUDIT)
    repo.write(
        "dvc.yaml",
        "stages:\n  score:\n    cmd: python audit.py\n"
        f"    deps: [audit.py, {labels}]\n    outs: [reports/scores.json]\n"
        "    metrics:\n    - reports/summary.json: {cache: false}\n",
    )
    return repo


def write_table(repo: DataRepo, labels: dict[str, str]) -> None:
    rows = "".join(f"{name},{label}\n" for name, label in labels.items())
    repo.write("labels.csv", "id,label\n" + rows)


def repro(repo: DataRepo, message: str) -> None:
    subprocess.run(["dvc", "repro", "--quiet"], cwd=repo.root, env=ENVIRONMENT, check=True)
    repo.commit(message)


def both_relabel_the_table(repo: DataRepo, *, tracked: bool) -> None:
    """Leave the repo on the branch `ours`, which lacks what main got since."""

    def version(changes: dict[str, str], message: str) -> None:
        write_table(repo, LABELS | changes)
        if tracked:
            repo.dvc("add", "--quiet", "labels.csv")
        repro(repo, message)

    version({}, "first")
    repo.git("switch", "--quiet", "--create", "ours")
    version(dict([OURS]), "ours")
    repo.git("switch", "--quiet", "main")
    version(dict([THEIRS]), "theirs")
    repo.git("switch", "--quiet", "ours")
    repo.dvc("checkout", "--quiet")


def check_merged(repo: DataRepo, both: dict[str, str] | None = None) -> None:
    expected = LABELS | dict([OURS, THEIRS]) | (both or {})
    assert json.loads((repo.root / "reports/scores.json").read_text()) == expected
    counts = json.loads((repo.root / "reports/summary.json").read_text())
    assert counts == {name: list(expected.values()).count(name) for name in ("cat", "dog")}
    assert repo.git("status", "--porcelain") == ""
    assert len(repo.git("rev-list", "--parents", "-n1", "HEAD").split()) == 3
    assert repo.dvc_says("status", "--json") == "{}"


def test_a_table_in_git(tmp_path: Path) -> None:
    repo = new_audit(tmp_path / "repo", "labels.csv")
    both_relabel_the_table(repo, tracked=False)
    conflicts = play("table", repo)
    assert "UU dvc.lock" in conflicts
    assert "labels.csv" not in re.findall(r"^UU (.*)$", conflicts, flags=re.MULTILINE)
    rows = csv.DictReader((repo.root / "labels.csv").open())
    assert {row["id"]: row["label"] for row in rows} == LABELS | dict([OURS, THEIRS])
    check_merged(repo)


@pytest.mark.slow
def test_a_table_that_dvc_tracks(tmp_path: Path) -> None:
    repo = new_audit(tmp_path / "repo", "labels.csv")
    both_relabel_the_table(repo, tracked=True)
    conflicts = play("tracked", repo)
    assert "UU labels.csv.dvc" in conflicts
    assert "UU dvc.lock" in conflicts
    check_merged(repo)


def move(repo: DataRepo, name: str, label: str) -> None:
    (old,) = (repo.root / "photos").glob(f"*/{name}")
    old.rename(repo.root / "photos" / label / name)


@pytest.fixture
def folders(tmp_path: Path) -> DataRepo:
    repo = new_audit(tmp_path / "repo", "photos")
    for name, label in LABELS.items():
        repo.write(f"photos/{label}/{name}", f"picture {name}")
    repo.dvc("add", "--quiet", "photos")
    repro(repo, "first")
    play("driver", repo)
    return repo


def relabel(repo: DataRepo, branch: str, name: str, label: str) -> None:
    repo.git("switch", "--quiet", branch)
    repo.dvc("checkout", "--quiet")
    move(repo, name, label)
    repo.dvc("add", "--quiet", "photos")
    repro(repo, branch)


@pytest.mark.slow
def test_label_folders(folders: DataRepo) -> None:
    folders.git("branch", "ours")
    relabel(folders, "main", *THEIRS)
    relabel(folders, "ours", *OURS)
    conflicts = play("folders", folders)
    assert "UU dvc.lock" in conflicts
    assert "UU photos.dvc" not in conflicts
    check_merged(folders)


@pytest.mark.slow
def test_both_moved_the_same_file(folders: DataRepo) -> None:
    folders.git("branch", "ours")
    relabel(folders, "main", *THEIRS)
    relabel(folders, "main", "05", "cat")
    relabel(folders, "ours", *OURS)
    relabel(folders, "ours", "05", "cat")
    done = subprocess.run(
        ["git", "merge", "main"],
        cwd=folders.root,
        env=ENVIRONMENT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert "UU photos.dvc" in folders.git("status", "--short")
    moved = play("refused", folders)
    name, label = THEIRS
    assert f"photos/cat/{name} -> photos/{label}/{name}" in moved
    move(folders, name, label)
    play("moved", folders)
    check_merged(folders, {"05": "cat"})
