"""`python -m tests.fuzz --examples 10000`: as many inputs as you like, and what came of them."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from itertools import count
from multiprocessing import get_context
from pathlib import Path

# Before a library reads it: the processes share the cores among them.
os.environ.setdefault("OMP_NUM_THREADS", "1")

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "support"), str(HERE.parent / "support")]

from fuzzing import Tally, Target, targets  # noqa: E402
from pieces import Piece, explored  # noqa: E402

#: Inputs that a process makes of one target before it takes up the next.
PIECE_SIZE = 25


def main() -> int:
    """Run; exit with 1 where any input met trouble."""
    known = targets()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=10_000, help="inputs in all")
    parser.add_argument("--seed", type=int, default=0, help="another one gives other inputs")
    parser.add_argument("--only", nargs="*", default=sorted(known), choices=sorted(known))
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at once")
    parser.add_argument("--minutes", type=float, help="begin nothing new after so long")
    parser.add_argument("--keep", type=Path, help="write the first input of each trouble here")
    asked = parser.parse_args()
    tallies = {name: Tally() for name in asked.only}
    start = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="fuzz-") as folder,
        ProcessPoolExecutor(asked.jobs, get_context("spawn")) as pool,
    ):
        keep = None if asked.keep is None else asked.keep.resolve()
        wanted = [known[name] for name in asked.only]
        pieces = list(_pieces(wanted, asked.examples, asked.seed))
        running = {pool.submit(explored, piece, Path(folder), keep): piece for piece in pieces}
        for done in _in_time(running, start, asked.minutes):
            tallies[running[done].target].join(done.result())
            _progress(running[done], done.result(), tallies, start)
    for name, tally in tallies.items():
        print(f"{name}: {tally}")
        for trouble, times in tally.troubles.most_common():
            print(f"  {times} × {trouble}")
    return _summed(tallies)


def _pieces(wanted: list[Target], examples: int, seed: int) -> Iterator[Piece]:
    shares = sum(target.share for target in wanted)
    left = {target.name: -(-examples * target.share // shares) for target in wanted}
    # In turn: a run that is ended early has met every target.
    for turn in count():
        for name, inputs in left.items():
            if inputs > 0:
                # No seed stands for two pieces, whatever one starts with.
                yield Piece(name, min(PIECE_SIZE, inputs), seed * 10_000 + turn)
                left[name] -= PIECE_SIZE
        if max(left.values()) <= 0:
            return


def _in_time(
    running: dict[Future[Tally], Piece], start: float, minutes: float | None
) -> Iterator[Future[Tally]]:
    """Yield what is done; once the time is over, what had begun by then."""
    seen = set()
    for done in as_completed(running):
        seen.add(done)
        yield done
        if minutes is not None and time.monotonic() - start > 60 * minutes:
            break
    yield from [future for future in running if future not in seen and not future.cancel()]


def _progress(piece: Piece, tally: Tally, tallies: dict[str, Tally], start: float) -> None:
    so_far = sum(it.inputs for it in tallies.values())
    troubles = "".join(f"\n  {n} × {what}" for what, n in tally.troubles.items())
    seconds = time.monotonic() - start
    print(
        f"{so_far} inputs, {seconds:.0f} s: {piece.target}{troubles}", file=sys.stderr, flush=True
    )


def _summed(tallies: dict[str, Tally]) -> int:
    every = Tally()
    for tally in tallies.values():
        every.join(tally)
    kinds: Counter[str] = Counter()
    for trouble, times in every.troubles.items():
        kinds[trouble.split(":")[0]] += times
    ends = ", ".join(f"{every.codes[code]} with exit code {code}" for code in (0, 1, 2))
    print(f"{every.inputs} inputs: {ends}; {kinds['traceback']} tracebacks, "
          f"{kinds['rows unaccounted']} with rows unaccounted ({every.rows} rows were given where "
          f"all are counted), {kinds['wrote outside']} writes outside, {kinds.total()} troubles"
    )  # fmt: skip
    for kind, times in kinds.most_common():
        print(f"  {times} × {kind}")
    return 1 if kinds else 0


if __name__ == "__main__":
    raise SystemExit(main())
