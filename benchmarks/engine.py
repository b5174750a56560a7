"""How fast the solvers are, as a share of what the machine's matrix product reaches.

    python benchmarks/engine.py --rows 4000 10000 [--features FILE.npz] [--device cuda]
    python benchmarks/engine.py --scale 10000 100000 1000000

FILE.npz holds `features` (n, d), `labels` (n,) and, where known, `truth` (n,); without it the rows
are synthetic. Prints Markdown tables: the exact factor against the median of five matrix products
before and five after; `lowrank` and `iterative` against `exact` on the same rows; with --scale the
time of `lowrank` as rows grow. Times of `exact` and `iterative` leave the kernel matrix out, which
both need and which is timed on its own. A label's reach is how far its own flip moves its own
leave-one-out prediction, at most over 64 landmarks and 64 other rows, each flipped.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np
import torch
from machine import machine
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score
from torch import Tensor

from cgaudit.solve import (
    Device,
    ExactSolver,
    IterativeSolver,
    KernelSolver,
    LowRankSolver,
    Solving,
    make_solver,
    plan,
    resolve_device,
)
from cgaudit.solve.base import DTYPES, full_precision

CLASSES = 10
FLIPPED = 0.1
#: Rows of each group whose label is flipped.
FLIPS = 64


@dataclass(frozen=True)
class Data:
    """n rows of features, their labels, and which labels are known to be wrong."""

    features: Tensor
    labels: Tensor
    wrong: Tensor | None

    def first(self, n: int) -> Data:
        """Return the first n rows."""
        wrong = None if self.wrong is None else self.wrong[:n]
        return Data(self.features[:n], self.labels[:n], wrong)

    @property
    def targets(self) -> Tensor:
        """±1 for every class against the rest, (n, K)."""
        return torch.nn.functional.one_hot(self.labels).to(self.features) * 2 - 1


@dataclass(frozen=True)
class Outcome:
    """What one method said of every row, and how long it took."""

    name: str
    landmark: Tensor
    diagonal: Tensor
    score: Tensor
    predictions: Tensor
    reach: tuple[float, ...]
    kernel_seconds: float
    seconds: float


class Timeline:
    """A progress hook that knows when how much was done."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._marks: list[tuple[float, float]] = []

    def __call__(self, done: float, total: float) -> None:
        """Note the time, once a card has done what it was told to."""
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self._marks.append((done, time.perf_counter() - self._start))

    def reached(self, flop: float) -> float:
        """Return the seconds after which at least so much was done."""
        return next(when for done, when in self._marks if done >= flop * (1 - 1e-9))


class PeakMemory:
    """Bytes taken at the most since it was made: on the GPU, else of this process (Linux)."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
            self._before = torch.cuda.memory_allocated(device)
        else:
            Path("/proc/self/clear_refs").write_text("5")  # resets VmHWM
            self._before = self._resident("VmRSS")

    def grown(self) -> int:
        """Return the peak over what was held before."""
        if self._device.type == "cuda":
            return torch.cuda.max_memory_allocated(self._device) - self._before
        return self._resident("VmHWM") - self._before

    def _resident(self, field: str) -> int:
        status = Path("/proc/self/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith(field))
        return int(line.split()[1]) * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[4000])
    parser.add_argument("--columns", type=int, default=512)
    parser.add_argument("--features", type=Path)
    parser.add_argument("--landmarks", type=int, nargs="+", default=[2000])
    parser.add_argument("--ridge", type=float, default=0.1)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", choices=sorted(DTYPES), default="float32")
    parser.add_argument("--product", type=int, default=8192, help="size of the matrix product")
    parser.add_argument("--scale", type=int, nargs="+", help="time lowrank on so many rows only")
    parser.add_argument("--exact-only", action="store_true")
    arguments = parser.parse_args()
    print(f"{machine()}; {arguments.precision}\n")
    if arguments.scale:
        print_scale(arguments)
        return
    data = (
        read(arguments.features)
        if arguments.features
        else synthetic(max(arguments.rows), arguments.columns)
    )
    print_rates(arguments, data)
    if not arguments.exact_only:
        for n in arguments.rows:
            print_methods(arguments, data.first(n))


def print_rates(arguments: argparse.Namespace, data: Data) -> None:
    """Print the rate of factor and inverse diagonal beside the machine's matrix product."""
    products = product_rates(arguments.device, arguments.precision, arguments.product)
    solving = asked(arguments)
    timings = [(n, timed_exact(solving, data.first(n).features)) for n in arguments.rows]
    products += product_rates(arguments.device, arguments.precision, arguments.product)
    reference = median(products)
    size = arguments.product
    print(
        f"Matrix product {size}³: median {reference / 1e9:.0f} GFLOP/s "
        f"({min(products) / 1e9:.0f} to {max(products) / 1e9:.0f})\n"
    )
    print(
        "| rows | kernel s | factor s | inverse diagonal s | factor | inverse diagonal | both "
        "| peak memory ÷ n² numbers |\n|---|---|---|---|---|---|---|---|"
    )
    itemsize = DTYPES[arguments.precision].itemsize
    for n, (kernel, factor, diagonal, peak) in timings:
        half = n**3 / 3 / reference
        print(
            f"| {n:,} | {kernel:.1f} | {factor:.1f} | {diagonal:.1f} | {half / factor:.0%} "
            f"| {half / diagonal:.0%} | {2 * half / (factor + diagonal):.0%} "
            f"| {peak / (itemsize * n**2):.2f} |",
            flush=True,
        )
    print()


