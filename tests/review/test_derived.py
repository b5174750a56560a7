"""Decisions about data that a program makes are refused, with where to decide instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from datarepo import DataRepo, new_repo
from deciding import FOLDER, TABLE, apply, files, folder_of

from cgaudit.errors import DecisionError
from cgaudit.params import SourceParams

LABELS = "id,label\n1,cat\n2,dog\n"


@pytest.fixture
def imported(tmp_path: Path) -> DataRepo:
    """A repository that imports a folder of pictures from another."""
    other = new_repo(tmp_path / "registry", remote=tmp_path / "store")
    folder_of(other.project, cat__1="A", dog__2="B")
    other.dvc("add", "--quiet", "images")
    other.git("add", "--all")
    other.git("commit", "--quiet", "--message", "data")
    other.dvc("push", "--quiet")
    repo = new_repo(tmp_path / "consumer")
    repo.dvc("import", "--quiet", str(other.root), "images", "-o", "images")
    return repo


def test_an_import_is_decided_on_where_it_comes_from(imported: DataRepo) -> None:
    project = imported.project
    known = folder_of(project, cat__1="A", dog__2="B")
    before = files(project / "images")
    for dry in (True, False):
        with pytest.raises(DecisionError, match=r"images is imported from .*images\.dvc"):
            apply(project, FOLDER, known, ("cat/1.png", "relabel", "dog"), dry=dry)
    assert files(project / "images") == before
    # What is kept is remembered in a file of this repository.
    assert apply(project, FOLDER, known, ("cat/1.png", "keep"))["written"]
    # The remedy of the message: a table of one's own.
    (project / "labels.csv").write_text("id,label\ncat/1.png,cat\n")
    assert apply(project, TABLE, known, ("cat/1.png", "relabel", "dog"))["written"]
    assert (project / "labels.csv").read_text() == "id,label\ncat/1.png,dog\n"


STAGE = """
stages:
  prepare:
    cmd: mkdir -p ${out} && cp raw.csv ${out}/labels.csv
    deps: [raw.csv]
    outs: ['${out}']
"""


@pytest.fixture
def made(tmp_path: Path) -> DataRepo:
    """A repository in which a stage makes the labels, in a folder that a parameter names."""
    repo = new_repo(tmp_path / "repo")
    repo.write("raw.csv", LABELS)
    repo.write("params.yaml", "out: clean\n")
    repo.write("dvc.yaml", STAGE)
    repo.write("images/1.png", "x")
    repo.dvc("repro", "--quiet")
    return repo


def test_the_output_of_a_stage_is_decided_on_in_what_it_reads(made: DataRepo) -> None:
    project = made.project
    source = SourceParams(path="images", labels="clean/labels.csv")
    with pytest.raises(
        DecisionError, match=r"clean is made by the stage 'prepare' \(dvc\.yaml\) from raw\.csv"
    ):
        apply(project, source, None, ("1", "relabel", "dog"))
    assert (project / "clean/labels.csv").read_text() == LABELS
    # The remedy of the message.
    source = SourceParams(path="images", labels="raw.csv")
    assert apply(project, source, None, ("1", "relabel", "dog"))["written"]


def test_a_frozen_stage_does_not_run_again(made: DataRepo) -> None:
    made.write("dvc.yaml", STAGE + "    frozen: true\n")
    source = SourceParams(path="images", labels="clean/labels.csv")
    assert apply(made.project, source, None, ("1", "relabel", "dog"))["written"]


def test_what_people_gave_to_dvc_is_theirs(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    repo.write("labels.csv", LABELS)
    repo.write("images/1.png", "x")
    repo.dvc("add", "--quiet", "labels.csv", "images")
    assert apply(repo.project, TABLE, None, ("1", "relabel", "dog"))["written"]
    assert (repo.project / "labels.csv").read_text() == LABELS.replace("cat", "dog")
