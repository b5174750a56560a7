"""`cgaudit init` as it is called: what it writes, and when it writes nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from datarepo import DataRepo, new_repo
from sklearn.datasets import load_digits
from tutorial_data import label_folders

from cgaudit.params import RECIPE
from cgaudit.paramsfile import parse_params
from cgaudit.results.form import form_for
from cgaudit.review import no_reviews, reviewed_bytes
from cgaudit.scaffold.stages import STAGES, section_text, stages_text


@pytest.fixture
def repo(tmp_path: Path) -> DataRepo:
    return new_repo(tmp_path / "repo")


def init(repo: DataRepo, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cgaudit", "init", *arguments],
        cwd=repo.project, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip


def test_nobody_to_ask_writes_nothing(repo: DataRepo) -> None:
    label_folders(repo.project)
    repo.dvc("add", "--quiet", "photos")
    done = init(repo)
    assert done.returncode == 2
    written = "params.yaml, dvc.yaml, reviewed.csv, .gitignore, .gitattributes, featurizer.npz"
    assert f"To write: {written}" in done.stdout
    assert "cgaudit init --yes" in done.stderr
    assert not (repo.project / "params.yaml").exists()


def test_outside_of_dvc_it_says_what_to_do(tmp_path: Path) -> None:
    bare = DataRepo(tmp_path)
    bare.git("init", "--quiet")
    done = init(bare, "--yes")
    assert done.returncode == 2
    assert "dvc init" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_repo_is_set_up_and_upgraded(repo: DataRepo) -> None:
    label_folders(repo.project)
    repo.dvc("add", "--quiet", "photos")
    done = init(repo, "--yes", "--ci", "github")
    assert done.returncode == 0, done.stderr
    state = repo.project / "featurizer.npz"
    assert state.exists()
    # Too large for git: DVC has it, and its line in .gitignore stands beside ours.
    assert (repo.project / "featurizer.npz.dvc").exists()
    ignored = (repo.project / ".gitignore").read_text().splitlines()
    assert {"/featurizer.npz", "/.cgaudit/", "/dvc_plots/", "/photos"} <= set(ignored)
    assert "featurizer.npz is in DVC: commit featurizer.npz.dvc" in done.stderr
    assert "in git" not in done.stderr
    (adds,) = [line for line in done.stdout.splitlines() if line.startswith("  git add ")]
    assert {".github/workflows/cgaudit.yml", ".gitattributes"} < set(adds.split())
    repo.commit("set up")
    again = init(repo, "--yes", "--ci", "github")
    assert "Nothing to do." in again.stdout
    assert "stays as it is" in again.stdout
    assert repo.git("status", "--porcelain") == ""

    params = repo.project / "params.yaml"
    params.write_text(params.read_text().replace("recipe: 2", "recipe: 0"))
    assert "cgaudit init --upgrade" in subprocess.run(
        [sys.executable, "-m", "cgaudit", "score"],
        cwd=repo.project, capture_output=True, text=True, check=False,
    ).stderr  # fmt: skip
    assert init(repo, "--upgrade").returncode == 0
    assert repo.git("status", "--porcelain") == ""


def written_beside_the_stages(repo: DataRepo) -> list[str]:
    """Lay down what commands write as the docs call them; return what git would take of it."""
    for name in (
        "cgaudit-report/index.html", "cgaudit-report/scores.parquet", "diff.html",
        "conflicts.html", "review/ada.html", "fixes.json",
    ):  # fmt: skip
        repo.write(name, "what the samples look like")
    repo.write("review/photo.png", "somebody's data")
    status = repo.git("status", "--porcelain", "--untracked-files=all")
    return [line.split()[1] for line in status.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("with_dvc", [True, False])
def test_git_ignores_what_commands_write_and_an_upgrade_mends_it(
    tmp_path: Path, with_dvc: bool
) -> None:
    repo = new_repo(tmp_path / "repo") if with_dvc else DataRepo(tmp_path)
    repo.git("init", "--quiet")
    images, labels = load_digits(n_class=3, return_X_y=True)
    np.savez(repo.project / "digits.npz", features=images[:90], labels=labels[:90])
    if with_dvc:
        repo.dvc("add", "--quiet", "digits.npz")
    else:
        repo.commit("data")
    done = init(repo, "--yes", *([] if with_dvc else ["--without-dvc"]))
    assert done.returncode == 0, done.stderr
    assert "It is small: keep featurizer.npz in git." in done.stderr
    repo.commit("set up")
    assert written_beside_the_stages(repo) == ["review/photo.png"]

    # As an earlier release left it.
    file = repo.project / ".gitignore"
    kept = [line for line in file.read_text().splitlines() if line != "/cgaudit-report/"]
    file.write_text("".join(f"{line}\n" for line in kept))
    repo.commit("earlier")
    params = (repo.project / "params.yaml").read_bytes()
    mended = init(repo, "--upgrade")
    assert mended.returncode == 0, mended.stderr
    assert "Next: git add .gitignore" in mended.stdout
    assert (repo.project / "params.yaml").read_bytes() == params
    repo.commit("upgraded")
    assert written_beside_the_stages(repo) == []
    assert "Nothing to do." in init(repo, "--upgrade").stdout


def of_recipe_1(repo: DataRepo) -> tuple[str, str]:
    """Lay down given features, of which nothing was learned then; return dvc.yaml and the state."""
    images, labels = load_digits(n_class=3, return_X_y=True)
    np.savez(repo.project / "digits.npz", features=images[:90], labels=labels[:90])
    repo.dvc("add", "--quiet", "digits.npz")
    section = {"source": {"path": "digits.npz"}, "featurize": {"name": "embedding"}}
    params = parse_params(section, where="here")

    def below(text: str) -> str:
        return "".join(f"  {line}" for line in text.splitlines(keepends=True))

    names = {name: name for name in STAGES}
    was = f"stages:\n{below(stages_text(params, names, form_for(0), learns=False))}"
    repo.write("dvc.yaml", was)
    old = section_text(params, learns=False).replace(f"recipe: {RECIPE}", "recipe: 1")
    repo.write("params.yaml", f"cgaudit:\n{below(old)}")
    repo.write("reviewed.csv", reviewed_bytes(no_reviews()).decode())
    return was, params.featurize.state


@pytest.mark.slow
def test_given_features_get_a_state_that_the_stages_depend_on(repo: DataRepo) -> None:
    was, state = of_recipe_1(repo)
    done = init(repo, "--upgrade")
    assert done.returncode == 0, done.stderr
    now = (repo.project / "dvc.yaml").read_text()
    assert now == was.replace("      - digits.npz\n", f"      - {state}\n      - digits.npz\n", 1)
    repo.dvc("repro", "--quiet")
    (adds,) = [line for line in done.stdout.splitlines() if line.startswith("  git add ")]
    repo.git(*adds.split()[1:])
    assert state in repo.git("ls-files")
    subprocess.run(
        [sys.executable, "-m", "cgaudit", "fit", "--force"], cwd=repo.project, check=True
    )
    assert "Data and pipelines are up to date" in repo.dvc_says("status")
    (repo.project / state).write_bytes(b"another")
    assert state in repo.dvc_says("status")


@pytest.mark.slow
def test_an_upgrade_is_whole_where_the_dependency_is_left_to_the_user(repo: DataRepo) -> None:
    was, state = of_recipe_1(repo)
    was = was.replace("    deps:\n      - digits.npz\n", "    deps: [digits.npz]\n", 1)
    repo.write("dvc.yaml", was)
    done = init(repo, "--upgrade")
    assert done.returncode == 0, done.stderr
    assert f"Add {state} to stages.featurize.deps by hand" in done.stderr
    assert "score.ridge is" in done.stderr
    assert (repo.project / "dvc.yaml").read_text() == was
    assert "Nothing to do." in init(repo, "--upgrade").stdout