def print_methods(arguments: argparse.Namespace, data: Data) -> None:
    """Print how close the cheaper methods come to the exact one, and how fast."""
    n, d = data.features.shape
    truth = outcome("exact", arguments, data, ExactSolver)
    rows = [truth]
    for m in arguments.landmarks:
        rows.append(outcome(f"lowrank, m = {m}", arguments, data, LowRankSolver, m))
    m = plan(n, d, CLASSES, Solving(method="iterative", memory_limit=2**62)).landmarks
    rows.append(outcome(f"iterative, m = {m}", arguments, data, IterativeSolver, m))
    print(
        f"{n:,} rows × {d}, λ = {arguments.ridge:g}\n\n"
        "| method | kernel s | seconds | Spearman with exact | AUROC of cg_score, margin "
        "| same suggestion on landmarks, others | own label's reach on landmarks, others |\n"
        "|---|---|---|---|---|---|---|"
    )
    for row in rows:
        rank = spearmanr(row.score, truth.score)[0]
        print(
            f"| {row.name} | {row.kernel_seconds:.1f} | {row.seconds:.1f} | {rank:.4f} "
            f"| {auroc(row, data)} | {agreement(row, truth)} | {reached(row)} |",
            flush=True,
        )
    print()


def print_scale(arguments: argparse.Namespace) -> None:
    """Print the time of the low-rank method as rows grow."""
    print("| rows | m | seconds | microseconds a row |\n|---|---|---|---|")
    m = arguments.landmarks[0]
    for n in arguments.scale:
        data = synthetic(n, arguments.columns)
        start = time.perf_counter()
        solver = make_solver(
            data.features, replace(asked(arguments), method="lowrank", landmarks=m)
        )
        solver.inverse_diagonal()
        finish(solver.solve(data.targets))
        seconds = time.perf_counter() - start
        print(f"| {n:,} | {m} | {seconds:.1f} | {seconds / n * 1e6:.0f} |", flush=True)


def asked(arguments: argparse.Namespace) -> Solving:
    """Return the options that the command line names; those of the exact method."""
    return Solving(ridge=arguments.ridge, precision=arguments.precision, device=arguments.device)


def product_rates(device: str, precision: str, size: int) -> list[float]:
    """Return five rates of a square matrix product, in flop/s."""
    place, dtype, rates = resolve_device(device), DTYPES[precision], []
    a = torch.randn((size, size), device=place).to(dtype)
    out = torch.empty_like(a)
    with full_precision():
        for _ in range(5):
            start = time.perf_counter()
            finish(torch.mm(a, a, out=out))
            rates.append(2 * size**3 / (time.perf_counter() - start))
    return rates


def timed_exact(asked: Solving, rows: Tensor) -> tuple[float, float, float, int]:
    """Return the seconds of kernel matrix, factor and inverse diagonal, and the peak memory."""
    n, d = rows.shape
    place = resolve_device(asked.device)
    memory = PeakMemory(place)
    solving = replace(asked, memory_limit=2**62)
    chosen = plan(n, d, CLASSES, solving, Device(place.type))
    timeline = Timeline()
    solver = ExactSolver(
        rows,
        chosen.solving,
        tile=chosen.tile,
        panel=chosen.panel,
        progress=timeline,
    )
    kernel, factor = timeline.reached(n**2 * d), timeline.reached(n**2 * d + n**3 / 3)
    start = time.perf_counter()
    finish(solver.inverse_diagonal())
    seconds = time.perf_counter() - start
    return kernel, factor - kernel, seconds, memory.grown()


