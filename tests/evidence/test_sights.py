"""How samples are shown: of the data that is here, and of a version that is not."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from datarepo import DataRepo, new_repo
from PIL import Image
from report_inputs import overview_of, picture_of

from cgaudit.dataset import open_source
from cgaudit.errors import StaleError, UnreadableSample
from cgaudit.evidence.columns import ColumnTeller
from cgaudit.evidence.sights import PATIENCE, source_sights, version_sights
from cgaudit.pages.frame.asked import Sights
from cgaudit.params import SourceParams
from cgaudit.project import Project
from cgaudit.revisions import Repository

NAMES = [f"{number}.png" for number in range(PATIENCE + 2)]
NOWHERE = "neither in the cache nor on a remote"
ROWS = "text,label\nthe first one,a\nthe second one,b\nthe third one,a\n"


def png(seed: int) -> bytes:
    buffer = io.BytesIO()
    picture_of(seed, 8).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def repo(tmp_path: Path) -> DataRepo:
    """Pictures and a table of texts as they were at HEAD; all of them are others by now."""
    repo = new_repo(tmp_path / "repo")
    for seed, name in enumerate(NAMES):
        repo.write(f"photos/{name}", png(seed))
    repo.write("rows.csv", ROWS)
    repo.dvc("add", "--quiet", "photos", "rows.csv")
    repo.commit("first")
    repo.write("photos/0.png", png(99))
    repo.write("rows.csv", ROWS.replace("one", "two"))
    return repo


def table(paths: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"id": [f"id of {path}" for path in paths], "path": paths})


def sights_at(repo: DataRepo, revision: str, path: str, shown: pd.DataFrame) -> Sights:
    repository = Repository.around(Project(repo.project))
    scratch = repo.root.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    source = SourceParams(path=path, text_column="text" if path == "rows.csv" else None)
    return version_sights(shown, repository, repository.revision(revision), source, scratch)


def seed_of(picture: Image.Image | None) -> list[int]:
    assert picture is not None
    return [
        seed
        for seed in (*range(len(NAMES)), 99)
        if np.array_equal(np.asarray(picture), np.asarray(picture_of(seed, 8)))
    ]


def test_a_picture_is_that_of_its_version(repo: DataRepo) -> None:
    for revision, seed in (("HEAD", 0), ("workspace", 99)):
        sights = sights_at(repo, revision, "photos", table(NAMES))
        assert sights.picture is not None
        assert seed_of(sights.picture("id of 0.png")) == [seed]
        assert sights.excerpt is None


def test_a_text_is_that_of_its_version(repo: DataRepo) -> None:
    for revision, text in (("HEAD", "the second one"), ("workspace", "the second two")):
        sights = sights_at(repo, revision, "rows.csv", table(["0", "1", "2"]))
        assert sights.excerpt is not None
        assert sights.excerpt("id of 1") == text


def test_what_was_scored_without_its_content_cannot_be_shown(repo: DataRepo) -> None:
    assert sights_at(repo, "HEAD", "vectors.npy", table(["0"])) == Sights()
    assert sights_at(repo, "HEAD", "photos", table(NAMES).drop(columns="path")) == Sights()


@pytest.mark.parametrize("path", ["../rows.csv", "/etc/passwd", "a/../../rows.csv"])
def test_a_forged_path_reaches_nothing_outside(repo: DataRepo, path: str) -> None:
    sights = sights_at(repo, "HEAD", "photos", table([path]))
    assert sights.picture is not None
    with pytest.raises(UnreadableSample, match="cannot be read"):
        sights.picture(f"id of {path}")


def test_after_a_few_that_are_nowhere_no_more_are_asked_for(repo: DataRepo) -> None:
    cache = repo.project / ".dvc" / "cache" / "files" / "md5"
    kept = repo.root.parent / "kept"
    shutil.copytree(cache, kept)
    listing = next(cache.rglob("*.dir"))
    for file in cache.rglob("*"):
        if file.is_file() and file != listing:
            file.unlink()
    sights = sights_at(repo, "HEAD", "photos", table(NAMES))
    assert sights.picture is not None
    for name in NAMES[:PATIENCE]:
        with pytest.raises(UnreadableSample, match=NOWHERE):
            sights.picture(f"id of {name}")
    shutil.copytree(kept, cache, dirs_exist_ok=True)
    with pytest.raises(UnreadableSample, match=NOWHERE):
        sights.picture(f"id of {NAMES[-1]}")
    again = sights_at(repo, "HEAD", "photos", table(NAMES))
    assert again.picture is not None
    assert seed_of(again.picture(f"id of {NAMES[-1]}")) == [len(NAMES) - 1]


def test_data_that_is_here_is_shown_by_what_it_is(repo: DataRepo) -> None:
    photos = open_source(SourceParams(path=str(repo.project / "photos")))
    sights = source_sights(overview_of(table(NAMES)), photos)
    assert sights.picture is not None
    assert seed_of(sights.picture("id of 1.png")) == [1]
    assert (sights.excerpt, sights.columns, sights.cells) == (None, None, None)
    texts = open_source(SourceParams(path=str(repo.project / "rows.csv"), text_column="text"))
    sights = source_sights(overview_of(table(["0", "1"])), texts)
    assert sights.picture is None
    assert sights.excerpt is not None
    assert sights.excerpt("id of 1") == "the second two"
    assert source_sights(overview_of(table(NAMES).drop(columns="path")), photos) == Sights()


def test_the_rows_of_a_table_are_told_by_their_columns(tmp_path: Path) -> None:
    path = tmp_path / "numbers.csv"
    path.write_text("size,colour,label\n" + "1,red,a\n2,blue,b\n" * 20)
    source = open_source(SourceParams(path=str(path), label_column="label"), kind="table")
    rows = table([str(number) for number in range(40)]).assign(given_label=["a", "b"] * 20)
    sights = source_sights(overview_of(rows), source)
    assert isinstance(sights.columns, ColumnTeller)
    assert sights.cells is not None
    assert sights.cells("id of 1", ["colour", "size"]) == ["blue", "2"]


#: Paths that a scores table may name, and that are none of the pictures in ``photos``.
OUTSIDE = [
    "../secret.png",
    "{root}/secret.png",
    "a/../../secret.png",
    "link.png",
    "linked/secret.png",
]


@pytest.fixture
def tempting(repo: DataRepo) -> DataRepo:
    """A picture outside of the repository, with links to it among the photos."""
    repo.write("secret.png", png(99))
    repo.write("../secret.png", png(99))
    repo.write("../hidden/secret.png", png(99))
    (repo.project / "photos/link.png").symlink_to("../../secret.png")
    (repo.project / "photos/linked").symlink_to("../../hidden")
    return repo


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_picture_outside_of_the_source_is_shown(tempting: DataRepo, path: str) -> None:
    path = path.format(root=tempting.project)
    shown = table([path, "0.png"])
    source = open_source(SourceParams(path="photos"), base=tempting.project)
    report = source_sights(overview_of(shown), source)
    assert report.picture is not None
    assert report.picture(f"id of {path}") is None
    assert report.picture("id of 0.png") is not None
    diff = sights_at(tempting, "workspace", "photos", shown)
    assert diff.picture is not None
    with pytest.raises(UnreadableSample):
        diff.picture(f"id of {path}")
    assert seed_of(diff.picture("id of 0.png")) == [99]


@pytest.mark.parametrize("path", ["3", "-1", "x", "1.0", "", "9" * 5000, "٣"])
def test_scores_of_rows_that_the_data_does_not_have_are_refused(repo: DataRepo, path: str) -> None:
    params = SourceParams(path="rows.csv", text_column="text")
    source = open_source(params, base=repo.project)
    assert source_sights(overview_of(table(["0", "2"])), source).excerpt is not None
    with pytest.raises(StaleError, match=r"1 of 2 samples of .* are no rows of"):
        source_sights(overview_of(table(["0", path])), source)
