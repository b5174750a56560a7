"""How long a whole audit takes: pictures to a report, in seconds and megabytes at most.

    python benchmarks/whole.py DATA [--rows 3000 10000 20000]

DATA is the folder of data sets. Audits so many of CIFAR-10's pictures with one annotator's labels,
from a Parquet file, each time by `cgaudit audit` in a process of its own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
from machine import machine
from parts import run_measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--rows", type=int, nargs="+", default=[3_000, 10_000, 20_000])
    arguments = parser.parse_args()
    print(f"{machine()}\n")
    print("| pictures | seconds | MB at most | report |\n|---|---|---|---|")
    table = pq.read_table(arguments.data / "cifar10n-50k" / "train.parquet")
    for rows in arguments.rows:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            pq.write_table(table.slice(0, rows), folder / "pictures.parquet")
            words = ("audit", "pictures.parquet", "--label-column", "random_label1",
                     "--id-column", "id", "--out", "out")  # fmt: skip
            seconds, megabytes = run_measured(folder, sys.executable, "-m", "cgaudit", *words)
            page = (folder / "out" / "index.html").stat().st_size / 2**20
        print(f"| {rows:,} | {seconds:.0f} | {megabytes:,.0f} | {page:.1f} MB |", flush=True)


if __name__ == "__main__":
    main()