def outcome(
    name: str,
    arguments: argparse.Namespace,
    data: Data,
    make: Callable[..., KernelSolver],
    landmarks: int | None = None,
) -> Outcome:
    """Solve, and return what a method says of every row."""
    n, d = data.features.shape
    timeline, start = Timeline(), time.perf_counter()
    solving = replace(asked(arguments), landmarks=landmarks)
    keep = {"keep_features": True} if make is LowRankSolver else {}
    solver = make(data.features, solving, progress=timeline, **keep)
    diagonal = solver.inverse_diagonal().cpu()
    alpha = solver.solve(data.targets).cpu()
    whole = time.perf_counter() - start
    kernel = 0.0 if make is LowRankSolver else timeline.reached(n**2 * d)
    landmark = torch.zeros(n, dtype=torch.bool)
    landmark[getattr(solver, "landmark_rows", torch.arange(0)).cpu()] = True
    own = alpha.gather(1, data.labels[:, None])[:, 0]
    predictions = data.targets - alpha / diagonal[:, None]
    score = own**2 / diagonal
    reach = tuple(flipped(solver, diagonal, rows) for rows in (landmark, ~landmark))
    return Outcome(name, landmark, diagonal, score, predictions, reach, kernel, whole - kernel)


def auroc(row: Outcome, data: Data) -> str:
    """Return how well score and margin rank the wrong labels first."""
    if data.wrong is None:
        return "–"
    given = row.predictions.gather(1, data.labels[:, None])[:, 0]
    others = row.predictions.scatter(1, data.labels[:, None], -torch.inf).amax(1)
    ranks = (row.score, others - given)
    return ", ".join(f"{roc_auc_score(data.wrong, values):.3f}" for values in ranks)


def agreement(row: Outcome, truth: Outcome) -> str:
    """Return the share of equal suggestions, on landmark rows and on the others."""
    same = (row.predictions.argmax(1) == truth.predictions.argmax(1)).double()
    groups = (row.landmark, ~row.landmark)
    return ", ".join(f"{same[group].mean():.3f}" if group.any() else "–" for group in groups)


def flipped(solver: KernelSolver, diagonal: Tensor, among: Tensor) -> float:
    """Return how far ŷ_i moves at most when label i is flipped; by definition it should not.

    Flipping y_i adds −2 e_i to the targets, up to sign, so ŷ_i = y_i − α_i / d_i moves by
    2 |1 − ((H + λI)⁻¹ e_i)_i / d_i|: solved for, one row a column.
    """
    rows = among.nonzero()[:, 0]
    if not len(rows):
        return 0.0
    rows = rows[torch.linspace(0, len(rows) - 1, min(FLIPS, len(rows))).long()]
    units = torch.zeros(len(among), len(rows))
    columns = torch.arange(len(rows))
    units[rows, columns] = 1
    own = solver.solve(units).cpu()[rows, columns]
    return float((2 * (1 - own / diagonal[rows]).abs()).max())


def reached(row: Outcome) -> str:
    """Return the reach of labels on landmarks and elsewhere."""
    groups = (row.landmark, ~row.landmark)
    shown = zip(row.reach, groups, strict=True)
    return ", ".join(f"{reach:.3f}" if group.any() else "–" for reach, group in shown)


def read(path: Path) -> Data:
    """Return the data of a file; labels may be text."""
    with np.load(path) as arrays:
        labels = np.unique(arrays["labels"], return_inverse=True)[1]
        wrong = arrays["truth"] != arrays["labels"] if "truth" in arrays else None
        features = torch.tensor(arrays["features"])
    return Data(features, torch.tensor(labels), None if wrong is None else torch.tensor(wrong))


def synthetic(n: int, d: int) -> Data:
    """Return overlapping clusters with a share of the labels flipped."""
    generator = torch.Generator().manual_seed(0)
    truth = torch.randint(CLASSES, (n,), generator=generator)
    centres = torch.randn((CLASSES, d), generator=generator)
    decay = torch.arange(1, d + 1).rsqrt()
    features = torch.randn((n, d), generator=generator).add_(centres[truth], alpha=0.3).mul_(decay)
    wrong = torch.rand(n, generator=generator) < FLIPPED
    shift = torch.randint(1, CLASSES, (n,), generator=generator)
    return Data(features, torch.where(wrong, (truth + shift) % CLASSES, truth), wrong)


def finish(result: Tensor) -> None:
    """Wait for the device, by reading one number."""
    result.reshape(-1)[0].item()


if __name__ == "__main__":
    main()
