"""`python -m tests.kills --kills 1000`: kill every verb that writes, and see what it leaves."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

# Before a library reads it: a fork of a process with threads may wait for ever.
os.environ["OMP_NUM_THREADS"] = "1"

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "support"), str(HERE.parent / "support")]

import dvc.cli  # noqa: E402, F401 - so that forks need not
from datarepo import ENVIRONMENT  # noqa: E402
from killing import Tally, killed  # noqa: E402
from scenes import SCENES  # noqa: E402

import cgaudit.cli  # noqa: E402
import cgaudit.verbs.featurize  # noqa: E402
import cgaudit.verbs.init  # noqa: E402
import cgaudit.verbs.report  # noqa: E402
import cgaudit.verbs.score  # noqa: E402, F401

#: `dvc repro` takes as long as a hundred of the others: one kill in so many is its.
RARE = {"repro": 20}


def main() -> int:
    """Run; exit with 1 where a kill met trouble."""
    known = {scene.name: scene for scene in SCENES}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000, help="kills in all")
    parser.add_argument("--seed", type=int, default=0, help="another one gives other moments")
    parser.add_argument("--only", nargs="*", default=list(known), choices=list(known))
    asked = parser.parse_args()
    os.environ |= ENVIRONMENT
    os.environ["CI"] = "1"
    every = Tally()
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        for name, count in _shares(asked.only, asked.kills).items():
            start = time.monotonic()
            tally = killed(known[name], Path(folder) / name, count, asked.seed)
            print(f"{name}: {tally}, {time.monotonic() - start:.0f} s", flush=True)
            for trouble, times in tally.troubles.most_common():
                print(f"  {times} × {trouble}", flush=True)
            every.kills += tally.kills
            every.troubles += tally.troubles
    kinds = Counter(trouble.split(": ")[1] for trouble in every.troubles.elements())
    print(f"{every.kills.total()} kills: {kinds['half']} left a file half, {kinds['lost']} lost "
          f"one, {every.troubles.total()} troubles")  # fmt: skip
    return 1 if every.troubles else 0


def _shares(names: list[str], kills: int) -> dict[str, int]:
    """Return how many of the kills each scene gets, at least one."""
    rare = {name: max(1, kills // RARE[name]) for name in names if name in RARE}
    others = [name for name in names if name not in RARE]
    left = kills - sum(rare.values()) if others else 0
    shares = {name: left // len(others) + (at < left % len(others)) for at, name in
              enumerate(others)}  # fmt: skip
    return {name: max(1, rare.get(name, shares.get(name, 0))) for name in names}


if __name__ == "__main__":
    raise SystemExit(main())
