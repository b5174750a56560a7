"""Work on a Ray cluster: the same bytes, whatever dies, and one message where it cannot go on."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from rays import PATIENCE, joined
from sklearn.datasets import load_digits

from cgaudit import executor, score_labels
from cgaudit.errors import EXIT_GATE, EXIT_USAGE, CgauditError
from cgaudit.reading.stacked import StackedRows
from cgaudit.solve import FactorisationError

pytest.importorskip("ray")


@pytest.fixture
def small_parts(monkeypatch):
    monkeypatch.setattr("cgaudit.executor.base.LEAST_ROWS", 128)


def digest(rows=slice(1000), wrong=12, **options) -> str:
    features, labels = load_digits(return_X_y=True)
    labels = labels.astype(object)
    labels[::wrong] = (labels[::wrong] + 3) % 10
    labels[5] = None
    asked = {"landmarks": 100, "likelihood": "gaussian", "device": "cpu", **options}
    found = score_labels(features[rows], labels[rows], method="lowrank", **asked)
    whole = hashlib.md5()
    for name in ("label_score", "cg_score", "margin", "top_scores", "is_label_issue"):
        whole.update(getattr(found, name).tobytes())
    return whole.hexdigest()


@pytest.mark.slow
@pytest.mark.usefixtures("small_parts")
def test_the_bytes_are_those_of_one_process(request):
    expected = digest()
    request.getfixturevalue("on_ray")
    assert digest() == expected


@pytest.mark.slow
@pytest.mark.usefixtures("small_parts")
def test_other_labels_are_scored_from_the_sums_that_were_kept(request, tmp_path, monkeypatch):
    expected = digest(wrong=11)
    request.getfixturevalue("on_ray")
    digest(keep_factor=tmp_path / "kept")
    monkeypatch.setattr("cgaudit.solve.parted.sums_of", None)
    assert digest(wrong=11, keep_factor=tmp_path / "kept") == expected


@pytest.mark.slow
def test_results_errors_and_trees_are_those_of_one_process(on_ray):
    def named(number: int, prefix: str) -> str:
        return f"{prefix}{number}"

    def joined(left: str, right: str) -> str:
        return f"({left}{right})"

    def bad(number: int) -> int:
        if number == 1:
            import torch

            raise FactorisationError(7, torch.float32, finite=True)
        return number

    numbers, shared = list(range(40)), (on_ray.share("n"),)
    assert on_ray.map(named, numbers, shared=shared) == [f"n{number}" for number in numbers]
    kept, told = on_ray.keep(named, numbers, shared=shared), []
    assert on_ray.map(joined, kept, kept)[3] == "(n3n3)"
    serial = executor.Inline().reduce(named, joined, numbers, shared=("n",))
    done = lambda: told.append(1)  # noqa: E731
    assert on_ray.reduce(named, joined, numbers, shared=shared, done=done) == serial
    assert len(told) == 40
    with pytest.raises(FactorisationError, match="row 7") as caught:
        on_ray.reduce(bad, max, numbers)
    assert caught.value.renumbered(list(range(10, 30))).row == 17
    with pytest.raises(ZeroDivisionError):
        on_ray.map(lambda number: 1 // number, [0])


@pytest.mark.slow
def test_a_worker_that_dies_is_no_loss_but_a_part_that_kills_is_named(on_ray, tmp_path):
    def dies_once(number: int, folder: Path) -> int:
        mark = folder / str(number)
        if number in (2, 5) and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    def always_dies(number: int) -> int:
        if number == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    assert on_ray.map(dies_once, range(8), shared=(tmp_path,)) == list(range(8))
    assert len(list(tmp_path.iterdir())) == 2
    started = time.monotonic()
    with pytest.raises(
        CgauditError, match=r"part 3 of 4 of always_dies ended its worker"
    ) as caught:
        on_ray.reduce(always_dies, max, range(4))
    assert caught.value.exit_code == EXIT_GATE
    assert time.monotonic() - started < 300


@pytest.mark.slow
def test_what_is_mapped_from_a_file_is_read_there(on_ray, tmp_path):
    np.save(tmp_path / "rows.npy", np.arange(12.0).reshape(6, 2))
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")

    def looked_at(row: int, matrix: np.ndarray) -> tuple[str, float]:
        return type(matrix).__name__, float(matrix[row].sum())

    shared = (on_ray.share(mapped),)
    assert on_ray.map(looked_at, [0, 5], shared=shared) == [("memmap", 1.0), ("memmap", 21.0)]
    np.save(tmp_path / "more.npy", np.arange(4.0).reshape(2, 2))
    more = np.load(tmp_path / "more.npy", mmap_mode="r")
    stacked = (on_ray.share(StackedRows([mapped, more])),)

    def picked(rows: list[int], matrix: StackedRows) -> tuple[str, float]:
        return type(matrix.parts[1]).__name__, float(matrix[np.array(rows)].sum())

    assert on_ray.map(picked, [[0, 7], [5]], shared=stacked) == [("memmap", 6.0), ("memmap", 21.0)]
    os.utime(tmp_path / "rows.npy", (0, 0))
    with pytest.raises(CgauditError, match=r"rows.npy is not the same file.*storage"):
        on_ray.map(looked_at, [0], shared=shared)


@pytest.mark.slow
def test_what_ends_a_process_is_not_rays(cluster, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", cluster.address)
    handler = signal.getsignal(signal.SIGTERM)
    with executor.running_on("ray"):
        assert executor.chosen().map(len, ["ab"]) == [2]
    assert signal.getsignal(signal.SIGTERM) is handler


@pytest.mark.slow
@pytest.mark.usefixtures("small_parts")
def test_a_node_that_leaves_is_no_loss(cluster, on_ray):
    extra = joined(cluster)
    cluster.wait_for_nodes(PATIENCE)

    def slow(number: int) -> bytes:
        time.sleep(0.2)
        return bytes([number]) * 2**20

    kept = on_ray.keep(slow, range(12))
    on_ray.map(len, kept[:3])
    cluster.remove_node(extra)
    assert on_ray.map(zlib.crc32, kept) == [zlib.crc32(bytes([at]) * 2**20) for at in range(12)]


def cgaudit(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    asked = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", **environment}
    command = [sys.executable, "-m", "cgaudit", *arguments]
    return subprocess.run(command, env=asked, capture_output=True, text=True, check=False)


def unused_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.mark.slow
def test_no_cluster_is_told_of_at_once(tmp_path):
    np.savez(tmp_path / "data.npz", features=np.eye(6), labels=np.arange(6) % 2)
    audit = "audit", str(tmp_path / "data.npz"), "--out", str(tmp_path / "out"), "--on", "ray"
    nowhere = f"127.0.0.1:{unused_port()}"
    found = {
        "names no cluster": cgaudit(*audit),
        "nobody answers there": cgaudit(*audit, RAY_ADDRESS=nowhere),
        "no HOST:PORT": cgaudit(*audit, RAY_ADDRESS="somewhere"),
    }
    for said, run in found.items():
        assert (run.returncode, run.stdout) == (EXIT_USAGE, "")
        assert said in run.stderr
        assert "Traceback" not in run.stderr
    assert not (tmp_path / "out").exists()
