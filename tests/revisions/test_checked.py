"""What comes out of DVC is copied and whole, however the cache is linked and whoever filled it."""

from __future__ import annotations

from pathlib import Path

import pytest
from datarepo import DataRepo, new_repo
from dvc2 import add_as_dvc_2

from cgaudit.errors import DamagedObjectError
from cgaudit.project import Project
from cgaudit.revisions import Repository, Revision

CONTENTS = {
    "checks/0.png": b"\x89PNG\0\1\2",
    "checks/empty.png": b"",
    "notes/win.txt": b"one\r\ntwo\r\n",
    "stripes/ü 1.png": b"\x89PNG\0\3\4",
}
LINKS = ["copy", "hardlink", "symlink", "reflink,copy"]


@pytest.fixture(params=LINKS)
def repo(request: pytest.FixtureRequest, tmp_path: Path) -> DataRepo:
    repo = new_repo(tmp_path / "repo", remote=tmp_path / "store")
    config = repo.project / ".dvc" / "config"
    config.write_text(f"{config.read_text()}[cache]\n    type = '{request.param}'\n")
    for name, content in CONTENTS.items():
        repo.write(f"photos/{name}", content)
    return repo


def track(repo: DataRepo, version: int) -> None:
    if version == 2:
        add_as_dvc_2(repo, "photos")
        repo.dvc("checkout", "--quiet")
    else:
        repo.dvc("add", "--quiet", "photos")
    repo.commit("photos")


def opened(repo: DataRepo) -> tuple[Repository, Revision]:
    repository = Repository.around(Project(repo.project))
    return repository, repository.revision("HEAD")


def cached(repo: DataRepo) -> dict[Path, tuple[int, bytes]]:
    found = sorted(path for path in (repo.project / ".dvc/cache").rglob("*") if path.is_file())
    return {path: (path.stat().st_mode, path.read_bytes()) for path in found}


@pytest.mark.parametrize("version", [2, 3])
def test_files_are_copies_and_the_cache_stays_as_it_was(repo, tmp_path, version) -> None:
    track(repo, version)
    before, out = cached(repo), tmp_path / "out"
    repository, head = opened(repo)
    # As a layout does: the names are there before the contents.
    for name in CONTENTS:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).touch()
    repository.download_files("photos", list(CONTENTS), head, out)
    assert {name: (out / name).read_bytes() for name in CONTENTS} == CONTENTS
    assert not any((out / name).is_symlink() for name in CONTENTS)
    assert {(out / name).stat().st_nlink for name in CONTENTS} == {1}
    for name in CONTENTS:
        (out / name).write_bytes(b"whatever a reader does to its copy")
    assert cached(repo) == before


@pytest.mark.parametrize("version", [2, 3])
def test_a_whole_folder_and_single_files(repo, tmp_path, version) -> None:
    track(repo, version)
    repository, head = opened(repo)
    repository.download("photos", head, tmp_path / "out")
    assert {name: (tmp_path / "out" / name).read_bytes() for name in CONTENTS} == CONTENTS
    repository.download("photos/checks/0.png", head, tmp_path / "one.png")
    assert (tmp_path / "one.png").read_bytes() == CONTENTS["checks/0.png"]
    read = {name: repository.read(f"photos/{name}", head).data for name in CONTENTS}
    assert read == CONTENTS


@pytest.mark.parametrize(
    ("repo", "damaged"), [("copy", b"\x89PNG\0\1\3"), ("hardlink", b"")], indirect=["repo"]
)
def test_damage_is_named_and_mended_as_said(repo, tmp_path, damaged) -> None:
    track(repo, 3)
    repo.dvc("push", "--quiet")
    whole = CONTENTS["checks/0.png"]
    (place,) = (path for path, (_, content) in cached(repo).items() if content == whole)
    # As somebody does who writes to a hard link of the working tree as root.
    place.chmod(0o644)
    place.write_bytes(damaged)
    place.chmod(0o444)
    repository, head = opened(repo)
    with pytest.raises(DamagedObjectError, match="Remove that file, then `dvc fetch`") as caught:
        repository.download_files("photos", ["checks/0.png"], head, tmp_path)
    assert str(place) in str(caught.value)
    with pytest.raises(DamagedObjectError):
        repository.read("photos/checks/0.png", head)
    place.unlink()
    repo.dvc("fetch", "--quiet")
    repository, head = opened(repo)
    assert repository.read("photos/checks/0.png", head).data == whole


@pytest.mark.parametrize("repo", ["copy"], indirect=True)
def test_damage_on_the_remote_is_named(repo, tmp_path) -> None:
    track(repo, 3)
    repo.dvc("push", "--quiet")
    whole = CONTENTS["checks/0.png"]
    (here,) = (path for path, (_, content) in cached(repo).items() if content == whole)
    there = tmp_path / "store" / here.relative_to(repo.project / ".dvc/cache")
    there.chmod(0o644)
    there.write_bytes(b"torn")
    kept = here.rename(tmp_path / "kept")
    repository, head = opened(repo)
    with pytest.raises(DamagedObjectError, match="of a clone that has it whole") as caught:
        repository.read("photos/checks/0.png", head)
    assert str(there) in str(caught.value)
    there.write_bytes(kept.read_bytes())
    repository, head = opened(repo)
    assert repository.read("photos/checks/0.png", head).data == whole
