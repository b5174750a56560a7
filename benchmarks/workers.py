"""What work on Ray takes beside one process: processor time, and each worker's own memory.

    python benchmarks/workers.py FOLDER [--rows N] [--features D] [--landmarks M] [--oddities]

FOLDER gets the rows, once, as a file that is mapped. They are scored by `lowrank`, or `--oddities`
are looked for, by one process, then on a cluster of this machine that ends with it
(RAY_ADDRESS=local), a worker a core. Prints for both seconds by the clock and of the processor, the
most private memory (what no other process maps) of the process that was started and of a worker,
and whether what comes out is the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
from machine import machine

_AT_ONCE = 1 << 16
_EVERY = 0.5


@dataclass
class Watched:
    """What a process and all that it started took.

    Attributes
    ----------
    clock
        Seconds.
    processor
        Seconds of each process, by its id.
    private
        The most private bytes of each.
    workers
        The ids of Ray's workers.
    said
        What it printed.
    """

    clock: float = 0.0
    processor: dict[int, float] = field(default_factory=dict)
    private: dict[int, int] = field(default_factory=dict)
    workers: set[int] = field(default_factory=set)
    said: str = ""

    def look(self, process: psutil.Process) -> None:
        """Note what a process has taken by now."""
        with suppress(psutil.Error):
            times, private = process.cpu_times(), process.memory_full_info().uss
            self.processor[process.pid] = times.user + times.system
            self.private[process.pid] = max(private, self.private.get(process.pid, 0))
            if process.cmdline()[:1] and process.cmdline()[0].startswith("ray::"):
                self.workers.add(process.pid)


def watched(arguments: list[str], environment: dict[str, str]) -> Watched:
    """Run this script, and watch it."""
    found, begun = Watched(), time.perf_counter()
    started = subprocess.Popen(
        [sys.executable, __file__, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    whole = psutil.Process(started.pid)
    while started.poll() is None:
        with suppress(psutil.Error):
            for process in (whole, *whole.children(recursive=True)):
                found.look(process)
        time.sleep(_EVERY)
    found.clock = time.perf_counter() - begun
    assert started.stdout is not None
    found.said = started.stdout.read().strip()
    if started.returncode:
        raise SystemExit(started.returncode)
    return found


def rows_of(folder: Path, rows: int, width: int) -> Path:
    """Return a file of random rows around ten centres, written where it is not there."""
    path = folder / f"rows-{rows}-{width}.npy"
    if path.is_file():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    rng, labels = np.random.default_rng(0), labels_of(rows)
    centres = rng.standard_normal((10, width), dtype=np.float32)
    out = np.lib.format.open_memmap(path, "w+", np.float32, (rows, width))
    for start in range(0, rows, _AT_ONCE):
        own = labels[start : start + _AT_ONCE]
        out[start : start + _AT_ONCE] = centres[own] + rng.standard_normal(
            (len(own), width), dtype=np.float32
        )
    out.flush()
    return path


def labels_of(rows: int) -> np.ndarray:
    """Return a class number for each row."""
    return np.random.default_rng(1).integers(10, size=rows)


def score(path: Path, landmarks: int) -> str:
    """Return the MD5 of the scores of a file's rows."""
    from cgaudit import score_labels

    features = np.load(path, mmap_mode="r")
    found = score_labels(
        *(features, labels_of(len(features))),
        method="lowrank",
        landmarks=landmarks,
        likelihood="gaussian",
        device="cpu",
    )
    digest = hashlib.md5(usedforsecurity=False)
    for name in ("label_score", "cg_score", "margin", "is_label_issue"):
        digest.update(getattr(found, name).tobytes())
    return digest.hexdigest()


def oddities(path: Path) -> str:
    """Return the MD5 of what is odd about a file's rows."""
    from cgaudit.oddities import find_oddities

    features = np.load(path, mmap_mode="r")
    contents = [f"{at:032x}" for at in range(len(features))]
    found = find_oddities(features, contents=contents, most_rows=0)
    digest = hashlib.md5(usedforsecurity=False)
    for values in vars(found).values():
        digest.update(values.tobytes())
    return digest.hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--features", type=int, default=256)
    parser.add_argument("--landmarks", type=int, default=1000)
    parser.add_argument("--oddities", action="store_true", help="look for these instead")
    parser.add_argument("--score", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.score is not None:
        print(oddities(asked.score) if asked.oddities else score(asked.score, asked.landmarks))
        return
    what = "oddities" if asked.oddities else f"{asked.landmarks:,} landmarks"
    print(f"{machine()}\n{asked.rows:,} × {asked.features}, {what}")
    path = rows_of(asked.folder, asked.rows, asked.features)
    arguments = [str(asked.folder), "--score", str(path), "--landmarks", str(asked.landmarks)]
    arguments += ["--oddities"] if asked.oddities else []
    alone = watched(arguments, {"CGAUDIT_ON": "serial"})
    # Ray's workers give way to everything else on a machine, which would only make this longer.
    place = {"CGAUDIT_ON": "ray", "RAY_ADDRESS": "local", "RAY_worker_niceness": "0"}
    on_ray = watched(arguments, place)
    print(f"one process: {told(alone)}", f"Ray: {told(on_ray)}", sep="\n")
    ours = {*on_ray.workers, min(on_ray.private)}
    print(
        f"processor time of all processes {total(on_ray) / total(alone):.2f} of one process's, "
        f"without Ray's own {total(on_ray, ours) / total(alone):.2f}; "
        f"{'the same' if on_ray.said == alone.said else 'OTHER'} bytes"
    )


def total(found: Watched, of: set[int] | None = None) -> float:
    """Return the seconds of the processor that processes took, all where None are named."""
    return sum(took for who, took in found.processor.items() if of is None or who in of)


def told(found: Watched) -> str:
    """Return what was watched, in words."""
    most = {who: max((found.private[it] for it in ids), default=0) for who, ids in _groups(found)}
    memory = "; ".join(f"{size / 1e6:,.0f} MB {who}" for who, size in most.items() if size)
    return f"{found.clock:.0f} s, {total(found):.0f} s of the processor; private: {memory}"


def _groups(found: Watched) -> list[tuple[str, set[int]]]:
    busy = {it for it in found.workers if found.processor[it] > 1}
    return [("the process that was started", {min(found.private)}), ("a worker", busy)]


if __name__ == "__main__":
    main()
