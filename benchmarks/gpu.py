"""What the solvers do on a CUDA card: its tests, their speed, and the CPU's answers beside its own.

    python benchmarks/gpu.py [--json FILE] [--small] [--device cuda]

Needs a copy of the repository and PyTorch, NumPy, SciPy, scikit-learn, pandas and pyarrow; the
tests need pytest besides. Prints Markdown tables, and ends with everything as one JSON object.
A part that fails is told of, and the others go on; then the exit code is 1. Rows are synthetic
(`engine.py`), 512 columns wide, but for the agreement on scikit-learn's digits. Rates are shares of
the card's own matrix product in the same precision, the median of five before and five after.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from engine import CLASSES, PeakMemory, Timeline, finish, product_rates, synthetic, timed_exact
from machine import machine
from scipy.stats import spearmanr
from sklearn.datasets import load_digits

from cgaudit import score_labels
from cgaudit.solve import Device, ExactSolver, IterativeSolver, LowRankSolver, Solving, plan
from cgaudit.solve.base import DTYPES, resolve_device

ROOT = Path(__file__).resolve().parents[1]
COLUMNS = 512
RIDGE = 0.1
PRODUCT = 8192
#: Tests that compute where `--device` says; the others of these folders need all of cgaudit.
TESTS = ["tests/solve", "tests/score", "--ignore=tests/score/test_passed_whole.py"]
NO_LIMIT = 2**62

Row = dict[str, Any]


@dataclass(frozen=True)
class Sizes:
    """How much of each is asked."""

    exact: tuple[int, ...] = (10_000, 25_000, 50_000, 100_000)
    tiles: int = 50_000
    double: int = 25_000
    streamed: int = 50_000
    lowrank: tuple[tuple[int, int], ...] = (
        (10_000, 2048),
        (25_000, 2048),
        (50_000, 2048),
        (100_000, 2048),
        (1_000_000, 8192),
    )
    iterative: int = 50_000
    agreement: int = 10_000
    whole: int = 20_000


SMALL = Sizes((1000,), 1000, 1000, 1000, ((1000, 256),), 1000, 1000, 1000)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the figures there too")
    parser.add_argument("--small", action="store_true", help="a thousand rows each: does it run?")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--no-tests", action="store_true")
    arguments = parser.parse_args()
    device, sizes = arguments.device, SMALL if arguments.small else Sizes()
    start, failed = time.perf_counter(), []
    found: Row = {"machine": machine(), "columns": COLUMNS, "ridge": RIDGE}
    print(f"{found['machine']}\n", flush=True)
    parts: dict[str, Callable[[], list[Row]]] = {
        "agreement": lambda: agreement(device, sizes.agreement),
        "exact, float32": lambda: exact(device, "float32", sizes.exact),
        "exact, float64": lambda: exact(device, "float64", (sizes.double,)),
        "tiles": lambda: tiles(device, sizes.tiles),
        "streamed": lambda: streamed(device, sizes.streamed),
        "lowrank": lambda: [lowrank(device, n, m) for n, m in sizes.lowrank],
        "iterative": lambda: [iterative(device, sizes.iterative)],
        "score_labels": lambda: whole(device, sizes.whole),
    }
    if not arguments.no_tests:
        parts["tests"] = lambda: tests(device)
    for name, part in parts.items():
        try:
            found[name] = part()
        except Exception:
            traceback.print_exc()
            found[name] = traceback.format_exc().splitlines()[-1]
            failed.append(name)
        else:
            print_table(name, found[name])
    found["failed"] = failed
    found["seconds"] = round(time.perf_counter() - start)
    print(json.dumps(found))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 1 if failed else 0


def print_table(name: str, rows: list[Row]) -> None:
    """Print rows of equal keys as a Markdown table."""
    print(f"### {name}\n\n| {' | '.join(rows[0])} |\n|{'---|' * len(rows[0])}")
    for row in rows:
        print(f"| {' | '.join(shown(value) for value in row.values())} |")
    print(flush=True)


def shown(value: object) -> str:
    """Return a number with three digits, anything else as it is."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def agreement(device: str, n: int) -> list[Row]:
    """Compare with the CPU in float64, on real and on synthetic rows, by every method."""
    digits, labels = load_digits(return_X_y=True)
    rng = np.random.default_rng(0)
    given = np.where(rng.random(len(labels)) < 0.1, rng.integers(0, 10, len(labels)), labels)
    made = synthetic(n, COLUMNS)
    sets = {"digits": (digits, given), "synthetic": (made.features.numpy(), made.labels.numpy())}
    rows = []
    for name, (features, codes) in sets.items():
        for method in ("exact", "iterative", "lowrank", "sampled"):
            options: Row = {"method": method, "ridge": RIDGE}
            if method == "sampled":
                options |= {"draws": 2, "likelihood": "gaussian"}
            truth = score_labels(features, codes, device="cpu", precision="float64", **options)
            for place, precision in ((device, "float32"), (device, "float64"), ("cpu", "float32")):
                other = score_labels(features, codes, device=place, precision=precision, **options)
                changed = other.is_label_issue != truth.is_label_issue
                rows.append(
                    {
                        "rows": f"{name}, {len(codes):,}",
                        "method": method,
                        "device": place,
                        "precision": precision,
                        "largest error of label_score": largest(
                            other.label_score, truth.label_score
                        ),
                        "of cg_score": largest(other.cg_score, truth.cg_score),
                        "flags": int(truth.is_label_issue.sum()),
                        "other flags": int(changed.sum()),
                        "other suggestions": int(
                            (other.predicted_label != truth.predicted_label).sum()
                        ),
                    }
                )
    return rows


