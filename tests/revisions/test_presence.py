"""What lies in a working tree, against what DVC lists: asked of DVC, never of the folder alone."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from datarepo import ENVIRONMENT, DataRepo
from pulled import NAMES, partly_pulled

from cgaudit.project import Project
from cgaudit.revisions import Gap, Presence, Repository, gaps


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pulled")
    partly_pulled(folder)
    return folder


@pytest.fixture
def clone(template: Path, tmp_path: Path) -> DataRepo:
    shutil.copytree(template / "clone", tmp_path / "clone", symlinks=True)
    return DataRepo(tmp_path / "clone")


def present(repo: DataRepo) -> Presence:
    return Repository.around(Project(repo.project)).presence("photos")


def found(repo: DataRepo) -> list[Gap]:
    return gaps(Repository.around(Project(repo.project)), ["photos"])


def mend(repo: DataRepo, gap: Gap) -> None:
    subprocess.run(gap.remedy, shell=True, cwd=repo.project, env=ENVIRONMENT, check=True)


def test_a_partial_pull(clone: DataRepo) -> None:
    now = present(clone)
    assert (now.listed, now.absent, now.unlisted, now.forgotten) == (4, NAMES[2:], (), ())
    (gap,) = found(clone)
    assert gap.what.startswith("2 files of the 4 that DVC lists in photos are not here")
    assert (gap.is_lack, gap.remedy) == (True, "dvc pull photos")
    mend(clone, gap)
    assert found(clone) == []


def test_a_part_that_was_taken_for_all_of_it(clone: DataRepo) -> None:
    clone.dvc("add", "--quiet", "photos")
    now = present(clone)
    assert (now.listed, now.absent, now.forgotten) == (2, (), NAMES[2:])
    (gap,) = found(clone)
    assert "2 files that HEAD lists in photos are not listed any more" in gap.what
    mend(clone, gap)
    assert found(clone) == []
    assert sorted(path.name for path in (clone.project / "photos/stripes").iterdir())


def test_what_was_removed_or_moved_on_purpose_is_not_missed(clone: DataRepo) -> None:
    clone.dvc("pull", "--quiet", "photos")
    photos = clone.project / "photos"
    (photos / "stripes/c.png").unlink()
    (photos / "stripes/d.png").rename(photos / "checks/d.png")
    now = present(clone)
    assert (now.absent, now.unlisted) == (NAMES[2:], ("checks/d.png",))
    clone.dvc("add", "--quiet", "photos")
    assert found(clone) == []


def test_files_that_are_in_no_version(clone: DataRepo) -> None:
    clone.dvc("pull", "--quiet", "photos")
    clone.write("photos/checks/new.png", "new")
    clone.write("photos/checks/scratch.png", "left out")
    clone.write("photos/.hidden/x.png", "hidden")
    clone.write(".dvcignore", "scratch*\n")
    assert present(clone).unlisted == ("checks/new.png",)
    (gap,) = found(clone)
    assert (gap.is_lack, gap.remedy) == (False, "dvc commit --force photos.dvc")
    mend(clone, gap)
    assert found(clone) == []


def test_the_output_of_a_stage_in_a_folder_of_its_own(clone: DataRepo) -> None:
    clone.write("made/in.txt", "x")
    clone.write("made/dvc.yaml", "stages:\n  draw:\n    cmd: mkdir out && cp in.txt out/a.png\n"
                "    deps: [in.txt]\n    outs: [out]\n")  # fmt: skip
    clone.dvc("repro", "--quiet", "made/dvc.yaml")
    clone.write("made/out/b.png", "y")
    repository = Repository.around(Project(clone.project))
    (gap,) = gaps(repository, ["made/out"])
    assert gap.remedy == "dvc commit --force made/dvc.yaml:draw"
    mend(clone, gap)
    assert gaps(Repository.around(Project(clone.project)), ["made/out"]) == []


def test_data_of_git_and_of_nobody_has_no_list(clone: DataRepo, tmp_path: Path) -> None:
    clone.write("in git/a.png", "a")
    clone.commit("in git")
    repository = Repository.around(Project(clone.project))
    for path in ("in git", "nowhere", str(tmp_path)):
        assert repository.presence(path) == Presence(path, 0)
    assert gaps(repository, ["in git", "nowhere"]) == []
