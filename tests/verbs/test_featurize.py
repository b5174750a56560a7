"""The featurize stage computes what is new, and takes the rest from DVC; in real repositories."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from datarepo import new_repo
from PIL import Image

from cgaudit.dataset import file_md5
from cgaudit.featurize import open_store
from cgaudit.params import Params
from cgaudit.paramsfile import load_params
from cgaudit.project import Project
from cgaudit.revisions.hashes import known_md5s
from cgaudit.verbs.featurize import featurize
from cgaudit.verbs.fit import fit

HERE = Project(Path())

SECTION = {
    "source": {"path": "data/images"},
    "featurize": {"name": "patches", "options": {"filters": 8, "components": 6}},
}
STAGE = {
    "cmd": f"{sys.executable} -m cgaudit featurize",
    "deps": ["data/images", "data/featurizer.npz"],
    "params": ["cgaudit.featurize", "cgaudit.source"],
    "outs": ["reports/features", "reports/samples.parquet", "reports/unreadable.csv"],
}


def put(folder, name, seed):
    file = folder / "data/images" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    waves = np.random.default_rng(seed).normal(0, 20, (16, 16, 3)).cumsum(axis=1) + 128
    Image.fromarray(np.clip(waves, 0, 255).astype(np.uint8)).save(file)


def set_params(folder, **featurize_options):
    section = {**SECTION, "featurize": {**SECTION["featurize"], **featurize_options}}
    (folder / "params.yaml").write_text(yaml.safe_dump({"cgaudit": section}))


def run(*command, cwd):
    """Run Python with arguments and return all it says."""
    environment = {**os.environ, "DVC_NO_ANALYTICS": "1"}
    done = subprocess.run(
        [sys.executable, *command], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def repro(repo):
    """Run the stage and return how many vectors it computed and took."""
    said = run("-m", "dvc", "repro", cwd=repo.project)
    [line] = [line for line in said.splitlines() if "features: computed" in line]
    words = line.replace(",", "").split()
    reused = words[words.index("reused") + 1]
    return int(words[words.index("computed") + 1]), 0 if reused == "none" else int(reused), line


def stored(repo):
    return {file.name: file.read_bytes() for file in (repo.project / "reports/features").iterdir()}


@pytest.fixture(scope="module")
def repo(tmp_path_factory):
    """A committed version of 40 pictures in two label folders, pushed to a remote."""
    root = tmp_path_factory.mktemp("reuse")
    repo = new_repo(root / "repo", remote=root / "remote")
    for i in range(40):
        put(repo.project, f"{'cat' if i % 2 else 'dog'}/{i}.png", i)
    set_params(repo.project)
    repo.write("dvc.yaml", yaml.safe_dump({"stages": {"featurize": STAGE}}))
    run("-m", "cgaudit", "fit", cwd=repo.project)
    repo.dvc("add", "data/images")
    assert repro(repo)[:2] == (40, 0)
    repo.commit("v1")
    repo.dvc("push")
    return repo


@pytest.fixture
def clone(repo, tmp_path):
    """A teammate's clone, pulled."""
    repo.git("clone", "--quiet", str(repo.root), str(tmp_path / "clone"))
    other = type(repo)(tmp_path / "clone")
    other.dvc("pull")
    return other


@pytest.mark.slow
def test_only_what_is_new_is_computed(clone, monkeypatch):
    before = stored(clone)
    for i in range(100, 104):
        put(clone.project, f"cat/{i}.png", i)
    clone.dvc("add", "data/images")
    computed, reused, line = repro(clone)
    assert (computed, reused) == (4, 40)
    assert "the version in dvc.lock" in line
    warm = stored(clone)
    assert warm != before
    monkeypatch.chdir(clone.project)
    featurize(HERE, load_params(HERE.params), cold=True)
    assert stored(clone) == warm


@pytest.mark.slow
def test_a_relabelling_by_move_computes_nothing_and_changes_no_byte(clone):
    before = stored(clone)
    images = clone.project / "data/images"
    (images / "cat/1.png").rename(images / "dog/1.png")
    clone.dvc("add", "data/images")
    assert repro(clone)[:2] == (0, 40)
    assert stored(clone) == before


@pytest.mark.slow
def test_other_options_compute_everything(clone):
    set_params(clone.project, options={"filters": 9, "components": 6})
    run("-m", "cgaudit", "fit", "--force", cwd=clone.project)
    computed, reused, line = repro(clone)
    assert (computed, reused) == (40, 0)
    assert "another featurizer, state, options or recipe" in line


