"""Every way of solving goes the whole way: each verb takes what any of them wrote."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest
from sklearn.datasets import load_breast_cancer
from story import ENVIRONMENT, Project

from cgaudit.params import Method

METHODS = get_args(Method)
COUNT = 90
LIMITS = """\
  check:
    max_issue_rate: 0.5
    max_contradicted: 20
    max_quality_drop: 0.5
    any_class: {min_label_quality: 0.1}
"""


def table(folder: Path, *, flipped: int = 4) -> None:
    """Write d.csv: measurements and what was diagnosed, some of it wrong."""
    data = load_breast_cancer(as_frame=True)
    found = data.data.iloc[:COUNT, :8].round(3)
    kinds = data.target.iloc[:COUNT].map({0: "malignant", 1: "benign"})
    wrong = list(range(5, 5 + 7 * flipped, 7))
    kinds[wrong] = kinds[wrong].map({"malignant": "benign", "benign": "malignant"})
    found.assign(label=kinds).rename_axis("id").to_csv(folder / "d.csv")


def with_method(project: Project, method: str) -> None:
    params = project.root / "params.yaml"
    text = re.sub(r"method: \w+", f"method: {method}", params.read_text())
    params.write_text(re.sub(r"^  check:\n(    .*\n)+", LIMITS, text, flags=re.MULTILINE))


def audited(project: Project, *, flipped: int) -> None:
    table(project.root, flipped=flipped)
    for stage in ("featurize", "score", "report"):
        project.does(stage)


@pytest.fixture(scope="module", params=METHODS)
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A repository whose versions v1 and v2 are scored by the method."""
    project = Project(tmp_path_factory.mktemp("methods") / request.param)
    table(project.root)
    project.does("init", "--yes", "--data", "d.csv")
    with_method(project, request.param)
    for tag, flipped in (("v1", 4), ("v2", 6)):
        audited(project, flipped=flipped)
        project.commit(tag, tag)
    return project


@pytest.mark.parametrize("method", METHODS)
def test_audit(tmp_path: Path, method: str) -> None:
    project = Project(tmp_path / "repo")
    table(project.root)
    words = ("audit", "d.csv", "--method", method)
    found = json.loads(project.does(*words, "--json").stdout)
    assert found["n_samples"] == COUNT
    assert (project.root / "cgaudit-report/index.html").read_text().startswith("<!doctype html>")
    assert f"{COUNT} samples in 2 classes" in project.does(*words).text


def test_report(project: Project) -> None:
    assert (project.root / "reports/index.html").stat().st_size > 10_000
    assert project.does("report", "--md").text.startswith("## Label audit")
    assert project.does("score", "--dry-run").text


def test_diff(project: Project) -> None:
    words = ("diff", "v1", "v2")
    assert "2 relabelled" in project.does(*words).text
    assert "2 relabelled" in project.does(*words, "--md").text
    found = json.loads(project.does(*words, "--json", "--html", "diff.html").stdout)
    assert found["samples"]["relabelled"] == 2
    assert found["summary"]["a"]["label_quality"] > 0
    assert (project.root / "diff.html").read_text().startswith("<!doctype html>")


def test_check(project: Project) -> None:
    words = ("check", "v1...v2")
    assert "all limits hold" in project.does(*words).text
    assert "all limits hold" in project.does(*words, "--md", "--junit", "check.xml").text
    assert json.loads(project.does(*words, "--json").stdout)["ok"]
    (suite,) = ElementTree.parse(project.root / "check.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("4", "0")


def test_history(project: Project) -> None:
    for forms in ((), ("--moves",)):
        lines = project.does("history", *forms).text.splitlines()
        assert [line.split()[0] for line in lines if line.startswith("v")] == [
            "version", "v1", "v2",
        ]  # fmt: skip
    assert len(project.does("history", "--csv").text.splitlines()) == 3
    found = json.loads(project.does("history", "--json", "--html", "history.html").stdout)
    assert [row["n_samples"] for row in found["versions"]] == [COUNT, COUNT]
    assert (project.root / "history.html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize("name", ["csv", "jsonl", "cleanlab"])
def test_export(project: Project, tmp_path: Path, name: str) -> None:
    project.does("export", "--to", name, "--out", str(tmp_path / "out"))
    assert (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["label-studio", "fiftyone", "cvat"])
def test_what_needs_pictures_is_refused(project: Project, tmp_path: Path, name: str) -> None:
    said = project.run("export", "--to", name, "--out", str(tmp_path / "out"))
    assert said.code == 2
    assert b"holds table" in said.stderr


def test_doctor(project: Project) -> None:
    """No DVC remote and no `dvc repro`: these it finds, and nothing else."""
    said = project.run("doctor", "v1...v2", "--json")
    found = json.loads(said.stdout)
    assert {it["check"] for it in found["findings"] if it["fails"]} == {"remote", "stale"}
    assert b"problem  remote" in project.run("doctor", "v1", "v2").stdout


def test_two_methods_are_not_compared_and_both_are_in_the_history(tmp_path: Path) -> None:
    project = Project(tmp_path / "repo")
    table(project.root)
    project.does("init", "--yes", "--data", "d.csv")
    for method in ("exact", "sampled"):
        with_method(project, method)
        for stage in ("featurize", "score"):
            project.does(stage)
        project.commit(method, method)
    for words in (("diff", "exact", "sampled"), ("check", "exact", "sampled")):
        for form in ((), ("--md",), ("--json",)):
            said = project.run(*words, *form)
            assert said.code == 2
            assert said.stdout == b""
            assert b"computed differently" in said.stderr
            assert b"method ('exact' " in said.stderr
    found = json.loads(project.does("history", "--json", "--html", "history.html").stdout)
    complexity = [row["complexity"] for row in found["versions"]]
    assert complexity[0] is not None
    assert complexity[1] is None
    assert [row["recomputed"] for row in found["versions"]] == [False, True]
    for form in ((), ("--csv",), ("--moves",)):
        text = project.does("history", *form).text
        assert "exact" in text
        assert "sampled" in text
    # The parameters differ; the samples and their labels are the same.
    rows = json.loads(project.does("history", "--json", "--moves").stdout)["versions"]
    assert rows[1]["relabelled"] == 0


@pytest.mark.slow
def test_the_pipeline_runs_with_sampled_scores(tmp_path: Path) -> None:
    """As DVC runs it, with a remote; a clone reads both versions."""
    project = Project(tmp_path / "repo")
    table(project.root)

    def dvc(*words: str) -> str:
        return project.shell("dvc", *words)

    dvc("remote", "add", "-q", "-d", "store", str(tmp_path / "remote"))
    project.does("init", "--yes", "--data", "d.csv")
    with_method(project, "sampled")
    for tag, flipped in (("v1", 4), ("v2", 6)):
        table(project.root, flipped=flipped)
        dvc("repro", "-q")
        project.commit(tag, tag)
        dvc("push", "-q")
    assert project.shell("git", "status", "--porcelain") == ""
    assert project.does("doctor", "v1...v2").text.startswith("Nothing found")
    done = subprocess.run(
        ["git", "clone", "-q", str(project.root), str(tmp_path / "clone")],
        env=ENVIRONMENT, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    clone = project
    clone.root = tmp_path / "clone"
    found = json.loads(clone.does("diff", "v1", "v2", "--json", "--html", "diff.html").stdout)
    assert found["samples"]["relabelled"] == 2
    assert clone.does("check", "v1...v2").code == 0
