"""Featurizing on a Ray cluster: the same store, shards that last, and what a worker cannot see."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from datarepo import ENVIRONMENT, DataRepo, new_repo
from homes import does
from rays import PATIENCE, joined
from tutorial_data import labels_table, texts_table

from cgaudit import executor
from cgaudit.dataset import open_source
from cgaudit.featurize import create_featurizer, shards
from cgaudit.featurize.patches import Patches
from cgaudit.featurize.run import Subset, vectors_of
from cgaudit.params import SourceParams
from cgaudit.project import Project

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "_ROWS", 8)


@pytest.fixture(params=["pictures", "texts"])
def repo(request: pytest.FixtureRequest, tmp_path: Path) -> DataRepo:
    made = new_repo(tmp_path / "repo")
    if request.param == "pictures":
        labels_table(made.project, 60)
        shutil.rmtree(made.project / "incoming")
        (made.project / "photos/0003.png").write_bytes(b"\x89PNG\r\n\x1a\n no picture")
        data = ["--data", "photos", "--labels", "labels.csv"]
    else:
        texts_table(made.project)
        data = ["--data", next(made.project.glob("*.csv")).name]
    made.dvc("add", "--quiet", data[1])
    does(made, "init", "--yes", *data)
    return made


def digest(folder: Path) -> str:
    whole = hashlib.md5()
    for file in sorted(folder.rglob("*")):
        whole.update(file.name.encode() + file.read_bytes())
    return whole.hexdigest()


def stores(repo: DataRepo) -> tuple[str, str, str]:
    outputs = Project(repo.project).outputs
    tables = (outputs.samples.read_bytes(), outputs.unreadable.read_bytes())
    return (digest(outputs.features), *(hashlib.md5(it).hexdigest() for it in tables))


def test_the_store_is_that_of_one_process(
    repo: DataRepo, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    does(repo, "featurize", "--cold")
    expected = stores(repo)
    request.getfixturevalue("on_ray")
    monkeypatch.setitem(ENVIRONMENT, "RAY_ADDRESS", os.environ["RAY_ADDRESS"])
    here: list[int] = []

    def spied(*arguments: Any) -> Iterator[Any]:
        here.append(len(arguments[2]))
        return real(*arguments)

    real = shards.transformed
    monkeypatch.setattr(shards, "transformed", spied)
    does(repo, "featurize", "--cold", "--on", "ray")
    assert stores(repo) == expected
    # What no worker could read, and nothing else, was tried here.
    assert sum(here) == (1 if (repo.project / "photos").is_dir() else 0)
    assert not Project(repo.project).shards.exists()


def test_what_was_done_is_not_computed_again(
    on_ray: executor.Executor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels_table(tmp_path, 60)
    source = open_source(SourceParams.model_validate({"path": "photos"}), base=tmp_path)
    samples, _ = source.samples(None)
    contents = dict(zip(samples["path"], samples["content_hash"], strict=True))
    featurizer = Patches({"components": 4})
    featurizer.fit(Subset(source, list(contents)))
    place = shards.Shards(tmp_path / "shards", featurizer.fingerprint(2), 2, on_ray)
    monkeypatch.setattr(shards.shutil, "rmtree", lambda folder: None)
    first = list(shards.in_shards(source, featurizer, contents, place))
    files = sorted(place.folder.iterdir())
    assert len(files) > 3
    made = {file: file.stat().st_mtime_ns for file in files}
    files[1].unlink()
    second = list(shards.in_shards(source, featurizer, contents, place))
    assert [batch.paths for batch in second] == [batch.paths for batch in first]
    again = [file for file in files if file.stat().st_mtime_ns != made[file]]
    assert again == [files[1]]
    # A content more moves one shard alone.
    more = {**contents, "photos/new.png": next(iter(contents.values()))[:3] + "0" * 29}
    before, after = (shards._cut(it) for it in (contents, more))
    assert sum(shard not in before for shard in after) == 1


def test_a_run_that_was_killed_goes_on(cluster: Any, tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    labels_table(repo.project, 60)
    shutil.rmtree(repo.project / "incoming")
    repo.dvc("add", "--quiet", "photos")
    does(repo, "init", "--yes", "--data", "photos", "--labels", "labels.csv")
    folder = Project(repo.project).shards
    slow = (
        "import time; from cgaudit.featurize import shards; shards._ROWS = 4\n"
        "from cgaudit.cli import main; import sys; sys.argv = ['cgaudit', 'featurize', '--cold',"
        " '--on', 'ray']; main()"
    )
    environment = {**ENVIRONMENT, "RAY_ADDRESS": cluster.address}
    command = [sys.executable, "-c", slow]
    run = subprocess.Popen(command, cwd=repo.project, env=environment, stderr=subprocess.PIPE)
    until = time.monotonic() + 120
    while not (folder.is_dir() and list(folder.glob("*.npz"))) and run.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.01)
    run.send_signal(signal.SIGKILL)
    run.wait()
    if not folder.exists():
        pytest.skip("it was done before it could be killed")
    time.sleep(5)  # What is in work when its driver dies may still be written.
    kept = {file: file.stat().st_mtime_ns for file in folder.glob("*.npz")}
    assert kept
    seen = shutil.copytree(folder, tmp_path / "kept")
    assert len(list(seen.iterdir())) >= len(kept)
    done = subprocess.run(
        command, cwd=repo.project, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert not folder.exists()
    expected = stores(repo)
    does(repo, "featurize", "--cold")
    assert stores(repo) == expected


def test_a_worker_that_does_not_see_the_project_says_so(
    on_ray: executor.Executor, tmp_path: Path
) -> None:
    gone = tmp_path / "elsewhere"
    with pytest.raises(executor.ClusterError, match=r"elsewhere is not on .* as it is here"):
        on_ray.map(shards._written, ["a.npz"], [["x"]], shared=(gone, tmp_path, "key", b""))


def test_a_model_is_loaded_by_each_worker_and_is_that_of_here(
    on_ray: executor.Executor, tmp_path: Path
) -> None:
    labels_table(tmp_path, 20)
    source = open_source(SourceParams.model_validate({"path": "photos"}), base=tmp_path)
    samples, _ = source.samples(None)
    contents = dict(zip(samples["path"], samples["content_hash"], strict=True))
    model = tmp_path / "mean.pt"
    torch.jit.trace(torch.nn.Flatten(), torch.zeros(2, 3, 4, 4)).save(model)
    featurizer = create_featurizer(f"torchscript:{model}", {"side": 4})
    place = shards.Shards(tmp_path / "shards", featurizer.fingerprint(2), 2, on_ray)
    made = {
        path: vector
        for batch in shards.in_shards(source, featurizer, contents, place)
        for path, vector in zip(batch.paths, batch.vectors, strict=True)
    }
    paths, expected = vectors_of(source, featurizer, list(contents))
    np.testing.assert_array_equal(np.stack([made[path] for path in paths]), expected)
    other = place._replace(fingerprint="f" * 32, folder=tmp_path / "others")
    with pytest.raises(executor.ClusterError, match="its weights differ"):
        list(shards.in_shards(source, featurizer, contents, other))
    model.unlink()
    gone = place._replace(recipe=3, folder=tmp_path / "gone")
    with pytest.raises(executor.ClusterError, match=r"cannot run torchscript:.*no such file"):
        list(shards.in_shards(source, featurizer, contents, gone))


def test_a_part_has_a_card_of_its_own_where_there_are_cards(
    on_ray: executor.Executor, cluster: Any
) -> None:
    def seen(_: int) -> str | None:
        return os.environ.get("CUDA_VISIBLE_DEVICES")

    assert on_ray.with_cards() is on_ray
    node = joined(cluster, cards=2)
    try:
        cluster.wait_for_nodes(PATIENCE)
        with_cards = on_ray.with_cards()
        assert set(with_cards.map(seen, list(range(4)))) <= {"0", "1"}
        assert set(on_ray.map(seen, list(range(4)))) <= {"", None}
    finally:
        cluster.remove_node(node)
