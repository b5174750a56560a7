"""Reading files at a revision, in real repositories."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from pathlib import Path

import pytest
from datarepo import DataRepo, copy_of, new_repo, run

from cgaudit.errors import CgauditError, MissingObjectError, NotTrackedError, RevisionError
from cgaudit.project import Project
from cgaudit.revisions import Repository, Revision

DATA = "reports/scores.bin"


def add_version(repo: DataRepo, text: str) -> str:
    repo.write(DATA, text)
    repo.dvc("add", "--quiet", DATA)
    repo.write("labels.csv", f"id,label\n1,{text}\n")
    return repo.commit(text)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions on main, a third on a branch, a fourth uncommitted; all three pushed."""
    base = tmp_path_factory.mktemp("revisions")
    repo = new_repo(base / "repo", remote=base / "store")
    add_version(repo, "one")
    repo.git("tag", "v1")
    repo.git("checkout", "--quiet", "-b", "relabel")
    add_version(repo, "branch")
    repo.git("checkout", "--quiet", "main")
    add_version(repo, "two")
    repo.dvc("push", "--quiet", "--all-commits")
    repo.write(DATA, "uncommitted")
    return base


@pytest.fixture
def repo(template: Path, tmp_path: Path) -> DataRepo:
    return copy_of(template, tmp_path / "copy")


def read(repo: DataRepo, name: str, path: str = DATA) -> str:
    repository = Repository.around(Project(repo.project))
    return repository.read(path, repository.revision(name)).data.decode()


def test_every_way_to_name_a_version(repo: DataRepo) -> None:
    sha = repo.git("rev-parse", "v1")
    names = ["workspace", "main", "HEAD", "relabel", "v1", sha, sha[:8], "HEAD~1"]
    expected = ["uncommitted", "two", "two", "branch", "one", "one", "one", "one"]
    assert [read(repo, name) for name in names] == expected
    assert [read(repo, name, "labels.csv").split(",")[-1].strip() for name in names[1:]] == (
        expected[1:]
    )


def test_reading_touches_nothing(repo: DataRepo) -> None:
    before = repo.git("status", "--porcelain"), repo.git("stash", "list")
    assert read(repo, "relabel") == "branch"
    assert (repo.git("status", "--porcelain"), repo.git("stash", "list")) == before
    assert (repo.project / DATA).read_text() == "uncommitted"


def test_pairs_follow_dvc_diff(repo: DataRepo) -> None:
    repository = Repository.around(Project(repo.project))
    sha = {name: repo.git("rev-parse", name) for name in ("main", "relabel", "v1")}

    def commits(*names: str) -> tuple[str | None, str | None]:
        a, b = repository.pair(*names)
        return a.commit, b.commit

    assert commits() == (sha["main"], None)
    assert commits("v1") == (sha["v1"], None)
    assert commits("v1", "relabel") == (sha["v1"], sha["relabel"])
    assert commits("main..relabel") == (sha["main"], sha["relabel"])
    assert commits("main...relabel") == (sha["v1"], sha["relabel"])
    assert commits("relabel...") == (sha["v1"], sha["main"])
    assert commits("relabel...workspace") == (sha["v1"], None)
    with pytest.raises(RevisionError, match="already names two"):
        repository.pair("main...relabel", "v1")


def test_from_the_remote_when_the_cache_is_gone(repo: DataRepo) -> None:
    shutil.rmtree(repo.project / ".dvc" / "cache")
    assert [read(repo, name) for name in ("main", "relabel", "v1")] == ["two", "branch", "one"]


def test_workspace_without_the_file_reads_the_locked_version_and_says_so(repo: DataRepo) -> None:
    (repo.project / DATA).unlink()
    repository = Repository.around(Project(repo.project))
    contents = repository.read(DATA, repository.revision("workspace"))
    assert contents.data == b"two"
    assert "dvc.lock records" in contents.notes[0]


def test_missing_everywhere_is_its_own_error(repo: DataRepo) -> None:
    shutil.rmtree(repo.project / ".dvc" / "cache")
    shutil.rmtree(repo.root.parent / "store")
    with pytest.raises(MissingObjectError, match=r"reports/scores\.bin at v1 .*dvc push"):
        read(repo, "v1")


