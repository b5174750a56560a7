"""A damaged file of DVC's own is no missing content: what may be skipped and what may not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from datarepo import SCORES, DataRepo, copy_of, make_scores, new_repo

from cgaudit.cli import cli
from cgaudit.errors import RevisionError
from cgaudit.project import Project
from cgaudit.revisions import Repository, known_md5s
from cgaudit.verbs.doctor import examine

PARAMS = "cgaudit:\n  check: {max_issue_rate: 1.0, max_introduced: 100}\n"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions with scores that DVC has; the second is HEAD."""
    base = tmp_path_factory.mktemp("damage")
    repo = new_repo(base / "repo", remote=base / "store")
    repo.write("params.yaml", PARAMS)
    for seed in (0, 1):
        repo.write_scores(make_scores(["1", "2", "3"], ["cat", "dog", "fox"], seed=seed))
        repo.dvc("add", "--quiet", SCORES)
        repo.commit(f"v{seed}")
        repo.git("tag", f"v{seed}")
    return base


@pytest.fixture
def repo(template: Path, tmp_path: Path) -> DataRepo:
    return copy_of(template, tmp_path / "copy")


def run(repo: DataRepo, *words: str) -> tuple[int, str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(repo.project)
        done = CliRunner().invoke(cli, words, prog_name="cgaudit")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


DAMAGES = {
    "no yaml": (f"{SCORES}.dvc", b"[[[["),
    "deep": (f"{SCORES}.dvc", b"a: " + b"[" * 5000),
    "schema": (f"{SCORES}.dvc", b"outs: 5\n"),
    "odd md5": (f"{SCORES}.dvc", b"outs:\n- md5: 5\n  path: scores.parquet\n"),
    "bytes": (f"{SCORES}.dvc", b"\xff\xfe"),
    "lock": ("dvc.lock", b"schema: '2.0'\nstages: 1\n"),
    "pipeline": ("dvc.yaml", b"stages: 1\n"),
    "interpolation": ("dvc.yaml", b"stages:\n  a:\n    cmd: ${nothing.here}\n"),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_damage_is_not_skipped_as_missing_contents_are(repo: DataRepo, kind: str) -> None:
    path, content = DAMAGES[kind]
    repo.write(path, content)
    if path == "dvc.lock":
        repo.write("dvc.yaml", "stages:\n  a: {cmd: a}\n")
    repo.commit("damage")
    code, said = run(repo, "check", "v0", "HEAD", "--missing-ok")
    assert code == 2, said
    assert "DVC cannot read its own files at HEAD" in said
    assert run(repo, "diff", "v0", "HEAD", "--missing-ok")[0] == 2
    # As the message says: an earlier commit has the file, and DVC's own command names it.
    if path == f"{SCORES}.dvc":
        repo.git("checkout", "v1", "--", path)
        repo.commit("mended")
        assert run(repo, "check", "v0", "HEAD")[0] == 0


def test_contents_that_are_nowhere_may_be_skipped_still(repo: DataRepo) -> None:
    for store in (repo.root / ".dvc/cache", repo.root.parent / "store"):
        if store.exists():
            store.rename(store.with_name("gone"))
    code, said = run(repo, "check", "v0", "HEAD", "--missing-ok")
    assert code == 0
    assert "neither in the cache nor on a remote" in said


def test_the_doctor_names_damage(repo: DataRepo) -> None:
    repo.write(f"{SCORES}.dvc", "[[[[")
    repo.commit("damage")
    found = [it for it in examine(Project(repo.project), "v0", "HEAD") if it.check == "damaged"]
    assert [it.where.startswith("HEAD") for it in found] == [True]
    assert found[0].fails


CONFIGS = [b"[core", b"[core]\nremote = nothing\n", b"\xff\xfe", b"remote = x", b"[core]\n[core]\n"]


@pytest.mark.parametrize("content", CONFIGS)
def test_a_configuration_that_dvc_cannot_use_is_named(repo: DataRepo, content: bytes) -> None:
    (repo.root / ".dvc/config.local").unlink()
    repo.write(".dvc/config", content)
    (repo.project / SCORES).unlink()
    for words in (("diff", "v0", "HEAD"), ("check", "v0", "HEAD", "--missing-ok"), ("diff", "v0")):
        code, said = run(repo, *words)
        if content != CONFIGS[-1]:
            assert code == 2, said
            assert ".dvc/config" in said
    found = {it.check for it in examine(Project(repo.project)) if it.fails}
    assert content == CONFIGS[-1] or found & {"remote", "damaged"}
    repo.git("checkout", "v1", "--", ".dvc/config")
    assert run(repo, "diff", "v0", "HEAD")[0] == 0


def test_hashes_that_dvc_knows_need_its_configuration(repo: DataRepo) -> None:
    (repo.root / ".dvc/config.local").unlink()
    repo.write(".dvc/config", "[core")
    with pytest.raises(RevisionError, match="config"):
        known_md5s(repo.root, repo.project)


@pytest.mark.parametrize("path", [".dvc/config", "dvc.lock", "dvc.yaml", f"{SCORES}.dvc"])
@pytest.mark.parametrize("odd", ["fifo", "folder", "loop"])
def test_dvc_does_not_wait_for_what_is_no_file(repo: DataRepo, path: str, odd: str) -> None:
    if path == f"{SCORES}.dvc":
        (repo.project / path).unlink()
        path = "data.dvc"
    (repo.project / path).unlink(missing_ok=True)
    lay_odd(repo.project / path, odd)
    code, said = run(repo, "diff", "v0", "HEAD")
    assert (code, path in said) == (2, True), said
    findings = examine(Project(repo.project))
    assert [(it.check, it.remedy) for it in findings] == [("repository", "git restore FILE")]


#: YAML that grows without end: nine lines that stand for 10⁹ words.
LAUGHS = "a0: &a0 [lol]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)


@pytest.mark.parametrize("path", ["dvc.lock", "dvc.yaml", f"{SCORES}.dvc", "params.yaml"])
def test_dvc_does_not_laugh(repo: DataRepo, path: str) -> None:
    """At aliases that multiply: they are refused in the workspace and in commits, at once."""
    repo.write(path, LAUGHS)
    repo.commit("laughs")
    repo.git("checkout", "--quiet", "v1", "--", ".")
    (repo.project / path).unlink()
    for words in (("diff", "v0", "main"), ("check", "v0", "main", "--missing-ok")):
        repo.write("params.yaml", PARAMS)
        code, said = run(repo, *words)
        assert (code, f"{path} at " in said, "aliases stand for" in said) == (2, True, True), said
    if path != f"{SCORES}.dvc":
        repo.write(path, LAUGHS)
        assert "aliases stand for" in str(examine(Project(repo.project)))


def lay_odd(path: Path, odd: str) -> None:
    if odd == "folder":
        path.mkdir()
    elif odd == "loop":
        path.symlink_to(path.name)
    else:
        os.mkfifo(path)


@pytest.mark.parametrize("odd", ["folder", "loop", "fifo"])
def test_what_is_no_file_in_the_workspace_is_named(repo: DataRepo, odd: str) -> None:
    lay_odd(repo.project / "reviewed.csv", odd)
    repository = Repository.around(Project(repo.project))
    with pytest.raises(RevisionError, match=r"reviewed\.csv in the workspace cannot be read"):
        repository.find("reviewed.csv", repository.revision("workspace"))


@pytest.mark.parametrize("place", ["photos/deep/pipe", "values.csv"])
def test_a_pipe_that_dvc_tracks_is_not_waited_for(repo: DataRepo, place: str) -> None:
    (repo.project / "photos/deep").mkdir(parents=True)
    repo.write("photos/deep/one.txt", "1")
    repo.write("values.csv", "id,value\n")
    for name in ("photos", "values.csv"):
        repo.dvc("add", "--quiet", name)
    repo.commit("more data")
    (repo.project / place).unlink(missing_ok=True)
    os.mkfifo(repo.project / place)
    code, said = run(repo, "check", "v0", "--limits-from", "HEAD")
    assert code == 2
    assert f"{place} is a pipe, a device or a socket" in said
    assert f"`rm {place}`" in said
    code, said = run(repo, "doctor", "v0", "v1")
    assert code == 1
    assert f"`rm {place}`" in said
    # A comparison says nothing of what is newer, but is made.
    assert run(repo, "diff", "v0")[0] == 0
    (repo.project / place).unlink()
    code, said = run(repo, "doctor", "v0", "v1")
    assert "pipe" not in said
