"""What two versions of a large scores table take to compare, and to report: time, memory.

    python benchmarks/parts.py [--rows 10000000] [--flagged 0.03]

The tables are in parts, in DVC's cache, and made up a part at a time: of the samples 1 in 10,000 is
relabelled, as many come and go, one score in twenty moves. Each command runs in a process of its
own, whose greatest resident memory is printed. Beside them what reading both tables whole takes,
where `--whole` is given.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from machine import machine
from PIL import Image
from versions import commit, new_repository, provenance

from cgaudit.featurize.store import HASHES, StoreMeta, vector_names, write_meta
from cgaudit.project import NAMED
from cgaudit.results.columns import SCHEMA
from cgaudit.results.parts import Place, packed, parts_for, write_part
from cgaudit.results.table import METADATA_KEY

TOP, CLASSES = 3, 100
#: Shares of the samples that are relabelled, added and removed, and of the scores that move.
CHANGED, MOVED = 1e-4, 0.05
COMMANDS = {
    "diff": ("diff", "HEAD~1", "HEAD", "--json"),
    "diff, Markdown": ("diff", "HEAD~1", "HEAD", "--md"),
    "check": ("check", "HEAD~1", "HEAD"),
    "history --moves": ("history", "--moves"),
    "doctor": ("doctor", "HEAD~1", "HEAD"),
    "export HEAD --to csv": ("export", "HEAD", "--to", "csv", "--out", "scores.csv"),
    "report": ("report",),
    "review split": ("review", "split", "--reviewers", "ada,bob", "--out", "pages"),
}
WHOLE = """\
from pathlib import Path
from cgaudit.results.table import read_scores
kept = [read_scores(Path(f"{name}/scores.parquet")) for name in ("v0", "v1")]
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--flagged", type=float, default=0.03, help="share of the samples")
    parser.add_argument("--features", type=int, default=8, help="of a sample; 0 for no store")
    parser.add_argument("--whole", action="store_true", help="also read both tables whole")
    arguments = parser.parse_args()
    print(f"{machine()}\n")
    with tempfile.TemporaryDirectory() as scratch:
        repo = new_repository(Path(scratch))
        (repo / "reports").mkdir()
        run_measured(repo, sys.executable, "-m", "dvc", "config", "cache.type", "hardlink,copy")
        (repo / NAMED.summary).write_text("{}\n")
        (repo / NAMED.skipped).write_text("id,reason\n")
        (repo / "images/a").mkdir(parents=True)
        Image.new("RGB", (8, 8)).save(repo / "images/a/0.png")
        (repo / "params.yaml").write_text("cgaudit: {source: {path: images}}\n")
        (repo / ".gitignore").write_text("/images\n/pages\n/scores.csv\n/reports/features\n")
        for version in range(2):
            _write(repo / NAMED.score_parts, arguments.rows, arguments.flagged, version)
            size = sum(file.stat().st_size for file in (repo / NAMED.score_parts).iterdir())
            (repo / NAMED.summary).write_text(json.dumps({"n_samples": version}))
            commit(repo, NAMED.score_parts, f"version {version}")
        if arguments.features:
            _write_features(repo, arguments.features)
        print(
            f"Two versions of {arguments.rows:,} rows in {parts_for(arguments.rows):,} parts, "
            f"{size / 2**20:,.0f} MB each; {arguments.flagged:.0%} flagged.\n"
        )
        print("| command | seconds | MB at most |\n|---|---|---|")
        for name, words in COMMANDS.items():
            print(_row(f"`{name}`", *run_measured(repo, sys.executable, "-m", "cgaudit", *words)))
        if arguments.whole:
            for version, revision in enumerate(("HEAD~1", "HEAD")):
                run_measured(repo, "git", "checkout", "--quiet", revision)
                run_measured(repo, sys.executable, "-m", "dvc", "checkout", "--quiet")
                (repo / f"v{version}").mkdir()
                (repo / NAMED.score_parts).rename(repo / f"v{version}" / "scores")
            print(_row("both read whole", *run_measured(repo, sys.executable, "-c", WHOLE)))


def _row(name: str, seconds: float, megabytes: float) -> str:
    return f"| {name} | {seconds:.0f} | {megabytes:,.0f} |"


