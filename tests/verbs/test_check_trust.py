"""What a change cannot talk itself out of: limits, decisions and scores that are its own."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from datarepo import DataRepo, copy_of, make_scores, new_repo
from story import Project as Story
from story import Said
from tutorial_data import label_of, texts_table

from cgaudit.paramsfile import parse_params
from cgaudit.results.gate import loosened
from cgaudit.results.table import Scores, read_scores, write_scores

CHECK = {"max_quality_drop": 0.001, "max_introduced": 0, "any_class": {"max_issue_rate": 0.9}}


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (CHECK, []),
        ({**CHECK, "max_quality_drop": 0}, []),
        ({}, ["max_introduced 0 → none", "max_quality_drop 0.001 → none",
              "max_issue_rate of any class 0.9 → none"]),
        ({**CHECK, "max_introduced": 5}, ["max_introduced 0 → 5"]),
        # A class that is named is left out of any_class.
        ({**CHECK, "classes": {"cat": {}}}, ["max_issue_rate of class 'cat' 0.9 → none"]),
        ({**CHECK, "classes": {"cat": {"max_issue_rate": 0.9}}}, []),
    ],
)  # fmt: skip
def test_what_is_looser(now: dict, found: list[str]) -> None:
    before, after = (parse_params({"check": it}, "x") for it in (CHECK, now))
    assert loosened(before, after) == found


def test_a_class_that_was_named_and_a_wider_band() -> None:
    before = parse_params({"check": {"classes": {"cat": {"min_label_quality": 0.8}}}}, "x")
    after = parse_params({"diff": {"band": 0.5}}, "x")
    assert loosened(before, after) == [
        "min_label_quality of class 'cat' 0.8 → none", "diff.band 0.1 → 0.5",
    ]  # fmt: skip
    assert loosened(before, None) == ["min_label_quality of class 'cat' 0.8 → none"]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Texts that were audited on main, a branch on which five labels are spoilt."""
    base = tmp_path_factory.mktemp("trust")
    repo = new_repo(base / "repo", remote=base / "store")
    texts_table(repo.project)
    repo.write(".gitignore", "incoming.csv\n")
    story = as_story(repo)
    story.does("init", "--yes", "--data", "questions.csv")
    limits(repo, CHECK)
    for stage in ("featurize", "score"):
        story.does(stage)
    repo.commit("audited")
    repo.git("checkout", "--quiet", "-b", "branch")
    for number in (3, 6, 12, 15, 21):
        spoil(repo, number)
    for stage in ("featurize", "score"):
        story.does(stage)
    repo.commit("spoilt")
    return base


def as_story(repo: DataRepo) -> Story:
    story = Story.__new__(Story)
    story.root = repo.project
    return story


def limits(repo: DataRepo, section: dict) -> None:
    import yaml

    file = repo.project / "params.yaml"
    content = yaml.safe_load(file.read_text())
    content["cgaudit"]["check"] = section
    file.write_text(yaml.safe_dump(content))


def spoil(repo: DataRepo, number: int) -> None:
    file = repo.project / "questions.csv"
    lines = file.read_text().split("\n")
    wrong = {"checks": "refund", "columns": "delivery", "stripes": "account"}[label_of(number)]
    at = next(i for i, line in enumerate(lines) if line.startswith(f"{number:04},"))
    lines[at] = lines[at].rpartition(",")[0] + f",{wrong}"
    file.write_text("\n".join(lines))


@pytest.fixture
def repo(template: Path, tmp_path: Path) -> DataRepo:
    return copy_of(template, tmp_path / "copy")


def check(repo: DataRepo, *words: str) -> tuple[Said, dict]:
    said = as_story(repo).run("check", "main...branch", *words, "--json")
    return said, json.loads(said.stdout)


def row(result: dict, limit: str) -> dict:
    (found,) = (it for it in result["limits"] if it["limit"] == limit)
    return found


def forge(repo: DataRepo) -> None:
    """Write scores that find nothing wrong with any label."""
    path = repo.project / "reports" / "scores.parquet"
    scores = read_scores(path)
    table = scores.table.assign(
        predicted_label=scores.table["given_label"], label_score=np.float32(0.99),
        is_label_issue=False,
    )  # fmt: skip
    write_scores(Scores(table, scores.provenance), path)
    repo.commit("forged")


def test_a_change_cannot_delete_its_limits(repo: DataRepo) -> None:
    assert check(repo)[0].code == 1
    limits(repo, {})
    repo.commit("no limits")
    assert check(repo)[0].code == 0
    said, result = check(repo, "--limits-from", "main")
    assert said.code == 1
    assert row(result, "max_quality_drop")["ok"] is False
    assert row(result, "max_loosened")["value"] == 3
    assert "max_introduced 0 → none" in row(result, "max_loosened")["detail"]
    assert result["limits_from"].startswith("main (")
    assert result["recomputed"] is False
    assert any("not computed anew" in note for note in result["notes"])


def test_forged_scores_pass_unless_they_are_computed_anew(repo: DataRepo) -> None:
    honest = row(check(repo, "--limits-from", "main")[1], "max_introduced")
    assert honest["value"] >= 4
    forge(repo)
    said, result = check(repo, "--limits-from", "main")
    assert said.code == 0
    assert any("not computed anew" in note for note in result["notes"])
    said, result = check(repo, "--limits-from", "main", "--recompute")
    assert said.code == 1
    assert result["recomputed"] is True
    assert row(result, "max_introduced")["value"] == honest["value"]
    assert any("are not those of its data" in note for note in result["notes"])
    diff = as_story(repo).does("diff", "main...branch", "--recompute", "--json")
    assert len(json.loads(diff.stdout)["issues"]["introduced"]) == honest["value"]


