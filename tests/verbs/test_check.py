"""Limits and what is made of them."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from datarepo import SCORES, DataRepo, make_scores, new_repo
from limits import contradicted_change, limits

from cgaudit.errors import MissingObjectError, NoScoresError
from cgaudit.pages.check import check_text, github_annotations, junit_xml
from cgaudit.params import DiffParams, SourceParams
from cgaudit.project import Project
from cgaudit.revisions import Repository
from cgaudit.verbs.check import check, check_revisions
from cgaudit.versions import compare


@pytest.fixture(scope="module")
def diff() -> dict:
    return contradicted_change()


@pytest.mark.parametrize(
    ("limit", "holds", "broken", "value"),
    [
        ("max_issue_rate", 0.4, 0.39, 0.4),
        ("min_label_quality", 0.52, 0.53, 0.52),
        ("max_introduced", 1, 0, 1),
        ("max_contradicted", 1, 0, 1),
        ("max_quality_drop", 0.14, 0.13, 0.14),
    ],
)
def test_a_limit_holds_up_to_its_own_figure(
    diff: dict, limit: str, holds: float, broken: float, value: float
) -> None:
    for threshold, ok in ((holds, True), (broken, False)):
        result = check(diff, limits(**{limit: threshold}))
        assert result["ok"] is ok
        (row,) = result["limits"]
        assert (row["limit"], row["threshold"], row["ok"]) == (limit, threshold, ok)
        assert row["value"] == pytest.approx(value)


def test_near_duplicates_are_held_to_their_own_limits(diff: dict) -> None:
    found = {"n_duplicate_conflicts": 2, "n_split_leaks": 0}
    summary = {**diff["summary"], "b": diff["summary"]["b"] | found}
    held = limits(max_duplicate_conflicts=1, max_split_leaks=0)
    rows = check({**diff, "summary": summary}, held)["limits"]
    assert [(row["value"], row["ok"]) for row in rows] == [(2, False), (0, True)]
    unseen = check(diff, held)["limits"]
    assert [(row["value"], row["ok"]) for row in unseen] == [(None, False), (None, False)]
    assert "score.outliers: true" in unseen[0]["detail"]


def test_a_better_version_never_drops(diff: dict) -> None:
    better = {**diff, "summary": {**diff["summary"], "difference": {"label_quality": 0.2}}}
    (row,) = check(better, limits(max_quality_drop=0))["limits"]
    assert row["ok"]
    assert row["value"] == pytest.approx(-0.2)


def test_named_classes_and_any_class(diff: dict) -> None:
    section = {
        "any_class": {"max_issue_rate": 0.4},
        "classes": {"fox": {"min_label_quality": 0.5}, "owl": {"max_issue_rate": 1}},
    }
    rows = check(diff, limits(**section))["limits"]
    assert [(row["class"], row["limit"], row["ok"], row["value"]) for row in rows] == [
        ("fox", "min_label_quality", False, pytest.approx(0.45)),
        ("owl", "max_issue_rate", False, None),
        ("cat", "max_issue_rate", True, pytest.approx(1 / 3, abs=1e-6)),
    ]
    assert rows[1]["detail"] == "no sample has this label"


def test_of_many_classes_the_broken_ones_are_listed_else_the_nearest() -> None:
    classes = tuple(f"c{i}" for i in range(200))
    p = np.full((200, 200), 0.001)
    p[np.arange(200), np.arange(200)] = np.linspace(0.5, 0.8, 200)
    scores = make_scores(classes, classes, classes=classes, probabilities=p)
    diff = compare(scores, scores, ids_are_paths=False)
    (nearest,) = check(diff, limits(any_class={"min_label_quality": 0.4}))["limits"]
    assert nearest["class"] == "c0"
    broken = check(diff, limits(any_class={"min_label_quality": 0.65}))["limits"]
    assert len(broken) == 100
    assert not any(row["ok"] for row in broken)


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> DataRepo:
    """v0 without scores, v1, and v2 whose scores are lost."""
    repo = new_repo(tmp_path_factory.mktemp("gate") / "repo")
    repo.commit("before the audit")
    repo.git("tag", "v0")
    for tag, labels in (("v1", ["cat", "dog"]), ("v2", ["cat", "fox"])):
        repo.write_scores(make_scores(["1", "2"], labels))
        repo.dvc("add", "--quiet", SCORES)
        repo.commit(tag)
        repo.git("tag", tag)
    md5 = re.search(r"md5: (\w+)", repo.git("show", f"v2:{SCORES}.dvc"))[1]
    (repo.project / ".dvc" / "cache" / "files" / "md5" / md5[:2] / md5[2:]).unlink()
    (repo.project / SCORES).unlink()
    repo.git("checkout", "--quiet", "v1")
    repo.dvc("checkout", "--quiet")
    return repo


def check_repo(repo: DataRepo, *names: str, neutral: bool = False, **section: object) -> dict:
    repository = Repository.around(Project(repo.project))
    return check_revisions(
        repository,
        *repository.pair(*names),
        limits=limits(**section),
        source=SourceParams(),
        settings=DiffParams(),
        missing_is_neutral=neutral,
    )


def test_absolute_limits_need_no_earlier_version(repo: DataRepo) -> None:
    assert check_repo(repo, "v0", max_issue_rate=1.0)["ok"]


def test_relative_limits_need_one(repo: DataRepo) -> None:
    with pytest.raises(NoScoresError):
        check_repo(repo, "v0", max_introduced=0)
    result = check_repo(repo, "v0", neutral=True, max_introduced=0, max_issue_rate=0.0)
    assert [row["ok"] for row in result["limits"]] == [False, None]
    assert "v0" in result["neutral"]
    assert "1 skipped: v0" in check_text(result)
    assert str(github_annotations(result)[-1]).startswith("::notice title=cgaudit check::v0")


def test_missing_objects_fail_or_end_neutral(repo: DataRepo) -> None:
    section = {"max_issue_rate": 0.0, "max_introduced": 0, "any_class": {"max_issue_rate": 0}}
    with pytest.raises(MissingObjectError):
        check_repo(repo, "v1", "v2", **section)
    result = check_repo(repo, "v1", "v2", neutral=True, **section)
    assert [row["ok"] for row in result["limits"]] == [None, None, None]
    assert result["ok"]
    assert ElementTree.fromstring(junit_xml(result))[0].get("skipped") == "3"


def test_workspace_against_a_tag(repo: DataRepo) -> None:
    assert check_repo(repo, "v1", max_introduced=0)["ok"]
