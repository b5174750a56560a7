"""Samples whose files are not here are no removed samples; those that nobody lists are told."""

from __future__ import annotations

from pathlib import Path

import pytest
from datarepo import DataRepo
from pulled import NAMES, partly_pulled, write_scores

from cgaudit.params import load_params
from cgaudit.project import Project
from cgaudit.revisions import Repository
from cgaudit.verbs.diff import diff


@pytest.fixture
def clone(tmp_path: Path) -> DataRepo:
    return partly_pulled(tmp_path)


def warned(repo: DataRepo) -> list[str]:
    repository = Repository.around(Project(repo.project))
    params = load_params(repo.project / "params.yaml")
    found = diff(repository, *repository.pair(), params)
    return [text for text in found.diff["warnings"] if "removed" in text or "added" in text]


def test_scores_of_a_part_of_the_data(clone: DataRepo) -> None:
    assert warned(clone) == []
    write_scores(clone, NAMES[:2])
    (text,) = warned(clone)
    assert text.startswith("2 samples of the 2 removed are absent, not removed")
    assert "`dvc pull photos`, then `dvc repro`" in text
    # As `dvc repro` does before it runs a stage.
    clone.dvc("add", "--quiet", "photos")
    (text,) = warned(clone)
    assert "`git checkout HEAD -- photos.dvc && dvc pull photos`" in text


def test_what_was_removed_and_what_was_added(clone: DataRepo) -> None:
    clone.dvc("pull", "--quiet", "photos")
    (clone.project / "photos" / NAMES[2]).unlink()
    clone.write("photos/checks/new.png", "checks/new.png")
    write_scores(clone, [*NAMES[:2], NAMES[3], "checks/new.png"])
    assert any("1 sample of the 1 added are in no version yet" in text for text in warned(clone))
    clone.dvc("add", "--quiet", "photos")
    assert warned(clone) == []
