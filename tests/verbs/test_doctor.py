"""What the doctor finds, each produced on purpose in a real repository, and its remedies."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from datarepo import DataRepo, make_scores, new_repo, run
from provenance import PROVENANCE
from sklearn.datasets import load_digits

from cgaudit.doctor.clone import shallow
from cgaudit.doctor.finding import Finding
from cgaudit.doctor.workspace import only_labels_changed
from cgaudit.installed import upgrade
from cgaudit.pages.doctor import doctor_text
from cgaudit.params import RECIPE
from cgaudit.paramsfile import load_params, parse_params
from cgaudit.pipeline.ridge import better_ridge, measured_ridge
from cgaudit.project import Project
from cgaudit.results.table import Provenance
from cgaudit.revisions import Repository
from cgaudit.verbs.doctor import examine
from cgaudit.verbs.featurize import featurize
from cgaudit.verbs.fit import fit

PARAMS = f"""\
cgaudit:
  recipe: {RECIPE}
  source: {{path: photos, labels: labels.csv}}
  featurize: {{state: state.npz}}
"""
#: Stands in for the audit: its scores are made by hand and copied.
PIPELINE = """\
stages:
  score:
    cmd:
    - mkdir -p reports
    - cp made.parquet reports/scores.parquet
    - cp made.json reports/summary.json
    deps: [labels.csv, made.parquet, made.json, state.npz]
    params: [cgaudit.recipe]
    outs: [reports/scores.parquet]
    metrics:
    - reports/summary.json: {cache: false}
