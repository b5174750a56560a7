"""Comparisons of revisions in a real repository."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from datarepo import SCORES, DataRepo, copy_of, make_scores, new_repo
from provenance import PROVENANCE

from cgaudit.errors import MissingObjectError, NoScoresError, StaleError
from cgaudit.params import Params, SourceParams
from cgaudit.project import Project
from cgaudit.results.table import Provenance
from cgaudit.revisions import Repository
from cgaudit.verbs import diff as verb

IDS = ["cat/1.png", "cat/2.png", "dog/3.png"]


def commit_scores(
    repo: DataRepo,
    ids: list[str],
    *,
    hashes: str = "ABC",
    complexity: float = 1.0,
    provenance: Provenance = PROVENANCE,
) -> str:
    labels = [name.split("/")[0] for name in ids]
    scores = make_scores(ids, labels, hashes=list(hashes), provenance=provenance)
    repo.write_scores(scores)
    repo.dvc("add", "--quiet", SCORES)
    metrics = {"n_skipped": 0, "complexity": complexity, "class": {"cat": {"n_samples": 2}}}
    repo.write("reports/summary.json", json.dumps(metrics))
    return repo.commit(f"{len(ids)} scores")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("diff")
    repo = new_repo(base / "repo", remote=base / "store")
    repo.write("README.md", "no scores yet")
    repo.commit("before the audit")
    repo.git("tag", "v0")
    commit_scores(repo, IDS)
    repo.git("tag", "v1")
    repo.git("checkout", "--quiet", "-b", "relabel")
    commit_scores(repo, ["cat/1.png", "dog/2.png", "dog/3.png"], complexity=1.5)
    repo.git("checkout", "--quiet", "-b", "other-ridge", "v1")
    commit_scores(repo, IDS, provenance=replace(PROVENANCE, ridge=0.0))
    repo.git("checkout", "--quiet", "main")
    repo.dvc("checkout", "--quiet")
    repo.dvc("push", "--quiet", "--all-commits")
    return base


@pytest.fixture
def repo(template: Path, tmp_path: Path) -> DataRepo:
    return copy_of(template, tmp_path / "copy")


def diff(repo: DataRepo, *names: str, source: SourceParams | None = None) -> dict:
    repository = Repository.around(Project(repo.project))
    params = Params(source=source or SourceParams())
    return verb.diff(repository, *repository.pair(*names), params).diff


def test_two_branches(repo: DataRepo) -> None:
    found = diff(repo, "main", "relabel")
    assert found["samples"] == {
        "added": 0, "removed": 0, "relabelled": 1, "edited": 0, "moved": 0, "unchanged": 2,
    }  # fmt: skip
    (row,) = found["relabelled"]
    assert (row["id"], row["id_a"], row["from"], row["to"]) == (
        "dog/2.png", "cat/2.png", "cat", "dog",
    )  # fmt: skip
    assert found["a"]["revision"] == f"main ({repo.git('rev-parse', '--short=7', 'main')})"
    assert found["a"]["commit"] == repo.git("rev-parse", "main")
    assert found["b"]["provenance"]["ridge"] == 0.1
    assert found["summary"]["difference"]["complexity"] == 0.5
    assert found["summary"]["b"]["n_samples"] == 3
    assert "class" not in found["summary"]["a"]


def test_head_against_the_workspace(repo: DataRepo) -> None:
    assert diff(repo)["samples"]["unchanged"] == 3
    labels = ["cat", "cat", "cat"]
    repo.write_scores(make_scores(IDS, labels, hashes=list("ABC")))
    found = diff(repo)
    assert [row["id"] for row in found["relabelled"]] == ["dog/3.png"]
    assert found["b"]["commit"] is None


def test_a_merge_base(repo: DataRepo) -> None:
    commit_scores(repo, [*IDS, "dog/9.png"], hashes="ABCD")
    assert diff(repo, "main", "relabel")["samples"]["removed"] == 1
    assert diff(repo, "main...relabel")["samples"]["removed"] == 0


def test_ids_of_a_column_are_matched_first(repo: DataRepo) -> None:
    found = diff(repo, "main", "relabel", source=SourceParams(id_column="id"))
    assert found["samples"]["relabelled"] == 1
    assert found["settings"]["ids_are_paths"] is False


def test_review_memory_of_the_later_version(repo: DataRepo) -> None:
    flagged = diff(repo, "v1", "relabel")["issues"]["persisting"]
    assert flagged
    repo.git("checkout", "--quiet", "relabel")
    lines = ["id,content_hash,label,decision"]
    hashes = dict(zip(("cat/1.png", "dog/2.png", "dog/3.png"), "ABC", strict=True))
    lines += [f"{row['id']},{hashes[row['id']]},{row['label']},keep" for row in flagged]
    repo.write("reviewed.csv", "\n".join(lines) + "\n")
    repo.commit("reviewed")
    found = diff(repo, "v1", "relabel")["issues"]
    assert found["persisting"] == []
    assert {row["id"] for row in flagged} <= {row["id"] for row in found["resolved"]}


def test_no_scores_before_the_audit(repo: DataRepo) -> None:
    with pytest.raises(NoScoresError, match=r"v0 \(\w{7}\) has no .*cgaudit history"):
        diff(repo, "v0", "main")


def test_no_scores_in_the_workspace(repo: DataRepo) -> None:
    repo.git("checkout", "--quiet", "v0")
    (repo.project / SCORES).unlink()
    with pytest.raises(NoScoresError, match=r"in the workspace\. Run `dvc repro`"):
        diff(repo, "v1")


def test_scores_that_nobody_pushed(repo: DataRepo) -> None:
    shutil.rmtree(repo.project / ".dvc" / "cache")
    shutil.rmtree(repo.root.parent / "store")
    with pytest.raises(MissingObjectError):
        diff(repo, "v1", "relabel")


def test_other_parameters_are_refused(repo: DataRepo) -> None:
    with pytest.raises(StaleError, match=r"ridge \(0\.1 → 0\.0\).*dvc repro"):
        diff(repo, "main", "other-ridge")


def test_a_clone_without_data_says_what_it_reads(repo: DataRepo) -> None:
    (repo.project / SCORES).unlink()
    (warning,) = diff(repo)["warnings"]
    assert "dvc.lock records" in warning


@pytest.mark.parametrize("content", ["{", "[1]", b"\xff"])
def test_broken_metrics_are_named(repo: DataRepo, content: str | bytes) -> None:
    repo.write("reports/summary.json", content)
    with pytest.raises(StaleError, match=r"summary\.json at the workspace (is no|cannot)"):
        diff(repo)
