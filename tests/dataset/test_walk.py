"""Which files of a folder are data: what DVC leaves out is not, what it links to is."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from datarepo import DataRepo, new_repo, run
from dvc2 import add_as_dvc_2
from PIL import Image

from cgaudit.dataset import open_source
from cgaudit.dataset.walk import BROKEN_LINK, FOLDER_LINK, OUTSIDE_LINK, Walk, Wanted
from cgaudit.errors import SourceError
from cgaudit.params import SourceParams
from cgaudit.project import Project
from cgaudit.revisions import Repository

PNG = Wanted((".png",), "not a .png")


def put(file: Path, grey: int = 0) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (4, 4), grey).save(file)
    return file


def used(root: Path) -> list[str]:
    return [path for path, reason in Walk(root, PNG) if reason is None]


def why_not(root: Path) -> dict[str, str]:
    return {path: reason for path, reason in Walk(root, PNG) if reason is not None}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_repo(tmp_path_factory.mktemp("empty") / "repo").root


@pytest.fixture
def repo(empty: Path, tmp_path: Path) -> DataRepo:
    return DataRepo(Path(shutil.copytree(empty, tmp_path / "repo", symlinks=True)))


RULES = {
    "a folder": ("photos/_rejected", ["cat/a.png", "cat/b.png", "cat/scratch_1.png"]),
    "a name": ("scratch_*", ["_rejected/c.png", "cat/a.png", "cat/b.png"]),
    "a path": ("/photos/cat/b.png", ["_rejected/c.png", "cat/a.png", "cat/scratch_1.png"]),
    "all but": ("*.png\n!b.png", ["cat/b.png"]),
    "nothing": (
        "# scratch_*\n\n",
        ["_rejected/c.png", "cat/a.png", "cat/b.png", "cat/scratch_1.png"],
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_what_dvcignore_leaves_out_is_in_no_version(repo: DataRepo, rule: str) -> None:
    rules, expected = RULES[rule]
    photos = repo.project / "photos"
    for name in ("_rejected/c.png", "cat/a.png", "cat/b.png", "cat/scratch_1.png"):
        put(photos / name)
    repo.write(".dvcignore", f"{rules}\n")
    assert sorted(used(photos)) == expected
    assert why_not(photos) == {}
    # It is what DVC takes for the data.
    repo.dvc("add", "--quiet", "photos")
    repo.commit("photos")
    repository = Repository.around(Project(repo.project))
    assert sorted(repository.md5s("photos", repository.revision("HEAD"))) == expected


def test_what_is_left_out_is_counted(repo: DataRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_rejected/c.png", "cat/a.png", "cat/scratch_1.png", "dog/b.png"):
        put(repo.project / "photos" / name)
    repo.write(".dvcignore", "_rejected\nscratch_*\n")
    monkeypatch.chdir(repo.project)
    source = open_source(SourceParams(path="photos"))
    assert source.notes[0] == "2 image files in photos, 2 label folders"
    assert "2 files or folders are left out by .dvcignore" in source.notes


def test_rules_of_a_folder_between_hold_too(repo: DataRepo) -> None:
    put(repo.project / "team/photos/a.png")
    put(repo.project / "team/photos/b.png")
    repo.write("team/.dvcignore", "b.png\n")
    assert used(repo.project / "team/photos") == ["a.png"]
    repo.write("team/photos/.dvcignore", "a.png\n")
    assert used(repo.project / "team/photos") == []


def test_a_folder_that_is_left_out_itself_is_read(repo: DataRepo) -> None:
    put(repo.project / "scratch/a.png")
    repo.write(".dvcignore", "scratch\n")
    assert used(repo.project / "scratch") == ["a.png"]


def test_shards_beside_pictures_that_are_left_out(repo: DataRepo) -> None:
    put(repo.project / "data/thumbs/a.png")
    repo.write("data/x.tar", b"")
    repo.write(".dvcignore", "thumbs\n")
    with pytest.raises(SourceError, match="WebDataset"):
        open_source(SourceParams(path=str(repo.project / "data")))


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("elsewhere", [False, True])
def test_links_into_the_cache_are_followed(
    repo: DataRepo, tmp_path: Path, version: int, elsewhere: bool
) -> None:
    repo.dvc("config", "cache.type", "symlink")
    put(repo.project / "photos/cat/a.png")
    if version == 2:
        add_as_dvc_2(repo, "photos")
    else:
        repo.dvc("add", "--quiet", "photos")
        shutil.rmtree(repo.project / "photos")
    if elsewhere:
        (repo.project / ".dvc/cache").rename(tmp_path / "cache")
        repo.dvc("cache", "dir", "--quiet", "--local", str(tmp_path / "cache"))
    repo.dvc("checkout", "--quiet")
    assert (repo.project / "photos/cat/a.png").is_symlink()
    assert used(repo.project / "photos") == ["cat/a.png"]


def test_other_links_are_followed_where_their_contents_belong_to_the_repository(
    repo: DataRepo, tmp_path: Path
) -> None:
    photos = repo.project / "photos"
    annexed = put(repo.project / ".git/annex/objects/ab/cd/key/key.png")
    followed = {
        "annexed.png": annexed,
        "inside.png": put(photos / "a.png"),
        "beside.png": put(repo.project / "store/b.png"),
    }
    # What looks like a cache, and what the author of a pull request has no other way to read.
    cache = "files/md5/ab/" + "0" * 30
    left = {
        "foreign.png": put(tmp_path / "other/.dvc/cache" / cache / "x.png").parent / "x.png",
        "git.png": put(repo.project / ".git/x.png"),
        "dvc.png": put(repo.project / ".dvc/tmp/x.png"),
        "outside.png": put(tmp_path / "secret.png"),
    }
    for name, target in (followed | left).items():
        (photos / name).symlink_to(target)
    assert sorted(used(photos)) == sorted([*followed, "a.png"])
    assert why_not(photos) == dict.fromkeys(left, OUTSIDE_LINK)


def test_what_links_keep_from_being_used_is_said_and_mended_as_said(tmp_path: Path) -> None:
    for name in ("cat/a.png", "dog/b.png"):
        stored = put(tmp_path / "store" / name)
        link = tmp_path / "linked" / name
        link.parent.mkdir(parents=True)
        link.symlink_to(stored)
    (tmp_path / "classes").mkdir()
    (tmp_path / "classes/cat").symlink_to(tmp_path / "store/cat")
    for name, reason in (("linked", f"2 × {OUTSIDE_LINK}"), ("classes", f"1 × {FOLDER_LINK}")):
        with pytest.raises(SourceError, match=reason) as caught:
            open_source(SourceParams(path=str(tmp_path / name)))
        assert "`cp -rL`" in str(caught.value)
        run("cp", "-rL", name, f"{name} copied", cwd=tmp_path)
        assert used(tmp_path / f"{name} copied")
    (tmp_path / "store/dog/c.png").symlink_to(tmp_path / "nothing.png")
    (tmp_path / "store/fox").symlink_to(tmp_path / "store/dog")
    source = open_source(SourceParams(path=str(tmp_path / "store")))
    assert "2 links not followed: see skipped.csv" in source.notes
    assert why_not(tmp_path / "store") == {"dog/c.png": BROKEN_LINK, "fox": FOLDER_LINK}


def test_a_link_that_dvc_lost_is_mended_by_pulling(repo: DataRepo, tmp_path: Path) -> None:
    repo.dvc("remote", "add", "--quiet", "--default", "store", str(tmp_path / "store"))
    repo.dvc("config", "cache.type", "symlink")
    put(repo.project / "photos/cat/a.png")
    repo.dvc("add", "--quiet", "photos")
    repo.dvc("push", "--quiet")
    shutil.rmtree(repo.project / ".dvc/cache")
    with pytest.raises(SourceError, match=r"1 × a broken link.*`dvc pull`"):
        open_source(SourceParams(path=str(repo.project / "photos")))
    repo.dvc("pull", "--quiet")
    assert used(repo.project / "photos") == ["cat/a.png"]


def test_names_that_are_no_text_are_left_to_dvc_as_bytes(repo: DataRepo) -> None:
    put(repo.project / "photos/a.png").rename(
        os.fsdecode(os.fsencode(repo.project / "photos") + b"/b\xff.png")
    )
    repo.write(".dvcignore", "c.png\n")
    assert why_not(repo.project / "photos") == {"b\\xff.png": "its name is not valid UTF-8"}
