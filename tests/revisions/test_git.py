"""Names that git does not know by themselves, and repositories that have none yet."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from datarepo import DataRepo, new_repo, run

from cgaudit.errors import RevisionError
from cgaudit.project import Project
from cgaudit.revisions import FIRST_COMMIT, Repository

PIPELINE = "stages:\n  copy:\n    cmd: cp in.txt out.txt\n    deps: [in.txt]\n    outs: [out.txt]\n"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two commits, an experiment of one name from each, and one of another name."""
    repo = new_repo(tmp_path_factory.mktemp("git") / "repo")
    repo.write("dvc.yaml", PIPELINE)
    for text, names in (("one", ["both"]), ("two", ["both", "alone"])):
        repo.write("in.txt", text)
        repo.dvc("repro", "--quiet")
        repo.commit(text)
        for name in names:
            repo.write("in.txt", f"{text} {name}")
            repo.dvc("exp", "run", "--quiet", "-n", name)
            repo.git("checkout", "--quiet", ".")
            repo.dvc("checkout", "--quiet")
    return repo.root


@pytest.fixture
def repo(template: Path, tmp_path: Path) -> DataRepo:
    return DataRepo(Path(shutil.copytree(template, tmp_path / "repo", symlinks=True)))


def read(repo: DataRepo, name: str, path: str = "out.txt") -> str:
    repository = Repository.around(Project(repo.project))
    return repository.read(path, repository.revision(name)).data.decode()


@pytest.mark.slow
def test_experiments_are_found_by_their_name(repo: DataRepo) -> None:
    assert read(repo, "alone") == "two alone"
    # Of one that was run from several commits, that of HEAD is meant.
    assert read(repo, "both") == "two both"
    repo.git("checkout", "--quiet", "--detach", "HEAD~1")
    assert read(repo, "both") == "one both"
    repo.commit("elsewhere")
    with pytest.raises(RevisionError, match=r"names several experiments\. Say which") as caught:
        read(repo, "both")
    said = str(caught.value).partition("which: ")[2].removesuffix(".").split(", ")
    assert sorted(read(repo, name) for name in said) == ["one both", "two both"]
    with pytest.raises(RevisionError, match="There is no revision 'lone'"):
        read(repo, "lone")
    # A branch of the name goes first.
    repo.git("branch", "alone", "main")
    assert read(repo, "alone") == "two"


@pytest.mark.slow
def test_submodules_worktrees_and_a_detached_head(repo: DataRepo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"), "HEAD~1")
    tree = DataRepo(tmp_path / "tree")
    tree.dvc("cache", "dir", "--quiet", "--local", str(repo.project / ".dvc/cache"))
    assert [read(tree, name) for name in ("HEAD", "main", "workspace")] == ["one", "two", "one"]
    outer = new_repo(tmp_path / "outer")
    outer.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(repo.root), "inner"
    )
    outer.commit("a submodule")
    inner = DataRepo(outer.root / "inner")
    inner.dvc("cache", "dir", "--quiet", "--local", str(repo.project / ".dvc/cache"))
    assert [read(inner, name) for name in ("HEAD", "HEAD~1", "workspace")] == ["two", "one", "two"]


def test_a_repository_without_commits(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    repo.write("a.txt", "a")
    with pytest.raises(RevisionError, match="has no commit yet") as caught:
        Repository.around(Project(repo.project)).revision("HEAD")
    remedy = str(caught.value).split("`")[1]
    assert remedy == FIRST_COMMIT
    run("sh", "-c", remedy, cwd=repo.root)
    assert read(repo, "HEAD", "a.txt") == "a"
