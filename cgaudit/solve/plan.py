"""What a solve will cost, said before anything is allocated.

The plan depends on the data's size and on the parameters alone, never on what memory happens to be
free or on how fast the machine is: two machines choose the same method.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from cgaudit.errors import SolveError
from cgaudit.solve import exact, iterative, lowrank, matrix
from cgaudit.solve.base import full_precision, resolve_device, resolve_dtype

#: The memory limit where the parameters name none.
DEFAULT_MEMORY_LIMIT = 8 * 2**30

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

_CALIBRATION_SIZE = 2048
_CALIBRATION_ROUNDS = 3


@dataclass(frozen=True)
class Problem:
    """What is to be solved.

    Attributes
    ----------
    n, d, n_classes
        Rows, features, classes (or label columns).
    precision
        ``"float32"`` or ``"float64"``.
    device
        ``"cpu"`` or ``"cuda"``: sets the tiles, not the method.
    landmarks
        Size of the basis as asked for, None for the method's own.
    draws, ratio
        Of the sampled method.
    device_memory
        Bytes that a GPU has in all; None on the CPU, or where that does not matter.
    """

    n: int
    d: int
    n_classes: int
    precision: str = "float32"
    device: str = "cpu"
    landmarks: int | None = None
    draws: int = 20
    ratio: float = 1.0
    device_memory: int | None = None

    @property
    def itemsize(self) -> int:
        """Bytes of a number of the working precision."""
        return resolve_dtype(self.precision).itemsize

    @property
    def columns(self) -> int:
        """Label columns in work at once."""
        return min(self.n_classes, _COLUMNS_AT_ONCE)


@dataclass(frozen=True)
class Plan:
    """How a problem will be solved and what that takes.

    Attributes
    ----------
    method
        ``"exact"``, ``"iterative"``, ``"lowrank"`` or ``"sampled"``.
    precision
        ``"float32"`` or ``"float64"``.
    tile, panel
        Of the exact factor.
    landmarks
        Size of the low-rank basis; None for methods without.
    keep
        Whether the matrix (iterative) or the features (lowrank) are kept rather than recomputed.
    bytes
        Peak memory beside the features that were handed in.
    streamed_bytes
        Of these, what lies in main memory and is streamed through the device.
    flop
        Floating-point operations.
    reason
        Why this method, in a sentence.
    """

    method: str
    precision: str
    tile: int
    panel: int
    landmarks: int | None
    keep: bool
    bytes: int
    flop: float
    reason: str
    streamed_bytes: int = 0

    @property
    def device_bytes(self) -> int:
        """What of it the device holds."""
        return self.bytes - self.streamed_bytes

    def seconds(self, rate: float) -> float:
        """Return the estimated time at a rate in flop/s, such as :func:`calibrate` measures."""
        return self.flop / rate


def plan(
    n: int,
    d: int,
    n_classes: int,
    *,
    device: str = "cpu",
    memory_limit: int | None = None,
    method: str = "auto",
    precision: str = "float32",
    landmarks: int | None = None,
    draws: int = 20,
    ratio: float = 1.0,
    device_memory: int | None = None,
) -> Plan:
    """Choose how to solve a problem, within the memory limit.

    Parameters
    ----------
    n, d, n_classes
        Rows, features, classes (or label columns).
    device
        ``"cpu"`` or ``"cuda"``.
    memory_limit
        Bytes, on the device and streamed through it; :data:`DEFAULT_MEMORY_LIMIT` where None. The
        features that the caller holds are not counted.
    method
        ``"auto"``, ``"exact"``, ``"iterative"``, ``"lowrank"`` or ``"sampled"``.
    precision
        ``"float32"`` or ``"float64"``.
    landmarks
        Size of the low-rank basis, None for the method's own.
    draws, ratio
        Of the sampled method.
    device_memory
        Bytes that a GPU has in all: an exact plan that needs more keeps its matrix in main memory
        and streams it. It does not change the method.

    Raises
    ------
    SolveError
        The method is unknown, or nothing of what was asked for fits the limit; the message says
        what would.
    """
    problem = Problem(n, d, n_classes, precision, device, landmarks, draws, ratio, device_memory)
    limit = DEFAULT_MEMORY_LIMIT if memory_limit is None else memory_limit
    if method == "auto":
        return _automatic(problem, limit)
    if method not in _PLANNERS:
        raise SolveError(f"method: {method!r} is not one of auto, {', '.join(_PLANNERS)}")
    chosen = _PLANNERS[method](problem, limit, "asked for")
    if chosen.bytes > limit:
        raise _over_limit(problem, chosen, limit)
    return chosen


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


def as_gib(size: int) -> str:
    """Return a number of bytes in GiB, with one digit more than none."""
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 / 10 else f"{size / 2**20:.1f} MiB"


def _automatic(problem: Problem, limit: int) -> Plan:
    if problem.n <= EXACT_ROWS:
        chosen = _plan_exact(problem, limit, f"at most {EXACT_ROWS} rows, and the matrix fits")
        if chosen.bytes <= limit:
            return chosen
    chosen = _plan_iterative(
        problem, limit, "the matrix fits, but a factorisation would take too long or too much room"
    )
    if chosen.keep and chosen.bytes <= limit:
        return chosen
    reason = f"the matrix does not fit the memory limit of {as_gib(limit)}"
    chosen = _largest_lowrank(problem, limit, reason)
    if chosen.bytes > limit:
        raise _over_limit(problem, chosen, limit)
    return chosen


def _plan_exact(problem: Problem, limit: int, reason: str) -> Plan:
    n, d, item = problem.n, problem.d, problem.itemsize
    flop = float(n) ** 2 * d + 2 * float(n) ** 3 / 3 + 2.0 * n**2 * _busy_columns(problem)
    matrix_bytes = n**2 * item

    def planned(tile: int, panel: int, columns: int, streamed_bytes: int) -> Plan:
        size = matrix_bytes + n * (d + columns + 3 * problem.columns) * item
        size += 4 * tile * matrix.CHUNK_COLUMNS * item + 4 * tile**2 * 8 + _reading_bytes(problem)
        precision = problem.precision
        return Plan("exact", precision, tile, panel, None, True, size, flop, reason, streamed_bytes)

    tile, panel = (min(size, n) for size in _TILES[problem.device])
    whole = planned(tile, panel, tile + panel, 0)
    if problem.device_memory is None or whole.bytes <= problem.device_memory:
        return whole
    tile, panel = (min(size, n) for size in _STREAMED_TILES)
    return planned(tile, panel, 3 * tile + panel, matrix_bytes)


def _plan_iterative(problem: Problem, limit: int, reason: str) -> Plan:
    n, d, item = problem.n, problem.d, problem.itemsize
    lowest, highest = _PRECONDITIONER_BOUNDS
    share = min(max(lowest, n // _PRECONDITIONER_SHARE), highest)
    m = min(problem.landmarks or share, n)
    columns = max(7 * iterative.EXACT_ENTRIES, 8 * problem.columns)
    working = n * (d + 2 * m + columns + 3 * matrix.PANEL_ROWS) * item
    working += _basis_bytes(problem, m) + _reading_bytes(problem)
    kept = n * (n + matrix.PANEL_ROWS) // 2 * item
    keep = working + kept <= limit
    solve_steps, entry_steps = iterative.SOLVE_STEPS, iterative.ENTRY_STEPS
    products = entry_steps * iterative.EXACT_ENTRIES + solve_steps * _busy_columns(problem)
    writings = 1 if keep else 2 + entry_steps + solve_steps
    flop = float(n) ** 2 * (d * writings + 2.0 * products) + _lowrank_flop(problem, m, 1)
    size = working + (kept if keep else 0)
    tile, panel = _TILES[problem.device]
    return Plan("iterative", problem.precision, tile, panel, m, keep, size, flop, reason)


def _plan_lowrank(problem: Problem, limit: int, reason: str) -> Plan:
    n, item = problem.n, problem.itemsize
    m = min(problem.landmarks or LANDMARKS, n)
    working = n * (2 + 3 * problem.columns) * item + _basis_bytes(problem, m)
    working += _reading_bytes(problem)
    keep = working + n * m * item <= limit
    flop = _lowrank_flop(problem, m, 1 if keep else 4)
    size = working + (n * m * item if keep else 0)
    tile, panel = _TILES[problem.device]
    return Plan("lowrank", problem.precision, tile, panel, m, keep, size, flop, reason)


def _plan_sampled(problem: Problem, limit: int, reason: str) -> Plan:
    """Plan for classes of equal size; a class twice as large takes four times the memory."""
    n, d, item = problem.n, problem.d, problem.itemsize
    size = min(n, math.ceil((1 + problem.ratio) * n / max(1, problem.n_classes)))
    one = _plan_exact(Problem(size, d, 1, problem.precision, problem.device), limit, reason)
    numbers = n * (2 * d + problem.n_classes)
    flop = problem.draws * problem.n_classes * (one.flop + 2.0 * n * size * d)
    total = one.bytes + numbers * item + _reading_bytes(problem)
    return Plan("sampled", problem.precision, one.tile, one.panel, None, True, total, flop, reason)


_PLANNERS: dict[str, Callable[[Problem, int, str], Plan]] = {
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
    batch = min(problem.n, max(512, lowrank.BATCH_ELEMENTS // m))
    sample = min(problem.n, max(m, lowrank.SAMPLE_ROWS))
    matrices = m**2 * (4 * 8 + 2 * item)
    return matrices + batch * (4 * m + d) * item + sample * d * (item + 3 * 8) + m * d * item


def _lowrank_flop(problem: Problem, m: int, passes: int) -> float:
    n, d = float(problem.n), problem.d
    features = passes * (2 * n * m * d + n * m**2)
    return features + 2 * n * m**2 + 4 * n * m * problem.n_classes


def _largest_lowrank(problem: Problem, limit: int, reason: str) -> Plan:
    """Return the low-rank plan, its basis halved until it fits or is as small as it may be."""
    m = problem.landmarks or LANDMARKS
    while True:
        chosen = _plan_lowrank(replace(problem, landmarks=m), limit, reason)
        if chosen.bytes <= limit or problem.landmarks or m // 2 < FEWEST_LANDMARKS:
            return chosen
        m //= 2


def _over_limit(problem: Problem, refused: Plan, limit: int) -> SolveError:
    single = replace(problem, precision="float32")
    free = replace(single, landmarks=None)
    others = {
        "precision: float32": _PLANNERS[refused.method](single, limit, ""),
        "method: iterative": _plan_iterative(free, limit, ""),
        "method: lowrank": _largest_lowrank(free, limit, ""),
    }
    fitting = [
        f"{name} ({_landmarks_of(other)}{as_gib(other.bytes)})"
        for name, other in others.items()
        if other.bytes <= limit
    ]
    fits = f"Within it: {'; '.join(fitting)}. " if fitting else "No method fits within it. "
    return SolveError(
        f"method: {refused.method} needs {as_gib(refused.bytes)} for {problem.n} rows of "
        f"{problem.d} features in {problem.precision}, more than the memory limit of "
        f"{as_gib(limit)}. {fits}Or raise memory_limit to {as_gib(refused.bytes)}."
    )


def _landmarks_of(chosen: Plan) -> str:
    return f"landmarks: {chosen.landmarks}, " if chosen.landmarks else ""
