"""Choosing a part of the data and joining a training log, run as the docs write them."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from datarepo import ENVIRONMENT, DataRepo, new_repo
from places import ROOT
from tutorial_data import labels_table


def play(page: str, repo: DataRepo) -> str:
    """Run the shell lines of a page; return what they printed."""
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=repo.project, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def write_log(repo: DataRepo) -> None:
    scores = pd.read_parquet(repo.project / "reports/scores.parquet")
    lines = [
        {"id": row.id, "epoch": epoch, "p_given": 0.3 if row.is_label_issue else 0.6 + 0.1 * epoch}
        for row in scores.itertuples()
        for epoch in range(3)
    ]
    repo.write("log.jsonl", "".join(json.dumps(line) + "\n" for line in lines))


@pytest.mark.slow
def test_the_pages_in_their_order(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    labels_table(repo.project)
    repo.dvc("add", "--quiet", "photos")
    kept = play("selection", repo)
    assert len(re.findall(r"'\d{4}'", kept)) == 27
    write_log(repo)
    first = play("dynamics", repo)
    assert len(re.findall(r"'\d{4}'", first)) in (0, 5)
    scores = pd.read_parquet(repo.project / "reports/scores.parquet")
    repo.write("values.csv", scores[["id", "margin"]].to_csv(index=False))
    assert "['imported_margin']" in play("other-tools", repo)
    page = (repo.project / "reports/index.html").read_text()
    assert 'id="selection"' in page
    assert 'id="dynamics"' in page
    assert 'id="imported"' in page
    assert 'id="whole"' in page