def test_honest_scores_are_said_to_be(repo: DataRepo) -> None:
    _, result = check(repo, "--recompute")
    assert any("are those of its data" in note for note in result["notes"])


def test_nothing_of_the_change_decides_how_it_is_scored_anew(repo: DataRepo) -> None:
    """Its parameters, state and features are not looked at; a model would be code."""
    (repo.project / "reports" / "features" / "vectors.npy").write_bytes(b"forged")
    for state in repo.project.glob("*.npz"):
        state.write_bytes(b"forged")
    file = repo.project / "params.yaml"
    file.write_text(file.read_text().replace("name: text", "name: torchscript:evil.pt"))
    repo.write("evil.pt", "not a model")
    repo.commit("forged all")
    _, result = check(repo, "--limits-from", "main", "--recompute")
    assert row(result, "max_introduced")["value"] >= 4


def test_a_model_in_the_workspace_is_not_run(repo: DataRepo) -> None:
    repo.git("checkout", "--quiet", "main")
    file = repo.project / "params.yaml"
    assert "name: text" in file.read_text()
    file.write_text(file.read_text().replace("name: text", "name: torchscript:model.pt"))
    repo.commit("a model")
    said = as_story(repo).run("check", "main", "branch", "--recompute")
    assert said.code == 2
    assert b"a model is code" in said.stderr


def keep(repo: DataRepo, *ids: str) -> None:
    table = read_scores(repo.project / "reports" / "scores.parquet").table.set_index("id")
    rows = [
        f"{name},{table.at[name, 'content_hash']},{table.at[name, 'given_label']},keep\n"
        for name in sorted(ids)
    ]
    repo.write("reviewed.csv", "id,content_hash,label,decision\n" + "".join(rows))


def test_decisions_of_the_change_on_itself_are_shown_counted_and_limited(repo: DataRepo) -> None:
    diff = as_story(repo).does("diff", "main...branch", "--json")
    introduced = [it["id"] for it in json.loads(diff.stdout)["issues"]["introduced"]]
    keep(repo, *introduced)
    repo.commit("all is well")
    said = as_story(repo).does("diff", "main...branch", "--json")
    issues = json.loads(said.stdout)["issues"]
    assert issues["introduced"] == []
    assert {it["id"] for it in issues["silenced"]} == set(introduced)
    text = as_story(repo).does("diff", "main...branch").text
    assert "no issue because the change itself says so in reviewed.csv" in text
    assert f"Kept by the change itself ({len(introduced)})" in text
    repo.git("checkout", "--quiet", "main")
    limits(repo, {"max_introduced": 0, "max_silenced": 1})
    repo.commit("a limit on that")
    repo.git("checkout", "--quiet", "branch")
    said, result = check(repo, "--limits-from", "main")
    assert said.code == 1
    assert row(result, "max_introduced")["ok"] is True
    silenced = row(result, "max_silenced")
    assert (silenced["ok"], silenced["value"]) == (False, len(introduced))


def test_decisions_that_were_there_before_are_nobodys_silence(repo: DataRepo) -> None:
    keep(repo, "0003", "0006")
    repo.commit("kept")
    repo.git("branch", "later")
    spoil(repo, 24)
    repo.commit("later")
    story = as_story(repo)
    issues = json.loads(story.does("diff", "later", "branch", "--json").stdout)["issues"]
    assert issues["silenced"] == []


def test_scores_of_other_labels_are_stale(repo: DataRepo) -> None:
    story = as_story(repo)
    story.does("report")
    repo.git("rm", "-r", "--quiet", "--cached", "reports")
    repo.dvc("commit", "--quiet", "--force")
    result = json.loads(story.run("check", "main", "--limits-from", "main", "--json").stdout)
    assert row(result, "max_stale")["value"] == 0
    spoil(repo, 24)
    result = json.loads(story.run("check", "main", "--limits-from", "main", "--json").stdout)
    assert row(result, "max_stale")["ok"] is False
    assert "questions.csv (modified)" in row(result, "max_stale")["detail"]


def test_a_base_that_is_older_than_the_audit_is_said(repo: DataRepo) -> None:
    repo.git("checkout", "--quiet", "--orphan", "old")
    repo.git("rm", "-r", "--quiet", "--cached", ".")
    repo.git("commit", "--quiet", "--allow-empty", "--message", "old")
    repo.git("checkout", "--quiet", "--force", "branch")
    said = as_story(repo).run("check", "main", "branch", "--limits-from", "old", "--json")
    assert b"old has no params.yaml: the limits are the change's own" in said.stderr
    assert json.loads(said.stdout)["limits_from"] is None


def test_a_forged_table_whose_ids_repeat_is_counted() -> None:
    from cgaudit.pipeline.compute import differing

    a, b = (make_scores(ids, ["cat"] * 3).table for ids in (["1", "2", "3"], ["1", "2", "4"]))
    assert differing(a, a) == 0
    assert differing(a, b) >= 2
    assert differing(a.assign(id="1"), b) >= 2