@pytest.mark.slow
def test_switching_between_branches_computes_nothing_on_the_return(clone):
    """From A to B and back: DVC itself has both, so no other cache is kept."""

    def switched(*branch):
        clone.git("switch", "--quiet", *branch)
        clone.dvc("checkout")

    first = stored(clone)
    switched("-c", "more")
    for i in range(100, 104):
        put(clone.project, f"cat/{i}.png", i)
    clone.dvc("add", "data/images")
    assert repro(clone)[:2] == (4, 40)
    clone.commit("more")
    more = stored(clone)
    switched("-c", "other-options", "main")
    set_params(clone.project, options={"filters": 9, "components": 6})
    run("-m", "cgaudit", "fit", "--force", cwd=clone.project)
    assert repro(clone)[:2] == (40, 0)
    clone.commit("other options")
    for branch, expected in (("main", first), ("more", more), ("main", first)):
        switched(branch)
        assert "features: computed" not in run("-m", "dvc", "repro", cwd=clone.project)
        assert stored(clone) == expected
    switched("other-options")
    assert "features: computed" not in run("-m", "dvc", "repro", cwd=clone.project)
    put(clone.project, "dog/new.png", 200)
    clone.dvc("add", "data/images")
    assert repro(clone)[:2] == (1, 40)
    clone.commit("one more")
    # Without the outputs and without a checkout of them DVC restores its recorded run.
    switched("more")
    for file in (clone.project / "reports/features").iterdir():
        file.unlink()
    assert "features: computed" not in run("-m", "dvc", "repro", cwd=clone.project)
    assert stored(clone) == more


@pytest.mark.slow
def test_a_clone_without_a_pull_of_the_features(repo, tmp_path):
    repo.git("clone", "--quiet", str(repo.root), str(tmp_path / "clone"))
    other = type(repo)(tmp_path / "clone")
    other.dvc("pull", "data/images.dvc")
    put(other.project, "cat/new.png", 99)
    other.dvc("add", "data/images")
    assert repro(other)[:2] == (1, 40)


@pytest.mark.slow
def test_a_lost_remote_only_costs_time(repo, tmp_path):
    repo.git("clone", "--quiet", str(repo.root), str(tmp_path / "clone"))
    other = type(repo)(tmp_path / "clone")
    other.dvc("pull", "data/images.dvc")
    other.dvc("remote", "modify", "store", "url", str(tmp_path / "nowhere"))
    put(other.project, "cat/new.png", 99)
    other.dvc("add", "data/images")
    computed, reused, line = repro(other)
    assert (computed, reused) == (41, 0)
    assert "cannot be had" in line


# --- without DVC ---


@pytest.fixture
def plain(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for i in range(6):
        put(tmp_path, f"cat/{i}.png", i)
    params = Params.model_validate(SECTION)
    fit(HERE, params)
    return params


@pytest.mark.slow
def test_a_record_that_nests_too_deeply_only_costs_time(clone, monkeypatch):
    monkeypatch.chdir(clone.project)
    meta = clone.project / "reports/features/meta.json"
    meta.unlink()
    meta.write_text("[" * 100_000)
    notes = featurize(HERE, load_params(HERE.params))
    assert notes[-1].startswith("features: computed 0, reused 40 from the version of HEAD")


def test_without_dvc_the_store_on_disk_is_used(plain, tmp_path):
    notes = featurize(HERE, plain)
    assert notes[-1].startswith("features: computed 6, reused none (there are none, and no DVC")
    put(tmp_path, "cat/new.png", 99)
    assert (
        featurize(HERE, plain)[-1]
        == "features: computed 1, reused 6 from those in reports/features"
    )
    warm = (tmp_path / "reports/features/vectors.npy").read_bytes()
    assert featurize(HERE, plain, cold=True)[-1] == "features: computed 7, reused none (--cold)"
    assert (tmp_path / "reports/features/vectors.npy").read_bytes() == warm


def test_a_damaged_store_is_computed_anew(plain, tmp_path):
    featurize(HERE, plain)
    (tmp_path / "reports/features/content_hash.npy").write_bytes(b"")
    assert "computed 6, reused none" in featurize(HERE, plain)[-1]
    assert len(open_store(tmp_path / "reports/features").hashes) == 6


def test_from_another_folder(plain, tmp_path, tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert "computed 6" in featurize(Project(tmp_path), plain)[-1]
    assert len(open_store(tmp_path / "reports/features").hashes) == 6
    assert not any(Path().iterdir())


# --- hashes that DVC knows ---


@pytest.mark.slow
def test_hashes_from_dvc_are_those_of_the_files_and_forget_what_changed(clone):
    images = clone.project / "data/images"
    known = known_md5s(clone.project, images)
    real = {path.relative_to(images).as_posix(): file_md5(path) for path in images.rglob("*.png")}
    assert known == real
    one, two, three = sorted(real)[:3]
    (images / one).rename(images / "swap")
    (images / two).rename(images / one)
    (images / "swap").rename(images / two)
    (images / three).unlink()
    (images / three).write_bytes(b"other")
    assert known_md5s(clone.project, images) == {
        path: digest for path, digest in real.items() if path not in {one, two, three}
    }