def test_untracked_is_not_missing(repo: DataRepo) -> None:
    with pytest.raises(NotTrackedError, match=r"other\.bin is not part of main"):
        read(repo, "main", "reports/other.bin")
    repository = Repository.around(Project(repo.project))
    assert repository.find("reports/other.bin", repository.revision("main")) is None
    assert repository.find("reports/other.bin", repository.revision("workspace")) is None


def test_what_a_stage_names_and_never_made_is_not_there(repo: DataRepo) -> None:
    """It was said to lack a `dvc push`, which nobody could do."""
    repo.write("dvc.yaml", "stages: {late: {cmd: echo, outs: [late.bin, folder]}}\n")
    repo.commit("a stage that has not run")
    repository = Repository.around(Project(repo.project))
    for name in ("main", "workspace"):
        revision = repository.revision(name)
        for path in ("late.bin", "folder", "folder/inside.bin"):
            assert repository.holds(path, revision) is None
            assert repository.find(path, revision) is None
    repo.write("late.bin", "made by hand")
    assert read(repo, "workspace", "late.bin") == "made by hand"


def test_a_folder_is_no_file(repo: DataRepo) -> None:
    with pytest.raises(NotTrackedError):
        read(repo, "main", "reports")


@pytest.mark.parametrize("name", ["nope", "-x", "--all", "HEAD~99", ""])
def test_bad_revision(repo: DataRepo, name: str) -> None:
    with pytest.raises(RevisionError, match="There is no revision"):
        Repository.around(Project(repo.project)).revision(name)


def test_a_bad_revision_says_where_else_it_is(repo: DataRepo, tmp_path: Path) -> None:
    run("git", "clone", "--quiet", str(repo.root), str(tmp_path / "clone"), cwd=tmp_path)
    with pytest.raises(RevisionError, match="but 'origin/relabel': use that"):
        Repository.around(Project(tmp_path / "clone")).revision("relabel")


def test_shallow_clone(repo: DataRepo, tmp_path: Path) -> None:
    origin = repo.root.as_uri()
    run("git", "clone", "--quiet", "--depth=1", origin, str(tmp_path / "shallow"), cwd=tmp_path)
    repository = Repository.around(Project(tmp_path / "shallow"))
    with pytest.raises(RevisionError, match="fetch-depth: 0"):
        repository.revision("HEAD~1")
    shallow = tmp_path / "shallow"
    run("git", "fetch", "--quiet", "--depth=1", "origin", "relabel:relabel", cwd=shallow)
    with pytest.raises(RevisionError, match="fetch-depth: 0"):
        repository.pair("main...relabel")


