"""`python -m tests.kills --kills 1000`: kill every verb that writes, and see what it leaves."""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

# Before a library reads it: a fork of a process with threads may wait for ever.
os.environ["OMP_NUM_THREADS"] = "1"

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "support"), str(HERE.parent / "support")]

from killing import Tally, killed  # noqa: E402
from scenes import SCENES, Scene  # noqa: E402


def main() -> int:
    """Run; exit with 1 where a kill met trouble."""
    known = {scene.name: scene for scene in SCENES}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000, help="kills in all")
    parser.add_argument("--seed", type=int, default=0, help="another one gives other moments")
    parser.add_argument("--only", nargs="*", default=list(known), choices=list(known))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="scenes at once")
    parser.add_argument("--minutes", type=float, help="share so long among the scenes")
    asked = parser.parse_args()
    # As many scenes at once as there are jobs.
    seconds = math.inf
    if asked.minutes is not None:
        seconds = 60 * asked.minutes * asked.jobs / max(len(asked.only), asked.jobs)
    every = Tally()
    start = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="kills-") as folder,
        ProcessPoolExecutor(asked.jobs, get_context("spawn")) as pool,
    ):
        shares = _shares([known[name] for name in asked.only], asked.kills)
        running = {
            pool.submit(killed, name, Path(folder) / name, count, asked.seed, seconds): name
            # What takes longest first.
            for name, count in sorted(shares.items(), key=lambda it: known[it[0]].share)
        }
        for done in as_completed(running):
            tally, name = done.result(), running[done]
            print(f"{name}: {tally}, {time.monotonic() - start:.0f} s", flush=True)
            for trouble, times in tally.troubles.most_common():
                print(f"  {times} × {trouble}", flush=True)
            every.kills += tally.kills
            every.troubles += tally.troubles
    kinds = Counter(trouble.split(": ")[1] for trouble in every.troubles.elements())
    ways = ", ".join(f"{count} by {kind}" for kind, count in sorted(every.kills.items()))
    print(f"{every.kills.total()} kills ({ways}): {kinds['half']} left a file half, "
          f"{kinds['lost']} lost one, {every.troubles.total()} troubles")  # fmt: skip
    return 1 if every.troubles else 0


def _shares(scenes: list[Scene], kills: int) -> dict[str, int]:
    """Return how many of the kills each scene gets, at least one."""
    shares, left = {}, kills
    for at, scene in enumerate(scenes):
        weight = sum(it.share for it in scenes[at:])
        shares[scene.name] = max(1, round(left * scene.share / weight))
        left -= shares[scene.name]
    return shares


if __name__ == "__main__":
    raise SystemExit(main())
