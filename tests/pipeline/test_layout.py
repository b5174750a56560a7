"""A version of the data laid out as files."""

from __future__ import annotations

from pathlib import Path

import pytest
from datarepo import DataRepo, new_repo
from dvc2 import add_as_dvc_2
from tutorial_data import label_folders, save

from cgaudit.dataset import open_source
from cgaudit.params import SourceParams
from cgaudit.pipeline.layout import lay_out
from cgaudit.project import Project
from cgaudit.revisions import Repository


@pytest.fixture(params=[2, 3], ids=["dvc 2", "dvc 3"])
def version(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture
def linked(tmp_path: Path, version: int) -> DataRepo:
    """Two versions of folders of pictures, the cache linked: the second lacks a picture."""
    repo = new_repo(tmp_path / "repo")
    repo.dvc("config", "cache.type", "hardlink,symlink")
    label_folders(repo.project)
    if version == 2:
        add_as_dvc_2(repo, "photos")
        repo.dvc("checkout", "--quiet")
    else:
        repo.dvc("add", "--quiet", "photos")
    repo.commit("all")
    (repo.project / "photos/columns/0001.png").unlink()
    repo.dvc("add", "--quiet", "photos")
    repo.commit("one less")
    return repo


def test_pictures_of_a_linked_cache_have_their_contents(
    linked: DataRepo, tmp_path: Path, version: int
) -> None:
    repository = Repository.around(Project(linked.project))
    before = repository.revision("HEAD~1")
    data = lay_out(repository, before, SourceParams(path="photos"), tmp_path / "data")
    # Of DVC 3 the MD5s are known, and nothing is fetched that is not asked for.
    gone = Path(data.source.path) / "columns/0001.png"
    assert (len(data.md5s), gone.stat().st_size == 0) == (
        (90, True) if version == 3 else (0, False)
    )
    data.fill(["columns/0001.png"])
    save(1, tmp_path / "drawn")
    assert gone.read_bytes() == (tmp_path / "drawn/0001.png").read_bytes()
    samples, skipped = open_source(data.source).samples(data.md5s)
    assert (len(samples), len(skipped)) == (90, 0)