def largest(found: np.ndarray, expected: np.ndarray) -> float:
    """Return the largest difference."""
    return float(np.nanmax(np.abs(np.asarray(found, float) - np.asarray(expected, float))))


def exact(device: str, precision: str, sizes: tuple[int, ...]) -> list[Row]:
    """Time kernel, factor and inverse diagonal; shares of the matrix product."""
    solving = Solving(ridge=RIDGE, precision=precision, device=device)
    timed_exact(solving, synthetic(1000, COLUMNS).features)  # wakes the libraries
    products = product_rates(device, precision, PRODUCT)
    timings = [(n, timed_exact(solving, synthetic(n, COLUMNS).features)) for n in sizes]
    rate = median(products + product_rates(device, precision, PRODUCT))
    itemsize = DTYPES[precision].itemsize
    return [
        {
            "rows": n,
            "matrix product TFLOP/s": rate / 1e12,
            "kernel s": kernel,
            "factor s": factor,
            "inverse diagonal s": diagonal,
            "factor, share": n**3 / 3 / rate / factor,
            "inverse diagonal, share": n**3 / 3 / rate / diagonal,
            "peak / n² numbers": peak / (itemsize * n**2),
        }
        for n, (kernel, factor, diagonal, peak) in timings
    ]


def tiles(device: str, n: int) -> list[Row]:
    """Time the factor and the inverse diagonal by tile and panel."""
    rows = synthetic(n, COLUMNS).features
    rate = median(product_rates(device, "float32", PRODUCT))
    out = []
    for tile, panel in [(512, 4096), (1024, 4096), (2048, 4096), (2048, 8192), (4096, 8192)]:
        timeline = Timeline()
        solver = ExactSolver(
            rows,
            Solving(ridge=RIDGE, device=device),
            tile=min(tile, n),
            panel=min(panel, n),
            progress=timeline,
        )
        kernel = timeline.reached(n**2 * COLUMNS)
        factor = timeline.reached(n**2 * COLUMNS + n**3 / 3) - kernel
        start = time.perf_counter()
        finish(solver.inverse_diagonal())
        diagonal = time.perf_counter() - start
        shares = {"factor": n**3 / 3 / rate / factor, "inverse": n**3 / 3 / rate / diagonal}
        out.append({"rows": n, "tile": tile, "panel": panel, "kernel s": kernel} | shares)
        del solver
    return out


