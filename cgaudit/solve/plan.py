"""What a solve will cost, said before anything is allocated.

The plan depends on the data's size and on the parameters alone, never on what memory happens to be
free or on how fast the machine is: two machines choose the same method.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch

from cgaudit.errors import SolveError
from cgaudit.executor import MOST_THREADS
from cgaudit.solve import exact, iterative, matrix, prior, sums
from cgaudit.solve.base import Device, full_precision, resolve_device, resolve_dtype
from cgaudit.solve.keep import kept_bytes
from cgaudit.solve.kept_sums import sums_bytes
from cgaudit.solve.options import Solving

#: Up to this many rows `auto` is exact where memory allows: 5e12 flop, a minute on two cores.
EXACT_ROWS = 20_000

#: Size of the low-rank basis where the parameters name none, and the least that `auto` goes to.
LANDMARKS = 2048
FEWEST_LANDMARKS = 256

#: The iterative solver's basis is a twentieth of the rows, within these bounds.
_PRECONDITIONER_SHARE = 20
_PRECONDITIONER_BOUNDS = (512, 4096)

#: (tile, panel) of the factor by device.
_TILES = {"cpu": (exact.TILE, exact.PANEL), "cuda": (1024, 4096)}

#: Where the matrix is streamed: what is copied shrinks with both, n³ (1/tile + 1/panel) / 6.
_STREAMED_TILES = (4096, 4096)

#: Products with fewer columns than this take as long as with this many: memory bound.
_FEWEST_COLUMNS = 32
_COLUMNS_AT_ONCE = 256

CPU = Device()

_CALIBRATION_SIZE = 2048
_CALIBRATION_ROUNDS = 3
_CALIBRATION_FLOP = 2.0 * _CALIBRATION_SIZE**3 * (_CALIBRATION_ROUNDS + 1)


@dataclass(frozen=True)
class Problem:
    """What is to be solved.

    Attributes
    ----------
    n, d, n_classes
        Rows, features, classes (or label columns).
    solving
        As asked for.
    device
        Where.
    """

    n: int
    d: int
    n_classes: int
    solving: Solving
    device: Device

    @property
    def itemsize(self) -> int:
        """Bytes of a number of the working precision."""
        return resolve_dtype(self.solving.precision).itemsize

    @property
    def columns(self) -> int:
        """Label columns in work at once."""
        return min(self.n_classes, _COLUMNS_AT_ONCE)

    def asking(self, **options: Any) -> Problem:  # noqa: ANN401 - each option has its own type
        """Return the same problem with other options."""
        return replace(self, solving=replace(self.solving, **options))


@dataclass(frozen=True)
class Plan:
    """How a problem will be solved and what that takes.

    Attributes
    ----------
    solving
        The options as asked for, but with the method and the size of its basis settled: never
        ``"auto"``, and None only for methods without a basis.
    tile, panel
        Of the exact factor.
    keep
        Whether the matrix (iterative) or the features (lowrank) are kept rather than recomputed.
    bytes
        Peak memory beside the features that were handed in.
    streamed_bytes
        Of these, what lies in main memory and is streamed through the device.
    threads
        How many parts of the rows may be in work side by side (lowrank).
    kept_bytes
        What `Solving.keep_factor` takes on disk; 0 where the method keeps nothing.
    spared
        Of the operations, those that other labels of the same rows need not have again.
    flop
        Floating-point operations.
    reason
        Why this method, in a sentence.
    """

    solving: Solving
    tile: int
    panel: int
    keep: bool
    bytes: int
    flop: float
    reason: str
    streamed_bytes: int = 0
    threads: int = 1
    kept_bytes: int = 0
    spared: float = 0.0

    @property
    def method(self) -> str:
        """The method that was chosen."""
        return self.solving.method

    @property
    def landmarks(self) -> int | None:
        """Size of the low-rank basis; None for methods without."""
        return self.solving.landmarks

    @property
    def device_bytes(self) -> int:
        """What of it the device holds."""
        return self.bytes - self.streamed_bytes

    def seconds(self, rate: float) -> float:
        """Return the estimated time at a rate in flop/s, such as :func:`calibrate` measures."""
        return self.flop / rate


def plan(n: int, d: int, n_classes: int, solving: Solving, device: Device = CPU) -> Plan:
    """Choose how to solve a problem, within the memory limit.

    Parameters
    ----------
    n, d, n_classes
        Rows, features, classes (or label columns).
    solving
        The options, among them the method (``"auto"`` is settled here) and the memory limit.
    device
        An exact plan that needs more than its memory keeps the matrix in main memory and streams
        it through.

    Raises
    ------
    SolveError
        The plan is over the memory limit; the message names what would fit.
    """
    problem = Problem(n, d, n_classes, solving, device)
    if solving.method == "auto":
        chosen = _automatic(problem)
    else:
        chosen = _PLANNERS[solving.method](problem, "asked for")
        if chosen.bytes > solving.limit:
            raise _over_limit(problem, chosen)
    keeping = solving.keep_factor
    if keeping is None or keeping.pays(chosen.kept_bytes, chosen.spared):
        return chosen
    return replace(chosen, solving=replace(chosen.solving, keep_factor=None))


def calibrate(device: str = "auto", precision: str = "float32") -> float:
    """Return the rate of a square matrix product on a device, in flop/s; takes under a second."""
    place, dtype = resolve_device(device), resolve_dtype(precision)
    size = _CALIBRATION_SIZE
    a = torch.ones((size, size), dtype=dtype, device=place)
    out = torch.empty_like(a)
    fastest = math.inf
    with full_precision():
        for _ in range(_CALIBRATION_ROUNDS + 1):
            start = time.perf_counter()
            torch.mm(a, a, out=out)
            # Reading one number waits for the device.
            out[0, 0].item()
            fastest = min(fastest, time.perf_counter() - start)
    return 2.0 * size**3 / fastest


def expected_seconds(chosen: Plan) -> float:
    """Return the estimated time of a plan on its device.

    0 where measuring the device would take longer than the work: both are then over in a second.
    """
    if chosen.flop <= _CALIBRATION_FLOP:
        return 0.0
    return chosen.seconds(calibrate(chosen.solving.device, chosen.solving.precision))


def as_gib(size: int) -> str:
    """Return a number of bytes in GiB, with one digit more than none."""
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 / 10 else f"{size / 2**20:.1f} MiB"


def _automatic(problem: Problem) -> Plan:
    limit = problem.solving.limit
    if problem.n <= EXACT_ROWS:
        chosen = _plan_exact(problem, f"at most {EXACT_ROWS} rows, and the matrix fits")
        if chosen.bytes <= limit:
            return chosen
    chosen = _plan_iterative(
        problem, "the matrix fits, but a factorisation would take too long or too much room"
    )
    if chosen.keep and chosen.bytes <= limit:
        return chosen
    reason = f"the matrix does not fit the memory limit of {as_gib(limit)}"
    chosen = _largest_lowrank(problem, reason)
    if chosen.bytes > limit:
        raise _over_limit(problem, chosen)
    return chosen


def _plan_exact(problem: Problem, reason: str) -> Plan:
    n, d, item = problem.n, problem.d, problem.itemsize
    flop = float(n) ** 2 * d + 2 * float(n) ** 3 / 3 + 2.0 * n**2 * _busy_columns(problem)
    matrix_bytes = n**2 * item

    def planned(tile: int, panel: int, columns: int, streamed_bytes: int) -> Plan:
        size = matrix_bytes + n * (d + columns + 3 * problem.columns) * item
        size += 4 * tile * matrix.CHUNK_COLUMNS * item + 4 * tile**2 * 8 + _reading_bytes(problem)
        solving = replace(problem.solving, method="exact", landmarks=None)
        return Plan(
            *(solving, tile, panel, True, size, flop, reason, streamed_bytes),
            kept_bytes=kept_bytes(n, tile, problem.solving.precision),
            spared=float(n) ** 2 * d + 2 * float(n) ** 3 / 3,
        )

    tile, panel = (min(size, n) for size in _TILES[problem.device.kind])
    whole = planned(tile, panel, tile + panel, 0)
    if problem.device.memory is None or whole.bytes <= problem.device.memory:
        return whole
    tile, panel = (min(size, n) for size in _STREAMED_TILES)
    return planned(tile, panel, 3 * tile + panel, matrix_bytes)


def _plan_iterative(problem: Problem, reason: str) -> Plan:
    n, d, item = problem.n, problem.d, problem.itemsize
    lowest, highest = _PRECONDITIONER_BOUNDS
    share = min(max(lowest, n // _PRECONDITIONER_SHARE), highest)
    m = min(problem.solving.landmarks or share, n)
    columns = max(7 * iterative.EXACT_ENTRIES, 8 * problem.columns)
    working = n * (d + 2 * m + columns + 3 * matrix.PANEL_ROWS) * item
    working += _basis_bytes(problem, m) + _reading_bytes(problem)
    kept = n * (n + matrix.PANEL_ROWS) // 2 * item
    keep = working + kept <= problem.solving.limit
    solve_steps, entry_steps = iterative.SOLVE_STEPS, iterative.ENTRY_STEPS
    products = entry_steps * iterative.EXACT_ENTRIES + solve_steps * _busy_columns(problem)
    writings = 1 if keep else 2 + entry_steps + solve_steps
    flop = float(n) ** 2 * (d * writings + 2.0 * products) + _lowrank_flop(problem, m, 1)
    size = working + (kept if keep else 0)
    solving = replace(problem.solving, method="iterative", landmarks=m)
    return Plan(solving, *_TILES[problem.device.kind], keep, size, flop, reason)


def _plan_lowrank(problem: Problem, reason: str) -> Plan:
    n, item, limit = problem.n, problem.itemsize, problem.solving.limit
    m = min(problem.solving.landmarks or LANDMARKS, n)
    working = n * (2 + 3 * problem.columns) * item + _basis_bytes(problem, m)
    working += _reading_bytes(problem)
    keep = working + n * m * item <= limit
    size = working + (n * m * item if keep else 0)
    # What each part in work takes, its sums and those that wait to be merged.
    each = _batch_bytes(problem, m) + 2 * 8 * m**2 + _reading_bytes(problem)
    side_by_side = 1 if problem.device.kind == "cuda" else MOST_THREADS
    threads = 1 + max(0, min(side_by_side - 1, (limit - size) // each))
    flop = _lowrank_flop(problem, m, 3 if keep else 2)
    solving = replace(problem.solving, method="lowrank", landmarks=m)
    tiles, total = _TILES[problem.device.kind], size + (threads - 1) * each
    return Plan(
        *(solving, *tiles, keep, total, flop, reason),
        threads=threads,
        kept_bytes=sums_bytes(n, m, problem.n_classes, problem.solving.precision),
        spared=float(n) * m * (2 * problem.d + 3 * m),
    )


def _plan_sampled(problem: Problem, reason: str) -> Plan:
    """Plan for classes of equal size; a class twice as large takes four times the memory."""
    n, d, item = problem.n, problem.d, problem.itemsize
    solving = replace(problem.solving, method="sampled", landmarks=None)
    size = min(n, math.ceil((1 + solving.ratio) * n / max(1, problem.n_classes)))
    # The matrix of one class and its sample is small: it is never streamed.
    device = Device(problem.device.kind)
    one = _plan_exact(replace(problem, n=size, n_classes=1, device=device), reason)
    numbers = n * (2 * d + problem.n_classes)
    flop = solving.draws * problem.n_classes * (one.flop + 2.0 * n * size * d)
    total = one.bytes + numbers * item + _reading_bytes(problem)
    return Plan(solving, one.tile, one.panel, True, total, flop, reason)


_PLANNERS: dict[str, Callable[[Problem, str], Plan]] = {
    "exact": _plan_exact,
    "iterative": _plan_iterative,
    "lowrank": _plan_lowrank,
    "sampled": _plan_sampled,
}


def _busy_columns(problem: Problem) -> int:
    return max(problem.n_classes, _FEWEST_COLUMNS)


def _reading_bytes(problem: Problem) -> int:
    """Return what scaling a batch of rows in float64 takes."""
    return 4 * min(problem.n, 4096) * problem.d * 8


def _basis_bytes(problem: Problem, m: int) -> int:
    """Return what a basis of size m, its matrices and one batch of features take."""
    d, item = problem.d, problem.itemsize
    sample = min(problem.n, max(m, prior.SAMPLE_ROWS))
    matrices = m**2 * (4 * 8 + 2 * item)
    rest = sample * d * (item + 3 * 8) + m * d * item
    return matrices + _batch_bytes(problem, m) + rest


def _batch_bytes(problem: Problem, m: int) -> int:
    """Return what a batch of rows and their features take."""
    batch = min(problem.n, sums.batch_rows(m, problem.device.kind))
    return batch * (4 * m + problem.d) * problem.itemsize


def _lowrank_flop(problem: Problem, m: int, passes: int) -> float:
    n, d = float(problem.n), problem.d
    features = passes * (2 * n * m * d + n * m**2)
    return features + 2 * n * m**2 + 4 * n * m * problem.n_classes


def _largest_lowrank(problem: Problem, reason: str) -> Plan:
    """Return the low-rank plan, its basis halved until it fits or is as small as it may be."""
    asked = problem.solving.landmarks
    m = asked or LANDMARKS
    while True:
        chosen = _plan_lowrank(problem.asking(landmarks=m), reason)
        if chosen.bytes <= problem.solving.limit or asked or m // 2 < FEWEST_LANDMARKS:
            return chosen
        m //= 2


def _over_limit(problem: Problem, refused: Plan) -> SolveError:
    limit = problem.solving.limit
    single = problem.asking(precision="float32")
    free = single.asking(landmarks=None)
    others = {
        "precision: float32": _PLANNERS[refused.method](single, ""),
        "method: iterative": _plan_iterative(free, ""),
        "method: lowrank": _largest_lowrank(free, ""),
    }
    fitting = [
        f"{name} ({_landmarks_of(other)}{as_gib(other.bytes)})"
        for name, other in others.items()
        if other.bytes <= limit
    ]
    fits = f"Within it: {'; '.join(fitting)}. " if fitting else "No method fits within it. "
    return SolveError(
        f"method: {refused.method} needs {as_gib(refused.bytes)} for {problem.n} rows of "
        f"{problem.d} features in {problem.solving.precision}, more than the memory limit of "
        f"{as_gib(limit)}. {fits}Or raise memory_limit to {as_gib(refused.bytes)}."
    )


def _landmarks_of(chosen: Plan) -> str:
    return f"landmarks: {chosen.landmarks}, " if chosen.landmarks else ""
