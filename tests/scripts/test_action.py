"""The action and the hooks that other repositories use: scripts run, files are sound."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from actionlint import linted
from datarepo import ENVIRONMENT, DataRepo, make_scores, new_repo
from places import ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
PROGRAMS = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> DataRepo:
    """On main no flagged label is let through; a branch relabels one sample."""
    repo = new_repo(tmp_path_factory.mktemp("action") / "repo")
    repo.write("params.yaml", "cgaudit: {recipe: 2, check: {min_label_quality: 0.0}}")
    repo.write_scores(make_scores(["1", "2", "3"], ["a", "b", "b"], classes=("a", "b")))
    repo.commit("scores")
    repo.git("branch", "-M", "main")
    repo.git("switch", "--quiet", "--create", "relabel")
    repo.write_scores(make_scores(["1", "2", "3"], ["b", "b", "b"], classes=("a", "b")))
    repo.commit("relabel")
    return repo


def review(repo: DataRepo, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the last step of the action."""
    step = ACTION["runs"]["steps"][-1]
    given = {"BASE": "main", "CHANGED": "HEAD", "RECOMPUTE": "false"}
    assert given.keys() < step["env"].keys()
    files = {"RUNNER_TEMP": folder, "GITHUB_OUTPUT": folder / "out"}
    files |= {"GITHUB_STEP_SUMMARY": folder / "summary.md", "GITHUB_ACTION_PATH": ROOT}
    more = {name: str(value) for name, value in files.items()} | given | variables
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", step["run"]],
        cwd=repo.project, env={**ENVIRONMENT, **PROGRAMS, **more}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_it_says_what_changed_and_where_that_is_written(repo: DataRepo, tmp_path: Path) -> None:
    done = review(repo, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    outputs = dict(line.split("=", 1) for line in (tmp_path / "out").read_text().splitlines())
    assert outputs.keys() == ACTION["outputs"].keys()
    comment = Path(outputs["comment"]).read_text()
    assert "1 relabelled" in comment
    assert (tmp_path / "summary.md").read_text() == comment
    assert "<html" in Path(outputs["page"]).read_text()


def test_a_broken_limit_fails_it(repo: DataRepo, tmp_path: Path) -> None:
    repo.git("switch", "--quiet", "main")
    repo.write("params.yaml", "cgaudit: {recipe: 2, check: {min_label_quality: 1}}")
    repo.commit("strict")
    repo.git("switch", "--quiet", "relabel")
    done = review(repo, tmp_path)
    assert done.returncode == 1
    assert done.stdout.endswith("A limit is broken or could not be checked.\n")
    assert "min_label_quality" in (tmp_path / "summary.md").read_text()


def test_no_expression_is_in_a_script() -> None:
    # A branch may be called "$(…)": expressions are expanded before the shell sees a script.
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


def workflow_of(steps: list[Any]) -> dict[str, Any]:
    """Return a workflow that takes what the action takes, and has these steps."""
    inputs = {name: {"type": "string"} for name in ACTION["inputs"]}
    job = {"runs-on": "ubuntu-latest", "steps": steps}
    return {"on": {"workflow_call": {"inputs": inputs}}, "jobs": {"review": job}}


def test_actionlint_finds_nothing_in_its_steps() -> None:
    """It reads workflows alone: the action's steps are put into one, with its inputs."""
    assert linted(workflow_of(ACTION["runs"]["steps"])) == []
    wrong = {"run": "echo", "env": {"X": "${{ inputs.bsae }}"}}
    assert linted(workflow_of([wrong]))


def test_the_workflow_of_the_docs_is_one() -> None:
    text = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    (written,) = re.findall(r"```yaml\n(on: pull_request.*?)```", text, flags=re.DOTALL)
    # All as text: to YAML `on` is a truth value.
    loaded = yaml.load(written.replace("OWNER/cgaudit@REVISION", "o/cgaudit@v1"), yaml.BaseLoader)
    assert linted(loaded) == []
    (used,) = (step for step in loaded["jobs"]["labels"]["steps"] if "cgaudit" in step["uses"])
    assert used["with"].keys() <= ACTION["inputs"].keys()
    needed = {name for name, it in ACTION["inputs"].items() if it.get("required")}
    assert needed <= used["with"].keys()


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_is_a_command_that_runs(repo: DataRepo, hook: dict[str, Any]) -> None:
    assert {"id", "name", "entry", "language"} <= hook.keys()
    done = subprocess.run(
        hook["entry"].split(), cwd=repo.project, env={**ENVIRONMENT, **PROGRAMS},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    assert done.stdout
    if "files" in hook:
        for path in ("params.yaml", "birds/dvc.lock", "reviewed.csv"):
            assert re.search(hook["files"], path)
        assert not re.search(hook["files"], "photos/1.png")
