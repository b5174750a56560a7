"""Samples whose files are not here are no removed samples; those that nobody lists are told."""

from __future__ import annotations

from pathlib import Path

import pytest
from datarepo import DataRepo
from pulled import NAMES, partly_pulled, write_scores

from cgaudit.pages.change import headline
from cgaudit.paramsfile import load_params
from cgaudit.project import Project
from cgaudit.results.change import Diff
from cgaudit.revisions import Repository
from cgaudit.verbs.diff import diff


@pytest.fixture
def clone(tmp_path: Path) -> DataRepo:
    return partly_pulled(tmp_path)


def compared(repo: DataRepo) -> Diff:
    repository = Repository.around(Project(repo.project))
    params = load_params(repo.project / "params.yaml")
    return diff(repository, *repository.pair(), params).diff


def warned(repo: DataRepo) -> list[str]:
    warnings = compared(repo)["warnings"]
    return [text for text in warnings if "removed" in text or "added" in text]


def test_scores_of_a_part_of_the_data(clone: DataRepo) -> None:
    assert warned(clone) == []
    write_scores(clone, NAMES[:2])
    (text,) = warned(clone)
    assert text.startswith("2 samples absent, not removed: 2 of the 2 that the scores here lack")
    assert "`dvc pull photos`, then `dvc repro`" in text
    # As `dvc repro` does before it runs a stage.
    clone.dvc("add", "--quiet", "photos")
    (text,) = warned(clone)
    assert "`git checkout HEAD -- photos.dvc && dvc pull photos`" in text


def test_what_is_absent_counts_as_neither_removed_nor_resolved(clone: DataRepo) -> None:
    write_scores(clone, NAMES, issues=[NAMES[2]])
    clone.git("add", "--force", "reports/scores.parquet")
    clone.commit("scores with an issue")
    write_scores(clone, NAMES[:2])
    found = compared(clone)
    assert [row["id"] for row in found["absent"]] == list(NAMES[2:])
    assert found["removed"] == found["issues"]["resolved"] == []
    assert found["samples"]["removed"] == 0
    assert {row["label"]: row["removed"] for row in found["classes"]}["stripes"] == 0
    assert headline(found).startswith("0 relabelled · 2 absent · 0 label issues resolved")
    # Of two commits each is what it says: a sample that only one has was removed.
    clone.commit("scores of a part")
    repository = Repository.around(Project(clone.project))
    params = load_params(clone.project / "params.yaml")
    committed = diff(repository, *repository.pair("HEAD~1", "HEAD"), params).diff
    assert (committed["samples"]["removed"], committed["absent"]) == (2, [])


def test_what_was_removed_and_what_was_added(clone: DataRepo) -> None:
    clone.dvc("pull", "--quiet", "photos")
    (clone.project / "photos" / NAMES[2]).unlink()
    clone.write("photos/checks/new.png", "checks/new.png")
    write_scores(clone, [*NAMES[:2], NAMES[3], "checks/new.png"])
    assert any("1 sample of the 1 added are in no version yet" in text for text in warned(clone))
    clone.dvc("add", "--quiet", "photos")
    assert warned(clone) == []
