"""A comparison of the workspace says what its scores do not know yet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from datarepo import SCORES, DataRepo, make_scores, new_repo, run

from cgaudit.project import Project
from cgaudit.results.table import write_scores
from cgaudit.revisions import Repository
from cgaudit.verbs.unscored import unscored

STAGES = f"""
stages:
  score:
    cmd: mkdir -p reports && cp made.parquet {SCORES}
    deps: [made.parquet, labels.csv]
    params: [cgaudit.score]
    outs: [{SCORES}]
"""
PARAMS = "cgaudit: {recipe: 2, source: {path: photos}, score: {ridge: 0.3}}\n"


@pytest.fixture
def repo(tmp_path: Path) -> DataRepo:
    repo = new_repo(tmp_path / "repo")
    write_scores(make_scores(["1", "2"], ["cat", "dog"]), repo.project / "made.parquet")
    repo.write("labels.csv", "id,label\n1,cat\n2,dog\n")
    repo.write("params.yaml", PARAMS)
    repo.write("dvc.yaml", STAGES)
    repo.write("reports/summary.json", json.dumps({"class": {}}))
    repo.dvc("repro", "--quiet")
    repo.commit("scored")
    return repo


def warned(repo: DataRepo, name: str = "workspace") -> list[str]:
    repository = Repository.around(Project(repo.project))
    return unscored(repository, repository.revision(name))


def test_labels_that_changed_since(repo: DataRepo) -> None:
    assert warned(repo) == []
    repo.write("labels.csv", "id,label\n1,dog\n2,dog\n")
    (sentence,) = warned(repo)
    assert "'labels.csv' changed since the scores of the workspace were computed" in sentence
    assert warned(repo, "HEAD") == []
    for verb in ("diff", "check"):
        done = run("cgaudit", verb, "HEAD", cwd=repo.project)
        assert "'labels.csv' changed since" in done, verb
    # The remedy.
    repo.dvc("repro", "--quiet")
    assert warned(repo) == []


def test_parameters_that_changed_since(repo: DataRepo) -> None:
    repo.write("params.yaml", PARAMS.replace("0.3", "1"))
    assert "cgaudit.score" in warned(repo)[0]


def test_scores_that_were_computed_by_hand_are_newer(repo: DataRepo) -> None:
    repo.write("labels.csv", "id,label\n1,dog\n2,dog\n")
    repo.write_scores(make_scores(["1", "2"], ["dog", "dog"]))
    assert warned(repo) == []
