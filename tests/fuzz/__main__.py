"""`python -m tests.fuzz --examples 10000`: as many inputs as you like, and what came of them."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "support"), str(HERE.parent / "support")]

from fuzzing import Playground, Tally, explore, targets  # noqa: E402


def main() -> int:
    """Run; exit with 1 where any input met trouble."""
    known = targets()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=10_000, help="inputs in all")
    parser.add_argument("--seed", type=int, default=0, help="another one gives other inputs")
    parser.add_argument("--only", nargs="*", default=sorted(known), choices=sorted(known))
    parser.add_argument("--keep", type=Path, help="write the first input of each trouble here")
    asked = parser.parse_args()
    each = -(-asked.examples // len(asked.only))
    tallies: dict[str, Tally] = {}
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        playground = Playground(Path(folder))
        for name in asked.only:
            start = time.monotonic()
            tallies[name] = explore(known[name], playground, each, asked.seed)
            print(f"{name}: {tallies[name]}, {time.monotonic() - start:.0f} s", flush=True)
            for trouble, count in tallies[name].troubles.most_common():
                print(f"  {count} × {trouble}", flush=True)
    if asked.keep is not None:
        _keep(tallies, asked.keep)
    return _summed(tallies)


def _summed(tallies: dict[str, Tally]) -> int:
    codes: Counter[int | None] = Counter()
    kinds: Counter[str] = Counter()
    for tally in tallies.values():
        codes += tally.codes
        for trouble, count in tally.troubles.items():
            kinds[trouble.split(":")[0]] += count
    inputs = sum(tally.inputs for tally in tallies.values())
    ends = ", ".join(f"{codes[code]} with exit code {code}" for code in (0, 1, 2))
    print(f"{inputs} inputs: {ends}; {kinds['traceback']} tracebacks, "
          f"{kinds['wrote outside']} writes outside, {kinds.total()} troubles")  # fmt: skip
    for kind, count in kinds.most_common():
        print(f"  {count} × {kind}")
    return 1 if kinds else 0


def _keep(tallies: dict[str, Tally], folder: Path) -> None:
    for name, tally in tallies.items():
        for number, (trouble, one) in enumerate(tally.examples.items()):
            at = folder / f"{name}-{number}"
            at.mkdir(parents=True, exist_ok=True)
            (at / "trouble.txt").write_text(f"{trouble}\n{one.verb.words}\n{sorted(one.files)}\n")
            for path, content in one.files.items():
                if isinstance(content, bytes):
                    (at / path.replace("/", "__")).write_bytes(content)


if __name__ == "__main__":
    raise SystemExit(main())
