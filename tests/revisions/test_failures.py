"""What DVC cannot read is said with its cause, and mended as said."""

from __future__ import annotations

import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
from datarepo import ENVIRONMENT, DataRepo, new_repo

from cgaudit.errors import MissingObjectError, RevisionError
from cgaudit.project import Project
from cgaudit.revisions import Repository

PIPELINE = "stages:\n  copy:\n    cmd: cp in.txt out.txt\n    deps: [in.txt]\n    outs: [out.txt]\n"


@pytest.fixture
def repo(tmp_path: Path) -> DataRepo:
    repo = new_repo(tmp_path / "repo")
    repo.write("dvc.yaml", PIPELINE)
    repo.write("in.txt", "one")
    repo.dvc("repro", "--quiet")
    repo.commit("one")
    return repo


def read(repo: DataRepo, name: str, path: str = "out.txt") -> str:
    repository = Repository.around(Project(repo.project))
    return repository.read(path, repository.revision(name)).data.decode()


def in_conflict(repo: DataRepo) -> None:
    """Merge two branches that both ran the stage."""
    repo.git("checkout", "--quiet", "-b", "other")
    for branch, text in (("other", "two"), ("main", "three")):
        repo.git("checkout", "--quiet", branch)
        repo.write("in.txt", text)
        repo.dvc("repro", "--quiet")
        repo.commit(text)
    merge = ["git", "merge", "--quiet", "other"]
    assert subprocess.run(merge, cwd=repo.root, env=ENVIRONMENT, capture_output=True).returncode
    repo.git("checkout", "--ours", "in.txt")
    (repo.project / "out.txt").unlink()


def test_a_lock_in_conflict(repo: DataRepo) -> None:
    in_conflict(repo)
    with pytest.raises(RevisionError, match=r"'dvc\.lock' has the conflict markers") as caught:
        read(repo, "workspace")
    remedies = str(caught.value).split("`")[1::2]
    assert remedies == ["git checkout --ours dvc.lock", "dvc repro"]
    # A commit is not touched by what lies in the working tree.
    assert read(repo, "other") == "two"
    repo.git(*remedies[0].split()[1:])
    repo.dvc("repro", "--quiet")
    assert read(repo, "workspace") == "three"


def test_markers_that_were_committed(repo: DataRepo) -> None:
    in_conflict(repo)
    repo.commit("markers and all")
    for name in ("HEAD", "workspace"):
        with pytest.raises(RevisionError, match=r"'dvc\.lock' has the conflict markers") as caught:
            read(repo, name)
    remedies = str(caught.value).split("`")[1::2]
    assert remedies == ["git checkout HEAD~1 dvc.lock", "dvc repro"]
    repo.git(*remedies[0].split()[1:])
    repo.dvc("repro", "--quiet")
    assert read(repo, "workspace") == "three"


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        (".dvc/config", "[core\n"),
        (".dvc/config", "['remote \"a\"']\n    nonsense = 1\n"),
        (".dvc/config", "['remote \"a\"']\n    url = quux://a/b\n"),
        ("dvc.lock", "schema: '2.0'\nstages: 1\n"),
        ("dvc.yaml", "a: [\n"),
        ("dvc.yaml", PIPELINE.replace("cp in", "cp ${x} in")),
        ("more.dvc", "outs:\n- md5: 1\n  path: 2\n"),
        ("more.dvc", b"\xff\xfe"),
    ],
)
def test_damage_is_an_error_of_ours(repo: DataRepo, file: str, damage: str | bytes) -> None:
    repo.write(file, damage)
    repo.commit("damaged")
    (repo.project / "out.txt").unlink()
    for name in ("HEAD", "workspace"):
        with pytest.raises(RevisionError, match="DVC cannot read its own files") as caught:
            read(repo, name)
        assert "\n" not in str(caught.value)
    repository = Repository.around(Project(repo.project))
    dvc = repository.dvc
    asked = (dvc.remotes, dvc.default_remote) if file == ".dvc/config" else ()
    for ask in (repository.outputs, *asked):
        with pytest.raises(RevisionError, match="DVC cannot read its own files"):
            ask()
    if file == ".dvc/config":
        remedy = str(caught.value).split("`")[1]
        assert remedy == "git checkout HEAD~1 -- .dvc/config"
        repo.git(*remedy.split()[1:])
    assert read(repo, "HEAD~1") == "one"


UNREACHABLE = {
    "nobody listens": "http://127.0.0.1:9/store",
    "a folder that is not there": "/nonexistent/store",
}


@pytest.mark.parametrize("kind", UNREACHABLE)
@pytest.mark.timeout(120)
def test_a_remote_that_cannot_be_reached(repo: DataRepo, kind: str) -> None:
    repo.write(
        ".dvc/config", f"[core]\n    remote = a\n['remote \"a\"']\n    url = {UNREACHABLE[kind]}\n"
    )
    repo.commit("a remote")
    # What the cache has can be read.
    assert read(repo, "HEAD") == "one"
    (repo.project / "out.txt").unlink()
    subprocess.run(["rm", "-rf", ".dvc/cache"], cwd=repo.project, check=True)
    for name in ("HEAD", "workspace"):
        with pytest.raises(MissingObjectError, match="neither in the cache nor on a remote"):
            read(repo, name)


@pytest.mark.skipif(find_spec("dvc_s3") is not None, reason="DVC is installed for S3 here")
def test_a_remote_of_a_kind_that_dvc_was_not_installed_for(repo: DataRepo) -> None:
    repo.write(".dvc/config", "[core]\n    remote = a\n['remote \"a\"']\n    url = s3://a/b\n")
    repo.commit("a remote")
    (repo.project / "out.txt").unlink()
    for name in ("HEAD", "workspace"):
        with pytest.raises(MissingObjectError, match=r"without what its remote takes .*dvc-s3"):
            read(repo, name)
