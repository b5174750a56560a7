"""The CI workflows that `cgaudit init --ci` writes."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from datarepo import ENVIRONMENT, new_repo
from datarepo import run as git_run
from tutorial_data import labels_table

from cgaudit.scaffold import PATHS, workflow

REMOTES = ["s3://bucket/data", "/mnt/store", "gs://other"]


def scripts(service: str, text: str) -> list[str]:
    content = yaml.safe_load(text)
    if service == "gitlab":
        return content["label-review"]["script"]
    return [step["run"] for step in content["jobs"]["review"]["steps"] if "run" in step]


@pytest.fixture(params=sorted(PATHS))
def service(request: pytest.FixtureRequest) -> str:
    return request.param


def test_it_is_filled_in(service: str) -> None:
    text = workflow(service, "team/birds", "audit-report", REMOTES)
    assert '"dvc[gs,s3]"' in text
    assert "team/birds/reports/index.html" in text
    assert "dvc repro --pull --allow-missing audit-report" in text
    assert not re.findall(r"(?<!\$)\{[a-z]+\}", text)
    assert '"dvc"' in workflow(service, ".", "report", [])


def test_it_is_valid(service: str) -> None:
    for script in scripts(service, workflow(service, ".", "report", REMOTES)):
        checked = subprocess.run(["bash", "-n", "-c", script], capture_output=True, check=False)
        assert checked.returncode == 0, (script, checked.stderr)


def test_untrusted_names_are_in_no_script(service: str) -> None:
    # A branch may be called "$(…)": expressions are expanded before the shell sees a script.
    assert not any("${{" in line for line in scripts(service, workflow(service, ".", "r", [])))


def test_the_whole_history_is_fetched(service: str) -> None:
    text = workflow(service, ".", "report", [])
    assert "fetch-depth: 0" in text or 'GIT_DEPTH: "0"' in text


@pytest.mark.slow
def test_a_pull_request_in_a_fresh_clone(tmp_path: Path, service: str) -> None:
    repo = new_repo(tmp_path / "repo", remote=tmp_path / "store")
    labels_table(repo.project)
    repo.write(".gitignore", "incoming/\n")
    repo.dvc("add", "--quiet", "photos")
    cgaudit = [sys.executable, "-m", "cgaudit"]
    git_run(*cgaudit, "init", "--yes", cwd=repo.project)
    repo.dvc("repro", "--quiet")
    repo.commit("audited")
    repo.git("switch", "--quiet", "--create", "relabel")
    labels = repo.project / "labels.csv"
    labels.write_text(labels.read_text().replace("0004.png,stripes", "0004.png,columns"))
    repo.dvc("repro", "--quiet")
    repo.commit("relabel")
    repo.dvc("push", "--quiet", "--all-commits")
    clone = tmp_path / "clone"
    git_run("git", "clone", "--quiet", str(repo.root), str(clone), cwd=tmp_path)

    variables = {"BASE": "origin/main", "MARK": "<!-- cgaudit:. -->", "CI": "true"}
    variables |= {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    variables |= {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CGAUDIT_TOKEN": ""}
    for script in scripts(service, workflow(service, ".", "report", [])):
        if "pip install" not in script and "gh api" not in script:
            done = subprocess.run(
                ["bash", "-eo", "pipefail", "-c", script],
                cwd=clone, env={**ENVIRONMENT, **variables}, capture_output=True, text=True,
            )  # fmt: skip
            assert done.returncode == 0, (script, done.stdout, done.stderr)
    comment = (clone / "comment.md").read_text()
    assert comment.startswith("<!-- cgaudit:. -->")
    assert "1 relabelled" in comment
    assert "0004" in (clone / "label-changes.html").read_text()
    assert repo.git("-C", str(clone), "status", "--porcelain", "--untracked-files=no") == ""


def fake(folder: Path, name: str, script: str) -> None:
    file = folder / name
    file.write_text(f'#!/bin/sh\necho "{name} $*" >> calls\n{script}\n')
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


def run(script: str, folder: Path, **variables: str) -> list[str]:
    environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", **variables}
    subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script], cwd=folder, env=environment, check=True
    )
    return (folder / "calls").read_text().splitlines()


@pytest.mark.parametrize(("there", "last"), [
    ("", "POST repos/o/r/issues/7/comments"), ("31", "PATCH repos/o/r/issues/comments/31"),
])  # fmt: skip
def test_github_comments_once(tmp_path: Path, there: str, last: str) -> None:
    (script,) = (s for s in scripts("github", workflow("github", ".", "r", [])) if "gh api" in s)
    fake(tmp_path, "gh", f'case "$*" in *--paginate*) echo "{there}";; esac')
    calls = run(script, tmp_path, GITHUB_REPOSITORY="o/r", NUMBER="7")
    assert calls[-1] == f"gh api --silent --method {last} -F body=@comment.md"


@pytest.mark.parametrize(("notes", "method", "end"), [
    ("[]", "POST", "/notes"),
    ('[{"id": 5, "body": "hello"}, {"id": 6, "body": "<!-- cgaudit:. -->\\nold"}]', "PUT", "/6"),
])  # fmt: skip
def test_gitlab_comments_once(tmp_path: Path, notes: str, method: str, end: str) -> None:
    text = workflow("gitlab", ".", "r", [])
    (script,) = (s for s in scripts("gitlab", text) if "curl" in s)
    mark = yaml.safe_load(text)["label-review"]["variables"]["MARK"]
    fake(tmp_path, "curl", f"cat <<'END'\n{notes}\nEND")
    variables = {
        "CGAUDIT_TOKEN": "t", "CI_API_V4_URL": "api", "CI_PROJECT_ID": "1", "MARK": mark,
        "CI_MERGE_REQUEST_IID": "2",
    }  # fmt: skip
    calls = run(script, tmp_path, **variables)
    assert f"--request {method} " in calls[-1]
    assert calls[-1].endswith(end)
