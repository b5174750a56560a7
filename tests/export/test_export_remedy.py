"""Scores made with other parameters: each verb that refuses them says what mends it there."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from sklearn.datasets import load_iris
from story import ENVIRONMENT, Project

#: Of `diff`: who exports has no earlier version to compare with.
OF_A_DIFF = ("compare", "earlier", "that commit", "two versions")


def started(root: Path) -> Project:
    project = Project(root)
    data = load_iris(as_frame=True)
    data.data[::2].assign(label=data.target.map(lambda code: "abc"[code])).rename_axis("id").to_csv(
        project.root / "d.csv"
    )
    project.does("init", "--yes", "--data", "d.csv")
    return project


def scored(project: Project) -> None:
    for stage in ("featurize", "score", "report"):
        project.does(stage)


def with_ridge(project: Project, ridge: float) -> None:
    params = project.root / "params.yaml"
    text, found = re.subn(r"ridge: \S+", f"ridge: {ridge}", params.read_text())
    assert found == 1
    params.write_text(text)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Version v1 and v2 are scored with λ = 0.1 and 0.2; in the workspace it is 0.3, not scored."""
    project = started(tmp_path_factory.mktemp("remedies") / "repo")
    for tag, ridge in (("v1", 0.1), ("v2", 0.2)):
        with_ridge(project, ridge)
        scored(project)
        project.commit(tag, tag)
    with_ridge(project, 0.3)
    return project


def refused(project: Project, *words: str) -> str:
    said = project.run(*words)
    assert said.code == 2
    assert said.stdout == b""
    return said.stderr.decode()


def test_export_says_to_score_again_and_export(project: Project) -> None:
    message = refused(project, "export", "--to", "cleanlab", "--out", "handed")
    assert "ridge (0.2 → 0.3)" in message
    assert re.search(r"`(?:dvc repro|cgaudit score)`.*\bexport", message), message
    assert [word for word in OF_A_DIFF if word in message] == []
    assert not (project.root / "handed").exists()


def test_scores_of_an_older_recipe_are_scored_again(project: Project) -> None:
    """`init --upgrade`, which a comparison names, finds nothing to do: params.yaml is of today."""
    file = project.root / "reports/scores.parquet"
    whole = file.read_bytes()
    table = pq.read_table(file)
    made = json.loads(table.schema.metadata[b"cgaudit"])
    metadata = {b"cgaudit": json.dumps({**made, "recipe": made["recipe"] - 1}).encode()}
    pq.write_table(table.replace_schema_metadata(metadata), file)
    try:
        message = refused(project, "export", "--to", "cleanlab", "--out", "handed")
    finally:
        file.write_bytes(whole)
    assert "recipe (1 → 2)" in message
    assert "--upgrade" not in message
    assert re.search(r"`(?:dvc repro|cgaudit score)`.*\bexport", message), message


def test_export_in_another_format_needs_no_features(project: Project, tmp_path: Path) -> None:
    """The scores are written as they are: nothing is computed, so nothing can disagree."""
    assert project.run("export", "--to", "csv", "--out", str(tmp_path / "out.csv")).code == 0


@pytest.mark.parametrize("verb", ["diff", "check"])
def test_a_comparison_says_to_score_the_earlier_data_so(project: Project, verb: str) -> None:
    message = refused(project, verb, "v1", "v2")
    assert "ridge (0.1 → 0.2)" in message
    assert "`dvc repro`" in message
    assert "earlier" in message
    assert "export" not in message


def test_the_doctor_says_it_beforehand(project: Project) -> None:
    said = project.run("doctor", "v1", "v2", "--json")
    assert said.code == 1
    (found,) = (it for it in json.loads(said.stdout)["findings"] if it["check"] == "parameters")
    assert "ridge (0.1 → 0.2)" in found["what"]
    assert "dvc repro" in found["remedy"]
    assert "export" not in f"{found['what']} {found['remedy']}"


@pytest.mark.slow
def test_what_export_says_works(tmp_path: Path) -> None:
    """Scored by DVC, its parameters changed, refused: then what the message says is done."""
    project = started(tmp_path / "repo")
    project.shell("dvc", "repro", "-q")
    with_ridge(project, 0.2)
    words = ("export", "--to", "cleanlab", "--out", str(tmp_path / "out"))
    message = refused(project, *words)
    commands = [it for it in re.findall(r"`([^`]+)`", message) if "export" not in it]
    assert commands, message
    for command in commands:
        done = subprocess.run(
            command, shell=True, cwd=project.root, env=ENVIRONMENT, capture_output=True, check=False
        )
        assert done.returncode == 0, (command, done.stderr)
    project.does(*words)
    assert (tmp_path / "out/pred_probs.npy").exists()
