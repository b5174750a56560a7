"""The contract that every kernel operator passes, and what they share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from cgaudit.errors import SolveError
from cgaudit.numerics.kernel import unit_rows
from cgaudit.progress import Progress

DTYPES = {"float32": torch.float32, "float64": torch.float64}

_ROWS_READ = 4096
#: Columns that a thin product is fast with, by bytes of a number, measured with MKL.
_COLUMN_MULTIPLE = {4: 16, 8: 12}


class SingularKernelError(SolveError):
    """Rows coincide, so that the kernel matrix cannot be inverted without a ridge.

    Parameters
    ----------
    pairs
        Some pairs (earlier row, later row), counted from 0.
    count
        How many rows repeat an earlier one.
    ridge
        λ.
    dtype
        The working precision.
    """

    def __init__(
        self, pairs: Sequence[tuple[int, int]], count: int, ridge: float, dtype: torch.dtype
    ) -> None:
        self.pairs, self.count, self.ridge, self.dtype = tuple(pairs), count, ridge, dtype
        named = ", ".join(f"{first} and {second}" for first, second in pairs)
        more = ", …" if count > len(pairs) else ""
        super().__init__(
            f"{count} {'row repeats' if count == 1 else 'rows repeat'} an earlier row (counted "
            f"from 0: {named}{more}), up to a positive factor and {dtype_name(dtype)} rounding, "
            f"so the kernel matrix is singular at ridge {ridge:g}. Set ridge > 0 (default 0.1) "
            "or drop the duplicates."
        )

    def renumbered(self, names: Sequence[int]) -> SingularKernelError:
        """Return the same error about rows that are known by other numbers."""
        pairs = [(min(pair), max(pair)) for pair in ((names[a], names[b]) for a, b in self.pairs)]
        return SingularKernelError(pairs, self.count, self.ridge, self.dtype)


class FactorisationError(SolveError):
    """The kernel matrix could not be factored in the working precision.

    Parameters
    ----------
    row
        Where the factorisation broke down, counted from 0; None where it is no row of the data.
    dtype
        The working precision.
    finite
        Whether the matrix held finite numbers only.
    """

    def __init__(self, row: int | None, dtype: torch.dtype, *, finite: bool) -> None:
        self.row, self.dtype, self.finite = row, dtype, finite
        if not finite:
            about = "" if row is None else f" about row {row} (counted from 0)"
            super().__init__(
                f"The kernel matrix holds NaN or infinite values{about}, so the features do. "
                "Remove or mend those rows."
            )
            return
        because = (
            "its low-rank approximation is"
            if row is None
            else f"row {row} (counted from 0) is, to rounding, a combination of the rows before it"
        )
        wider = " or use precision: float64" if dtype == torch.float32 else ""
        super().__init__(
            f"The kernel matrix is singular in {dtype_name(dtype)}: {because}. Set a larger "
            f"ridge (default 0.1){wider}."
        )

    def renumbered(self, names: Sequence[int]) -> FactorisationError:
        """Return the same error about rows that are known by other numbers."""
        row = None if self.row is None else names[self.row]
        return FactorisationError(row, self.dtype, finite=self.finite)


class ConvergenceError(SolveError):
    """The iteration did not reach the residual that was asked for."""


@dataclass(frozen=True)
class SolveInfo:
    """How a system was solved: goes into the metadata of the scores.

    Attributes
    ----------
    method
        ``"exact"``, ``"iterative"``, ``"lowrank"`` or ``"sampled"``.
    ridge
        λ of H + λI.
    precision
        ``"float32"`` or ``"float64"``.
    device
        ``"cpu"`` or ``"cuda"``.
    landmarks
        Number of landmarks, None for methods without.
    seed
        Of the landmark choice and of the draws.
    repairs
        What was changed in the numbers so that a factorisation succeeds, one sentence each.
    checks
        Errors and sizes measured during the solve, by name.
    """

    method: str
    ridge: float
    precision: str
    device: str
    landmarks: int | None = None
    seed: int = 0
    repairs: tuple[str, ...] = ()
    checks: dict[str, float] = field(default_factory=dict)


class RowSource(Protocol):
    """Features that are read a slice of rows at a time, such as a memory-mapped array."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, d)."""

    def __getitem__(self, rows: slice, /) -> object:
        """Return the rows as something that `torch.tensor` reads."""


@runtime_checkable
class KernelSolver(Protocol):
    """H + λI of one set of rows, ready to be solved with any labels.

    Tensors handed in may lie on any device; results lie on the solver's device in its precision.
    Rows are scaled to unit length by the solver.
    """

    @property
    def info(self) -> SolveInfo:
        """How the system is solved; complete once the results have been taken."""

    @property
    def n(self) -> int:
        """Number of rows."""

    def solve(self, targets: Tensor) -> Tensor:
        """Return (H + λI)⁻¹ targets, (n, k) from (n, k)."""

    def apply(self, vectors: Tensor) -> Tensor:
        """Return (H + λI) vectors, (n, k) from (n, k)."""

    def inverse_diagonal(self) -> Tensor:
        """Return diag((H + λI)⁻¹), (n,)."""

    def predict(self, rows: RowSource, alpha: Tensor) -> Tensor:
        """Return the kernel of other rows (r, d) with the solver's own, times alpha (n, k)."""