@pytest.mark.timeout(60)
def test_partial_clone_does_not_hang(repo: DataRepo, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    origin = repo.root.as_uri()
    run("git", "clone", "--quiet", "--filter=blob:none", origin, str(tmp_path / "c"), cwd=tmp_path)
    clone = DataRepo(tmp_path / "c")
    clone.dvc("remote", "modify", "store", "url", str(repo.root.parent / "store"), "--local")
    assert read(clone, "origin/relabel") == "branch"


def test_scores_that_somebody_else_pushed(repo: DataRepo, tmp_path: Path) -> None:
    run("git", "clone", "--quiet", str(repo.root), str(tmp_path / "clone"), cwd=tmp_path)
    clone = DataRepo(tmp_path / "clone")
    clone.dvc("remote", "modify", "store", "url", str(repo.root.parent / "store"), "--local")
    assert [read(clone, name) for name in ("HEAD", "origin/relabel")] == ["two", "branch"]
    assert read(clone, "workspace") == "two"


@pytest.mark.parametrize("subdir", [False, True])
def test_the_remote_may_be_younger_than_the_commit(tmp_path: Path, subdir: bool) -> None:
    repo = new_repo(tmp_path / "repo", "team/animals" if subdir else ".")
    old = add_version(repo, "one")
    # A relative remote is relative to the config file that names it.
    store = os.path.relpath(tmp_path / "store", repo.project)
    repo.dvc("remote", "add", "--quiet", "--default", "store", store)
    repo.commit("a remote")
    repo.dvc("push", "--quiet")
    shutil.rmtree(repo.project / ".dvc" / "cache")
    assert read(repo, old) == "one"


@pytest.mark.parametrize("own_dvc", [False, True])
def test_project_in_a_sub_folder(tmp_path: Path, own_dvc: bool) -> None:
    folder = "teams/käfer 1"
    repo = new_repo(tmp_path / "repo", folder if own_dvc else ".", remote=tmp_path / "store")
    repo.project = tmp_path / "repo" / folder
    add_version(repo, "one")
    add_version(repo, "two")
    repo.dvc("push", "--quiet", "--all-commits")
    shutil.rmtree((repo.project if own_dvc else repo.root) / ".dvc" / "cache")
    (repo.project / DATA).unlink()
    assert [read(repo, name) for name in ("workspace", "HEAD", "HEAD~1")] == ["two", "two", "one"]
    assert read(repo, "HEAD~1", "labels.csv") == "id,label\n1,one\n"


def test_a_folder_downloads_as_it_was(repo: DataRepo, tmp_path: Path) -> None:
    repo.write("images/cat/ü 1.png", "a")
    repo.write("images/dog/2.png", "b")
    repo.dvc("add", "--quiet", "images")
    repo.commit("images")
    (repo.project / "images/dog/2.png").unlink()
    repository = Repository.around(Project(repo.project))
    repository.download("images", repository.revision("HEAD"), tmp_path / "out")
    found = {p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.png")}
    assert found == {"cat/ü 1.png", "dog/2.png"}


def test_a_folder_whose_listing_is_lost_is_missing(repo: DataRepo, tmp_path: Path) -> None:
    repo.write("images/cat/1.png", "a")
    repo.dvc("add", "--quiet", "images")
    repo.commit("images, never pushed")
    shutil.rmtree(repo.project / ".dvc" / "cache")
    repository = Repository.around(Project(repo.project))
    with pytest.raises(MissingObjectError, match="images"):
        repository.download("images", repository.revision("HEAD"), tmp_path / "out")
    with pytest.raises(MissingObjectError, match="images/cat/1"):
        repository.read("images/cat/1.png", repository.revision("HEAD"))


def test_outside_of_git_and_dvc(tmp_path: Path) -> None:
    with pytest.raises(RevisionError, match="not in a git repository"):
        Repository.around(Project(tmp_path))
    run("git", "init", "--quiet", cwd=tmp_path)
    repository = Repository.around(Project(tmp_path))
    assert repository.dvc is None
    assert repository.home.announced is not None


def test_a_revision_reads_well() -> None:
    sha = "3f2a1c0" + "0" * 33
    assert str(Revision("main", sha)) == "main (3f2a1c0)"
    assert str(Revision("3f2a1c", sha)) == "3f2a1c0"
    assert str(Revision("workspace", None)) == "the workspace"


@pytest.mark.parametrize("outside", ["../../outside.png", "/etc/outside.png"])
def test_a_forged_listing_reaches_nothing_outside(tmp_path: Path, outside: str) -> None:
    repo = new_repo(tmp_path / "repo")
    repo.write("photos/a.png", "a")
    repo.dvc("add", "--quiet", "photos")
    pointer, cache = repo.project / "photos.dvc", repo.project / ".dvc/cache/files/md5"
    listed = re.search(r"md5: (\w+)\.dir", pointer.read_text())[1]
    entries = json.loads((cache / listed[:2] / f"{listed[2:]}.dir").read_text())
    forged = json.dumps([{**entries[0], "relpath": outside}])
    name = hashlib.md5(forged.encode()).hexdigest()
    (cache / name[:2]).mkdir(exist_ok=True)
    (cache / name[:2] / f"{name[2:]}.dir").write_text(forged)
    pointer.write_text(pointer.read_text().replace(listed, name))
    repo.commit("forged")
    repository = Repository.around(Project(repo.project))
    with pytest.raises(CgauditError):
        repository.md5s("photos", repository.revision("HEAD"))
