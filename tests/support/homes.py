"""The same two versions of a dataset in three repositories: with DVC, in git, and in Git LFS."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import chdir
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from click.testing import CliRunner, Result
from datarepo import ENVIRONMENT, DataRepo, new_repo
from tutorial_data import labels_table, save

from cgaudit.cli import cli

HOMES = ("dvc", "git", "lfs")
COUNT = 45
#: Samples that version 2 has put right, and one that it spoils.
CHANGED = {"0004": "columns", "0009": "checks", "0012": "stripes"}


def has_lfs() -> bool:
    return shutil.which("git-lfs") is not None


def needs_lfs() -> None:
    if not has_lfs():
        pytest.skip("git-lfs is not installed: scripts/install_test_tools.sh")


def says(repo: DataRepo, *words: str) -> Result:
    """Run a command of cgaudit in this process."""
    with chdir(repo.project), patch.dict(os.environ, ENVIRONMENT):
        return CliRunner().invoke(cli, list(words))


def does(repo: DataRepo, *words: str) -> Result:
    done = says(repo, *words)
    assert done.exit_code == 0, done.output
    return done


def repository(home: str, root: Path) -> DataRepo:
    """Return an empty repository of a home."""
    if home == "dvc":
        return new_repo(root)
    root.mkdir(parents=True)
    repo = DataRepo(root)
    repo.git("init", "--quiet", "--initial-branch=main")
    if home == "lfs":
        repo.git("lfs", "install", "--local")
        repo.git("lfs", "track", "*.png", "*.csv", "*.parquet")
    return repo


def change(repo: DataRepo) -> None:
    """Make version 2: three labels, one picture less, one more."""
    file = repo.project / "labels.csv"
    with file.open(newline="") as opened:
        rows = [row for row in csv.DictReader(opened) if row["id"] != "0020"]
    for row in rows:
        row["label"] = CHANGED.get(row["id"], row["label"])
    rows.append({"id": "0045", "image": "0045.png", "label": "checks"})
    with file.open("w", newline="") as opened:
        writer = csv.DictWriter(opened, ["id", "image", "label"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    (repo.project / "photos/0020.png").unlink()
    save(45, repo.project / "photos")


def score(repo: DataRepo, home: str) -> None:
    if home != "dvc":
        does(repo, "run")
        return
    repo.dvc("add", "--quiet", "photos")
    for stage in ("featurize", "score", "report"):
        does(repo, stage)
    repo.dvc("commit", "--quiet", "--force")


def two_versions(home: str, root: Path) -> DataRepo:
    """Return a repository with the tags v1, v2 and bare: the data of v2 without any scores."""
    repo = repository(home, root)
    labels_table(repo.project, COUNT)
    shutil.rmtree(repo.project / "incoming")
    if home == "dvc":
        repo.dvc("add", "--quiet", "photos")
    without = [] if home == "dvc" else ["--without-dvc"]
    does(repo, "init", "--yes", "--data", "photos", "--labels", "labels.csv", *without)
    score(repo, home)
    repo.commit("version 1")
    repo.git("tag", "v1")
    change(repo)
    score(repo, home)
    repo.commit("version 2")
    repo.git("tag", "v2")
    repo.git("checkout", "--quiet", "-b", "bare")
    for name in ("dvc.lock", "dvc.yaml", "reports"):
        repo.git("rm", "-r", "--quiet", "--cached", "--ignore-unmatch", name)
    repo.git("commit", "--quiet", "--message", "no scores")
    repo.git("tag", "bare-data")
    repo.git("checkout", "--quiet", "--force", "main")
    return repo


def without_provenance(found: dict[str, Any], names: Sequence[str] = ("a", "b")) -> dict[str, Any]:
    """Return what was found, but for which commits that was found in."""
    kept = {key: value for key, value in found.items() if key not in names}
    return json.loads(re.sub(r"\([0-9a-f]{7}\)", "(COMMIT)", json.dumps(kept)))


def clone(repo: DataRepo, folder: Path, *options: str) -> DataRepo:
    """Clone without the contents of Git LFS."""
    subprocess.run(
        ["git", "clone", "--quiet", *options, f"file://{repo.root}", str(folder)],
        env={**ENVIRONMENT, "GIT_LFS_SKIP_SMUDGE": "1"}, check=True,
    )  # fmt: skip
    return DataRepo(folder)