def _write(folder: Path, rows: int, flagged: float, version: int) -> None:
    """Write the parts of a version."""
    folder.mkdir(exist_ok=True)
    of = parts_for(rows)
    record = json.dumps(asdict(provenance("lowrank")), sort_keys=True).encode()
    for part in range(of):
        place = Place(part, of)
        (folder / place.name).unlink(missing_ok=True)
        frame = _part(place, rows // of, flagged, version)
        table = pa.Table.from_pandas(frame, SCHEMA, preserve_index=False)
        write_part(packed(table.replace_schema_metadata({METADATA_KEY: record})), place, folder)


def _write_features(repo: Path, dim: int) -> None:
    """Write a feature store of the samples of the last version, of numbers drawn at random."""
    folder = repo / NAMED.features
    folder.mkdir()
    files = sorted((repo / NAMED.score_parts).iterdir())
    hashes = []
    for part, file in enumerate(files):
        contents = pq.read_table(file, columns=["content_hash"])["content_hash"].to_pylist()
        hashes.append(np.array(sorted({it.hex() for it in contents}), dtype="S32"))
        vectors = np.random.default_rng(part).normal(size=(len(hashes[-1]), dim))
        np.save(folder / vector_names(len(files))[part], vectors.astype(np.float32))
    np.save(folder / HASHES, np.concatenate(hashes))
    made = provenance("lowrank")
    fingerprint = made.featurizer_fingerprint
    write_meta(folder, StoreMeta(made.featurizer, fingerprint, 2, dim, (), len(files)))


def _part(place: Place, rows: int, flagged: float, version: int) -> pd.DataFrame:
    """Return the rows of a part; the same samples in both versions, but for what changed."""
    rng = np.random.default_rng(place.part)
    names = np.array([f"class {number}" for number in range(CLASSES)], dtype=object)
    labels = rng.integers(0, CLASSES, rows)
    issue = rng.random(rows) < flagged
    others = (labels[:, None] + rng.permutation(np.arange(1, CLASSES))[:TOP]) % CLASSES
    # Of a flagged sample the given label is the second.
    tops = np.where(issue[:, None], others, np.column_stack([labels, others[:, :-1]]))
    scores = np.sort(rng.dirichlet(np.ones(TOP + 1), rows), axis=1)[:, ::-1][:, :TOP]
    own = np.where(issue, scores[:, -1] / 2, scores[:, 0])
    low = (rng.integers(0, 2**62, rows, dtype=np.uint64)).tolist()
    bits = place.of.bit_length() - 1
    high = [(place.part << (64 - bits)) | (number >> 6) for number in low]
    kept = np.ones(rows, dtype=bool)
    changed = np.random.default_rng(place.of + place.part)
    if version:
        moved = changed.random(rows) < MOVED
        own = np.where(moved, np.clip(own + changed.normal(0, 0.02, rows), 0, 1), own)
        relabelled = changed.random(rows) < CHANGED
        labels = np.where(relabelled, tops[:, 1], labels)
    # The first of a part come, the last go.
    gone = max(1, int(CHANGED * rows))
    kept[:gone] = bool(version)
    kept[rows - gone :] = not version
    own = own.astype(np.float32)
    table = pd.DataFrame(
        {
            "id": [f"images/{place.part:04}/{number:06}.jpg" for number in range(rows)],
            "given_label": names[labels],
            "predicted_label": names[tops[:, 0]],
            "label_score": own,
            "is_label_issue": issue,
            "cg_score": 1 - own,
            "margin": 1 - 2 * own,
            "top_labels": list(names[tops]),
            "top_scores": list(scores.astype(np.float32)),
            "content_hash": [f"{a:016x}{b:016x}" for a, b in zip(high, low, strict=True)],
        }
    )
    return table[kept]


def run_measured(folder: Path, *command: str) -> tuple[float, float]:
    """Run a command; return its seconds and the megabytes that it held at most."""
    start = time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        said = process.stderr.read() if process.stderr else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1) or "Traceback" in said:
        raise RuntimeError(f"{command}: {process.returncode}\n{said}")
    return time.perf_counter() - start, used.ru_maxrss / 1024


if __name__ == "__main__":
    main()
