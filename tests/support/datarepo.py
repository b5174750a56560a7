"""Real git + DVC repositories to test on, and scores tables made by hand."""

from __future__ import annotations

import atexit
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
from dvc.cli import main as dvc_main
from provenance import PROVENANCE

from cgaudit.results.table import Provenance, Scores, write_scores

SCORES = "reports/scores.parquet"
#: Of git, DVC and cgaudit, whatever the user's own settings are.
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "DVC_NO_ANALYTICS": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 0, f"{command} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout.strip()


class DataRepo:
    """A git repository with a DVC project in it, which may be in a sub-folder."""

    def __init__(self, root: Path, folder: str = ".") -> None:
        self.root = root
        self.project = root / folder

    def git(self, *arguments: str) -> str:
        return run("git", *arguments, cwd=self.root)

    def dvc(self, *arguments: str) -> None:
        """Run DVC in this process: to start one takes ten times as long as most commands do."""
        said = io.StringIO()
        with (
            chdir(self.project),
            patch.dict(os.environ, ENVIRONMENT),
            redirect_stdout(said),
            redirect_stderr(said),
        ):
            code = dvc_main(list(arguments))
        assert code == 0, f"dvc {arguments} failed:\n{said.getvalue()}"

    def dvc_says(self, *arguments: str) -> str:
        """Return what DVC prints: to the standard output that there was when it started."""
        return run(sys.executable, "-m", "dvc", *arguments, cwd=self.project)

    def write(self, path: str, data: str | bytes) -> Path:
        file = self.project / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data.encode() if isinstance(data, str) else data)
        return file

    def write_scores(self, scores: Scores, path: str = SCORES) -> None:
        write_scores(scores, self.project / path)

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")


def new_repo(root: Path, folder: str = ".", *, remote: Path | None = None) -> DataRepo:
    """Copy what git and DVC made once: DVC takes a second to start."""
    shutil.copytree(_fresh_repo(folder), root, dirs_exist_ok=True)
    repo = DataRepo(root, folder)
    if remote is not None:
        (repo.project / ".dvc/config").write_text(
            f"[core]\n    remote = store\n['remote \"store\"']\n    url = {remote}\n"
        )
    return repo


@cache
def _fresh_repo(folder: str) -> Path:
    root = Path(tempfile.mkdtemp(prefix="cgaudit-tests-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    repo = DataRepo(root, folder)
    repo.project.mkdir(parents=True, exist_ok=True)
    repo.git("init", "--quiet", "--initial-branch=main")
    repo.dvc("init", "--quiet", *(["--subdir"] if folder != "." else []))
    return root


def copy_of(template: Path, folder: Path) -> DataRepo:
    """Copy a folder of a repository and its store, so that a test may change both."""
    shutil.copytree(template, folder, symlinks=True)
    copy = DataRepo(folder / "repo")
    (copy.project / ".dvc/config.local").write_text(
        f"['remote \"store\"']\n    url = {folder / 'store'}\n"
    )
    return copy


def make_scores(
    ids: Sequence[str],
    labels: Sequence[str | None],
    *,
    hashes: Sequence[str] | None = None,
    classes: Sequence[str] = ("cat", "dog", "fox"),
    probabilities: np.ndarray | None = None,
    seed: int = 0,
    provenance: Provenance = PROVENANCE,
) -> Scores:
    """Return a scores table as the score stage would write it.

    `probabilities` is (n, classes); random where it is not given. A sample is flagged where
    another class is more probable than its own.
    """
    n = len(ids)
    if probabilities is None:
        probabilities = np.random.default_rng(seed).dirichlet(np.ones(len(classes)), size=n)
    order = np.argsort(-probabilities, axis=1, kind="stable")
    names = np.asarray(classes, dtype=object)
    own = np.array([classes.index(x) if x in classes else -1 for x in labels])
    label_score = np.where(own >= 0, probabilities[np.arange(n), own], np.nan)
    table = pd.DataFrame(
        {
            "id": list(ids),
            "given_label": list(labels),
            "predicted_label": names[order[:, 0]],
            "label_score": label_score.astype(np.float32),
            "is_label_issue": (own >= 0) & (order[:, 0] != own),
            "cg_score": (1 - np.nan_to_num(label_score)).astype(np.float32),
            "margin": (probabilities.max(axis=1) - np.nan_to_num(label_score)).astype(np.float32),
            "top_labels": [list(names[row[:5]]) for row in order],
            "top_scores": [
                p[row[:5]].astype(np.float32) for p, row in zip(probabilities, order, strict=True)
            ],
            "content_hash": list(hashes) if hashes is not None else [f"h-{i}" for i in ids],
        }
    )
    return Scores(table.sort_values("id", ignore_index=True), provenance)