class Meter:
    """Counts floating-point operations and tells the caller how far the work is."""

    def __init__(self, total: float, report: Progress | None = None) -> None:
        self.total = total
        self.done = 0.0
        self._ceiling = total
        self._report = report

    def add(self, flop: float) -> None:
        """Count operations that have just been done."""
        self.done = min(self._ceiling, self.done + flop)
        if self._report is not None:
            self._report(self.done, self.total)

    def expect(self, flop: float) -> None:
        """Add work to the total that was not known of before."""
        self.total += flop
        self._ceiling += flop

    @contextmanager
    def phase(self, flop: float) -> Iterator[None]:
        """Count what is done inside as `flop`, however much it turns out to be."""
        outer, self._ceiling = self._ceiling, min(self._ceiling, self.done + flop)
        yield
        self.add(flop)
        self._ceiling = outer


@contextmanager
def full_precision() -> Iterator[None]:
    """Keep matrix products out of TF32 and bfloat16, whatever the caller has set."""
    on_cpu: Any = torch.backends.mkldnn
    backends = (torch.backends.cuda.matmul, on_cpu.matmul)
    before = [backend.fp32_precision for backend in backends]
    for backend in backends:
        backend.fp32_precision = "ieee"
    try:
        yield
    finally:
        for backend, precision in zip(backends, before, strict=True):
            backend.fp32_precision = precision


def resolve_device(name: str) -> torch.device:
    """Return the device of a name: ``"auto"`` is CUDA where there is one, else the CPU.

    Raises
    ------
    SolveError
        The name is unknown, or no such device is present.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    if device is None or device.type not in ("cpu", "cuda"):
        raise SolveError(f"device: {name!r} is not one of auto, cpu, cuda, cuda:0, …")
    if device.type == "cuda" and not torch.cuda.is_available():
        raise SolveError(
            f"device: {name!r} was asked for, but PyTorch sees no CUDA device. "
            "Use device: auto or cpu."
        )
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise SolveError(
            f"device: {name!r} was asked for, but there are only {torch.cuda.device_count()} "
            "CUDA devices, counted from 0."
        )
    return device


@dataclass(frozen=True)
class Device:
    """What a plan needs to know of the place where it is carried out.

    Attributes
    ----------
    kind
        ``"cpu"`` or ``"cuda"``: sets the tiles, not the method.
    memory
        Bytes that a GPU has in all, in use or not; None for the CPU, or where that does not
        matter.
    """

    kind: str = "cpu"
    memory: int | None = None

    @classmethod
    def of(cls, place: torch.device) -> Device:
        """Look at a device of this machine."""
        return cls(place.type, torch.cuda.mem_get_info(place)[1] if place.type == "cuda" else None)


def resolve_dtype(precision: str) -> torch.dtype:
    """Return the torch dtype of a precision.

    Raises
    ------
    SolveError
        The precision is neither ``"float32"`` nor ``"float64"``.
    """
    if precision not in DTYPES:
        raise SolveError(f"precision: {precision!r} is not one of {', '.join(DTYPES)}")
    return DTYPES[precision]


def dtype_name(dtype: torch.dtype) -> str:
    """Return ``"float32"`` or ``"float64"``."""
    return str(dtype).removeprefix("torch.")


def unit_batch(
    rows: RowSource, start: int, stop: int, dtype: torch.dtype, device: torch.device
) -> Tensor:
    """Return rows start to stop, scaled to unit length, (stop − start, d)."""
    return unit_rows(as_tensor(rows[start:stop]), dtype, device)


def all_unit_rows(rows: RowSource, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return all rows, scaled to unit length, (n, d)."""
    out = torch.empty(tuple(rows.shape), dtype=dtype, device=device)
    for start, stop in spans(out.shape[0], _ROWS_READ):
        out[start:stop] = unit_batch(rows, start, stop, dtype, device)
    return out


def unit_gather(rows: RowSource, index: Tensor, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return the rows of an index, scaled to unit length, (len(index), d)."""
    if isinstance(rows, Tensor):
        return unit_rows(rows[index.to(rows.device)], dtype, device)
    if not len(index):
        return torch.empty((0, rows.shape[1]), dtype=dtype, device=device)
    picked = torch.cat([as_tensor(rows[row : row + 1]) for row in index.tolist()])
    return unit_rows(picked, dtype, device)


def as_tensor(batch: object) -> Tensor:
    """Return a slice of a row source as a tensor."""
    # torch.tensor copies: a slice of a read-only memory map must not be aliased.
    return batch if isinstance(batch, Tensor) else torch.tensor(batch)


def wide_columns(vectors: Tensor) -> Tensor:
    """Return a copy of (n, k) vectors with columns of zeros added up to a multiple of 16, or 12.

    A product with 16 columns of float32 takes less time than one with 10 (MKL: 0.4 times); in
    float64 12 are the faster ones (0.4 times those of 16). One column stays one: that is another
    routine.
    """
    n, k = vectors.shape
    multiple = _COLUMN_MULTIPLE[vectors.element_size()]
    width = 1 if k == 1 else -(-k // multiple) * multiple
    out = vectors.new_zeros((n, width))
    out[:, :k] = vectors
    return out


def spans(n: int, step: int, start: int = 0) -> list[tuple[int, int]]:
    """Return the (start, stop) of consecutive pieces of range(start, n), `step` long."""
    return [(at, min(n, at + step)) for at in range(start, n, step)]
