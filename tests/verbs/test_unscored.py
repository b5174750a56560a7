"""A comparison of the workspace says what its scores do not know yet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from datarepo import SCORES, DataRepo, make_scores, new_repo, run

from cgaudit.params import Params
from cgaudit.project import Project
from cgaudit.results.table import write_scores
from cgaudit.revisions import Repository
from cgaudit.verbs.check import check_revisions, guard
from cgaudit.verbs.doctor import examine
from cgaudit.verbs.unscored import unscored

STAGES = f"""
stages:
  score:
    cmd: mkdir -p reports && cp made.parquet {SCORES}
    deps: [made.parquet, labels.csv]
    params: [cgaudit.score]
    outs: [{SCORES}]
  report:
    cmd: cp {SCORES} reports/page.html
    deps: [{SCORES}, notes.md]
    params: [cgaudit.report]
    outs: [reports/page.html]
"""
PARAMS = """\
cgaudit:
  recipe: 2
  source: {path: photos}
  score: {ridge: 0.3}
  report: {title: Before}
"""


@pytest.fixture
def repo(tmp_path: Path) -> DataRepo:
    repo = new_repo(tmp_path / "repo")
    write_scores(make_scores(["1", "2"], ["cat", "dog"]), repo.project / "made.parquet")
    repo.write("labels.csv", "id,label\n1,cat\n2,dog\n")
    repo.write("notes.md", "read by the report alone")
    repo.write("params.yaml", PARAMS)
    repo.write("dvc.yaml", STAGES)
    repo.write("reports/summary.json", json.dumps({"class": {}}))
    repo.dvc("repro", "--quiet")
    repo.commit("scored")
    return repo


def warned(repo: DataRepo, name: str = "workspace") -> list[str]:
    repository = Repository.around(Project(repo.project))
    return unscored(repository, repository.revision(name))


@pytest.mark.slow
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


@pytest.mark.slow
def test_what_only_the_report_reads_leaves_the_scores_as_they_are(repo: DataRepo) -> None:
    """Whoever asks: the warning, the gate that forbids old scores, and the doctor."""
    repo.write("params.yaml", PARAMS.replace("Before", "After"))
    repo.write("notes.md", "changed")
    repository = Repository.around(Project(repo.project))
    assert {it.stage for it in repository.changes() if it.differs} == {"report"}
    assert warned(repo) == []
    assert held(repo) == (0, True)
    ((fails, what),) = stale(repo)
    assert not fails
    assert "notes.md): what is made from them, such as the report, is older" in what
    repo.write("labels.csv", "id,label\n1,dog\n2,dog\n")
    assert "'labels.csv' changed since" in warned(repo)[0]
    assert "notes.md" not in warned(repo)[0]
    assert held(repo) == (1, False)
    assert [fails for fails, _ in stale(repo)] == [True, False]


def held(repo: DataRepo) -> tuple[int, bool]:
    """Return what `cgaudit check --limits-from` says of how old the scores are."""
    repository = Repository.around(Project(repo.project))
    a, b = repository.pair("HEAD")
    guarded = guard(repository, "HEAD", b)
    empty = Params()
    done = check_revisions(
        repository, a, b, limits=empty.check, source=empty.source, settings=empty.diff,
        guarded=guarded,
    )  # fmt: skip
    (row,) = (it for it in done["limits"] if it["limit"] == "max_stale")
    return row["value"], row["ok"]


def stale(repo: DataRepo) -> list[tuple[bool, str]]:
    """Return what the doctor finds old, and whether that fails."""
    found = [it for it in examine(Project(repo.project)) if it.check == "stale"]
    return [(it.fails, it.what) for it in found]


def test_scores_that_were_computed_by_hand_are_newer(repo: DataRepo) -> None:
    repo.write("labels.csv", "id,label\n1,dog\n2,dog\n")
    repo.write_scores(make_scores(["1", "2"], ["dog", "dog"]))
    assert warned(repo) == []