"""
IDS = ["1", "2", "3"]


def version(repo: DataRepo, labels: str, provenance: Provenance = PROVENANCE) -> str:
    """Commit a version of the data with its scores, which are not pushed."""
    rows = zip(IDS, labels.split(), strict=True)
    repo.write("labels.csv", "id,label\n" + "".join(f"{i},{label}\n" for i, label in rows))
    repo.write_scores(make_scores(IDS, labels.split(), provenance=provenance), "made.parquet")
    repo.write("made.json", json.dumps({"n_samples": 3, "labels": labels}))
    repo.dvc("repro", "--quiet")
    return repo.commit(labels)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("doctor")
    repo = new_repo(base / "repo")
    repo.dvc("remote", "add", "--quiet", "--default", "store", "../store")
    repo.write("params.yaml", PARAMS)
    repo.write("dvc.yaml", PIPELINE)
    repo.write("state.npz", "state")
    repo.commit("before the audit")
    repo.git("tag", "v0")
    version(repo, "cat dog fox")
    repo.dvc("push", "--quiet")
    repo.git("tag", "v1")
    version(repo, "cat cat fox")
    repo.dvc("push", "--quiet")
    return base


@pytest.fixture
def repo(template: Path, tmp_path: Path) -> DataRepo:
    shutil.copytree(template, tmp_path / "copy", symlinks=True)
    return DataRepo(tmp_path / "copy" / "repo")


def find(repo: DataRepo, *names: str) -> list[Finding]:
    return examine(Project(repo.project), *names)


def the_one(repo: DataRepo, *names: str) -> Finding:
    (finding,) = find(repo, *names)
    return finding


def mend(repo: DataRepo, remedy: str) -> None:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        **{f"GIT_{who}_NAME": "A" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": "a@example.org" for who in ("AUTHOR", "COMMITTER")},
        "GIT_EDITOR": "true",
    }
    subprocess.run(remedy, shell=True, cwd=repo.project, env=environment, check=True)


def test_nothing_is_wrong_with_a_healthy_repo(repo: DataRepo) -> None:
    assert find(repo) == []
    assert find(repo, "v1", "main") == []
    assert find(repo, "v1...HEAD") == []
    assert doctor_text([]).startswith("Nothing found")


def test_no_git_and_no_dvc(tmp_path: Path) -> None:
    (finding,) = examine(Project(tmp_path))
    assert (finding.fails, finding.remedy) == (True, "git init && dvc init")
    run("git", "init", "--quiet", cwd=tmp_path)
    found = {it.check: it for it in examine(Project(tmp_path))}
    # Git alone may be meant, so that this is no fault in itself.
    assert (found["repository"].fails, found["repository"].remedy) == (False, "dvc init")
    assert found["recipe"].remedy == "cgaudit init --without-dvc"


@pytest.mark.slow
def test_a_shallow_clone(repo: DataRepo, tmp_path: Path) -> None:
    origin = repo.root.as_uri()
    run("git", "clone", "--quiet", "--depth=1", origin, str(tmp_path / "shallow"), cwd=tmp_path)
    clone = DataRepo(tmp_path / "shallow")
    clone.dvc("remote", "modify", "--local", "store", "url", str(repo.root.parent / "store"))
    clone.dvc("pull", "--quiet")
    note = the_one(clone)
    assert (note.check, note.fails) == ("clone", False)
    note, problem = find(clone, "HEAD~1")
    assert (problem.check, problem.fails, problem.where) == ("revision", True, "HEAD~1")
    assert problem.remedy == note.remedy
    mend(clone, problem.remedy)
    assert find(clone, "HEAD~1") == []


def test_a_partial_clone(repo: DataRepo, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    origin = repo.root.as_uri()
    run("git", "clone", "--quiet", "--filter=blob:none", origin, str(tmp_path / "c"), cwd=tmp_path)
    (note,) = shallow(Repository.around(Project(tmp_path / "c")))
    assert (note.fails, "--filter" in note.what) == (False, True)


def test_a_revision_that_is_not_there(repo: DataRepo) -> None:
    finding = the_one(repo, "origin/main...HEAD")
    assert (finding.check, finding.fails) == ("revision", True)
    assert "origin/main" in finding.where


def test_a_base_without_scores(repo: DataRepo) -> None:
    finding = the_one(repo, "v0")
    assert (finding.check, finding.fails, finding.remedy) == ("scores", True, "cgaudit history")


@pytest.mark.slow
def test_scores_of_the_base_that_are_nowhere(repo: DataRepo) -> None:
    shutil.rmtree(repo.project / ".dvc" / "cache")
    shutil.rmtree(repo.root.parent / "store")
    repo.dvc("commit", "--force", "--quiet")
    repo.dvc("push", "--quiet")
    finding = the_one(repo, "v1")
    assert (finding.check, finding.fails) == ("objects", True)
    short = repo.git("rev-parse", "--short=7", "v1")
    assert f"git checkout {short} && dvc push" in finding.remedy


@pytest.mark.slow
def test_scores_that_were_not_pushed(repo: DataRepo) -> None:
    version(repo, "dog cat fox")
    first, second = find(repo)
    assert [it.check for it in (first, second)] == ["pushed", "pushed"]
    assert (first.remedy, second.remedy) == ("dvc push", "dvc push")
    mend(repo, first.remedy)
    assert find(repo) == []


@pytest.mark.slow
def test_scores_of_the_base_that_were_not_pushed(repo: DataRepo) -> None:
    version(repo, "dog cat fox")
    version(repo, "dog dog fox")
    repo.dvc("push", "--quiet")
    finding = the_one(repo, "HEAD~1")
    assert (finding.check, finding.fails) == ("pushed", True)
    mend(repo, finding.remedy)
    assert find(repo, "HEAD~1") == []


def test_no_default_remote(repo: DataRepo) -> None:
    repo.dvc("remote", "default", "--unset")
    repo.commit("no default")
    finding = the_one(repo)
    assert (finding.fails, finding.remedy) == (True, "dvc remote default NAME")
    repo.dvc("remote", "remove", "store")
    repo.commit("no remote")
    assert the_one(repo).remedy == "dvc remote add --default NAME URL"


def test_a_remote_that_only_this_machine_knows(repo: DataRepo) -> None:
    repo.dvc("remote", "remove", "store")
    repo.commit("no remote")
    repo.dvc("remote", "add", "--quiet", "--local", "--default", "mine", "../store")
    finding = the_one(repo)
    assert (finding.check, finding.fails) == ("remote", False)
    assert "this machine alone" in finding.what


@pytest.mark.slow
def test_a_remote_that_is_younger_than_the_base(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    repo.write("params.yaml", PARAMS)
    repo.write("dvc.yaml", PIPELINE)
    repo.write("state.npz", "state")
    version(repo, "cat dog fox")
    repo.dvc("remote", "add", "--quiet", "--default", "store", "../store")
    version(repo, "cat cat fox")
    repo.dvc("push", "--quiet", "--all-commits")
    note, problem = find(repo, "HEAD~1")
    assert (note.check, note.fails) == ("remote", False)
    assert (problem.check, problem.fails) == ("pushed", True)
    store = str(tmp_path / "store")
    mend(repo, problem.remedy.replace("NAME", "store").replace("URL", store))
    assert find(repo, "HEAD~1") == [note]


def test_a_remote_that_cannot_be_asked(repo: DataRepo) -> None:
    repo.dvc("remote", "modify", "store", "url", "ssh://nobody@127.0.0.1:1/x")
    repo.commit("elsewhere")
    found = find(repo)
    assert (found[0].check, found[0].fails) == ("remote", True)
    assert "cannot be asked" in found[0].what


@pytest.mark.slow
def test_labels_that_were_not_scored(repo: DataRepo) -> None:
    repo.write("labels.csv", "id,label\n1,cat\n")
    stale, uncommitted = find(repo)
    assert (stale.check, stale.fails, stale.remedy) == ("stale", True, "dvc repro")
    assert "labels.csv" in stale.what
    repository, params = (
        Repository.around(Project(repo.project)),
        load_params(repo.project / "params.yaml"),
    )
    assert only_labels_changed(repository, params)
    repo.write("state.npz", "another state")
    assert not only_labels_changed(repository, params)
    repo.write("state.npz", "state")
    assert (uncommitted.check, uncommitted.fails) == ("uncommitted", False)
    mend(repo, stale.remedy)
    mend(repo, uncommitted.remedy.replace("git commit", "git commit -m labels"))
    mend(repo, "git commit -q -a -m lock && dvc push -q")
    assert find(repo) == []


def test_parameters_that_were_not_run(repo: DataRepo) -> None:
    repo.write("dvc.yaml", PIPELINE.replace("mkdir -p", "mkdir  -p"))
    repo.commit("another command")
    finding = the_one(repo)
    assert (finding.check, finding.remedy) == ("stale", "dvc repro")
    mend(repo, "dvc repro -q && git commit -q -a -m lock")
    assert find(repo) == []


def test_outputs_that_are_not_there_are_a_note(repo: DataRepo) -> None:
    (repo.project / "reports/scores.parquet").unlink()
    finding = the_one(repo)
    assert (finding.check, finding.fails, finding.remedy) == ("workspace", False, "dvc pull")
    mend(repo, finding.remedy)
    assert find(repo) == []


def test_outputs_that_the_cache_lacks(repo: DataRepo) -> None:
    repo.write("labels.csv", "id,label\n1,cat\n2,cat\n3,fox\n4,fox\n")
    repo.write_scores(make_scores([*IDS, "4"], ["cat", "cat", "fox", "fox"]), "made.parquet")
    repo.dvc("repro", "--quiet", "--no-commit")
    repo.commit("not in the cache")
    found = {it.check: it for it in find(repo, "v1", "workspace")}
    assert (found["stale"].fails, found["stale"].remedy) == (True, "dvc commit")
    mend(repo, "dvc commit -q && dvc push -q")
    assert find(repo) == []


def test_a_clone_before_dvc_pull(repo: DataRepo) -> None:
    """What others pushed is not lost because this clone has not fetched it."""
    repo.dvc("push", "--quiet")
    shutil.rmtree(repo.project / ".dvc" / "cache")
    (repo.project / "reports/scores.parquet").unlink()
    findings = find(repo)
    assert [(it.check, it.fails, it.remedy) for it in findings] == [
        ("workspace", False, "dvc pull")
    ]
    mend(repo, "dvc pull -q")
    assert find(repo) == []


def test_an_older_recipe(repo: DataRepo) -> None:
    repo.write("params.yaml", PARAMS.replace(f"recipe: {RECIPE}", f"recipe: {RECIPE - 1}"))
    found = {it.check: it for it in find(repo)}
    assert (found["recipe"].fails, found["recipe"].remedy) == (True, "cgaudit init --upgrade")
    repo.write("params.yaml", PARAMS.replace(f"recipe: {RECIPE}", f"recipe: {RECIPE + 1}"))
    assert find(repo)[0].remedy == upgrade()
    repo.write("params.yaml", PARAMS + "  sauce: 1\n")
    assert find(repo)[0].remedy == "edit params.yaml"
    repo.write("params.yaml", "other: 1\n")
    assert find(repo)[0].remedy == "cgaudit init"


def test_versions_that_were_computed_differently(repo: DataRepo) -> None:
    version(repo, "cat cat fox", replace(PROVENANCE, ridge=0.5))
    repo.dvc("push", "--quiet")
    finding = the_one(repo, "v1", "HEAD")
    assert (finding.check, finding.fails) == ("parameters", True)
    assert "ridge" in finding.what


@pytest.mark.slow
def test_metrics_that_dvc_caches(repo: DataRepo) -> None:
    repo.write("dvc.yaml", PIPELINE.replace(": {cache: false}", ""))
    repo.git("rm", "--quiet", "--cached", "reports/summary.json")
    repo.dvc("repro", "--quiet", "--force")
    repo.commit("cached metrics")
    repo.dvc("push", "--quiet")
    finding = the_one(repo)
    assert (finding.check, finding.fails) == ("summary", False)
    repo.write("dvc.yaml", PIPELINE)
    repo.write("reports/.gitignore", "/scores.parquet\n")
    mend(repo, "git add reports/summary.json")
    repo.commit("metrics in git")
    assert find(repo) == []


def test_a_state_that_is_nowhere(repo: DataRepo) -> None:
    repo.git("rm", "--quiet", "--cached", "state.npz")
    repo.git("commit", "--quiet", "--message", "no state")
    found = {it.check: it for it in find(repo)}
    assert set(found) == {"state", "uncommitted"}
    assert found["state"].remedy == "git add state.npz && git commit"
    (repo.project / "state.npz").unlink()
    finding = the_one(repo)
    assert (finding.check, finding.remedy) == ("state", "cgaudit fit")


def test_a_state_that_is_not_in_the_workspace(repo: DataRepo) -> None:
    (repo.project / "state.npz").unlink()
    found = {it.check: it for it in find(repo)}
    assert found["state"].remedy == "git restore state.npz"
    mend(repo, found["state"].remedy)
    assert find(repo) == []


@pytest.mark.slow
def test_a_project_in_a_sub_folder(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo", "teams/a", remote=tmp_path / "store")
    repo.write("params.yaml", PARAMS)
    repo.write("dvc.yaml", PIPELINE)
    repo.write("state.npz", "state")
    version(repo, "cat dog fox")
    repo.dvc("push", "--quiet")
    assert find(repo) == []
    repo.write("labels.csv", "id,label\n1,cat\n")
    assert {it.check for it in find(repo)} == {"stale", "uncommitted"}


def command(repo: DataRepo, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cgaudit", "doctor", *arguments],
        cwd=repo.project, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_the_command(repo: DataRepo) -> None:
    assert command(repo).returncode == 0
    (repo.project / "reports/scores.parquet").unlink()
    noted = command(repo, "--json")
    assert (noted.returncode, json.loads(noted.stdout)["ok"]) == (0, True)
    failing = command(repo, "v0", "--json")
    said = json.loads(failing.stdout)
    assert (failing.returncode, said["ok"]) == (1, False)
    assert set(said["findings"][0]) == {"check", "fails", "where", "what", "remedy"}
    text = command(repo, "v0").stdout
    assert text.startswith("1 problem, 1 note")
    assert "→ cgaudit history" in text


def test_a_ridge_that_the_data_has_moved_away_from(tmp_path: Path) -> None:
    """Measured on the features that are there; said only where it is far off."""
    project = Project(tmp_path / "digits")
    images, target = load_digits(return_X_y=True)
    project.root.mkdir()
    np.savez(project.root / "digits.npz", features=images[:300], labels=target[:300].astype(str))
    section = {"source": {"path": "digits.npz"}, "featurize": {"state": "state.npz"}}
    params = parse_params(section, "cgaudit")
    fit(project, params)
    featurize(project, params)
    best = measured_ridge(project, params)
    near, far = (
        parse_params({**section, "score": {"ridge": best * times}}, "cgaudit") for times in (2, 100)
    )
    assert better_ridge(project, near) is None
    assert better_ridge(project, far) == best