def streamed(device: str, n: int) -> list[Row]:
    """Time the factor of a matrix that stays in main memory, and compare its answers."""
    data = synthetic(n, COLUMNS)
    solving, place = Solving(ridge=RIDGE, device=device), resolve_device(device)
    limited = plan(
        n,
        COLUMNS,
        CLASSES,
        Solving(ridge=RIDGE, memory_limit=NO_LIMIT),
        Device(place.type, n**2),
    )
    rows, answers = [], []
    for copies in (False, True):
        memory, start = PeakMemory(place), time.perf_counter()
        solver = ExactSolver(
            data.features, solving, streamed=copies, tile=limited.tile, panel=limited.panel
        )
        answers.append((solver.inverse_diagonal().cpu(), solver.solve(data.targets).cpu()))
        seconds = time.perf_counter() - start
        rows.append(
            {
                "rows": n,
                "streamed": copies,
                "tile": limited.tile,
                "panel": limited.panel,
                "seconds": seconds,
            }
        )
        rows[-1]["peak on the device / n² numbers"] = memory.grown() / (4 * n**2)
        del solver
    differences = [
        float((b - a).abs().max() / a.abs().max()) for a, b in zip(*answers, strict=True)
    ]
    for row in rows:
        row["largest relative difference"] = max(differences)
    return rows


def lowrank(device: str, n: int, m: int) -> Row:
    """Time the low-rank solver on rows in main memory, features kept where the card has room."""
    data, place = synthetic(n, COLUMNS), resolve_device(device)
    solving = Solving(method="lowrank", ridge=RIDGE, device=device, landmarks=min(m, n))
    rate = median(product_rates(device, "float32", PRODUCT))
    memory, start = PeakMemory(place), time.perf_counter()
    solver = LowRankSolver(data.features, solving, keep_features=True)
    finish(solver.inverse_diagonal())
    finish(solver.solve(data.targets))
    seconds = time.perf_counter() - start
    flop = n * (2.0 * m * COLUMNS + 3 * m**2)
    return {
        "rows": n,
        "m": m,
        "seconds": seconds,
        "microseconds a row": seconds / n * 1e6,
        "share of the matrix product": flop / seconds / rate,
        "peak GiB": memory.grown() / 2**30,
    }


def iterative(device: str, n: int) -> Row:
    """Time the iterative solver beside the exact one on the same card."""
    data = synthetic(n, COLUMNS)
    timed = []
    asked = Solving(ridge=RIDGE, device=device, memory_limit=NO_LIMIT)
    chosen = plan(n, COLUMNS, CLASSES, Solving(method="iterative", memory_limit=NO_LIMIT))
    m = chosen.landmarks
    for make, solving in (
        (ExactSolver, asked),
        (IterativeSolver, Solving(ridge=RIDGE, device=device, landmarks=m)),
    ):
        start = time.perf_counter()
        solver = make(data.features, solving)
        diagonal = solver.inverse_diagonal().cpu()
        alpha = solver.solve(data.targets).cpu()
        seconds = time.perf_counter() - start
        score = alpha.gather(1, data.labels[:, None])[:, 0] ** 2 / diagonal
        timed.append((seconds, score, (data.targets - alpha / diagonal[:, None]).argmax(1)))
        del solver
    (exact_seconds, truth, suggested), (seconds, score, other) = timed
    return {
        "rows": n,
        "m": m,
        "seconds": seconds,
        "exact s": exact_seconds,
        "Spearman with exact": float(spearmanr(score, truth)[0]),
        "same suggestion": float((suggested == other).double().mean()),
    }


def whole(device: str, n: int) -> list[Row]:
    """Time `score_labels` on the card and on the CPU of the same machine."""
    data = synthetic(n, COLUMNS)
    features, labels = data.features.numpy(), data.labels.numpy()
    rows = []
    for place in (device, "cpu"):
        start = time.perf_counter()
        found = score_labels(features, labels, device=place)
        seconds = time.perf_counter() - start
        rows.append({"rows": n, "device": place, "seconds": seconds})
        rows[-1]["flags"] = int(found.is_label_issue.sum())
    return rows


def tests(device: str) -> list[Row]:
    """Run the solver and score tests on the device."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "not slow", *TESTS]
    run = subprocess.run(
        [*command, "--device", device], cwd=ROOT, capture_output=True, text=True, check=False
    )
    print(run.stdout[-6000:], run.stderr[-2000:], flush=True)
    last = run.stdout.splitlines()[-1]
    found = re.findall(r"(\d+) (passed|failed|error|skipped|deselected)", last)
    counts = {name: int(count) for count, name in found}
    if run.returncode:
        raise RuntimeError(f"pytest ended with {run.returncode}: {counts}")
    return [{"device": device, **counts}]


if __name__ == "__main__":
    sys.exit(main())
