"""The contract that every kernel operator passes, and what they share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from cgaudit.errors import SolveError
from cgaudit.kernel import unit_rows

#: Called with the floating-point operations done and the total, both estimates of one kind.
Progress = Callable[[float, float], None]

DTYPES = {"float32": torch.float32, "float64": torch.float64}


class SingularKernelError(SolveError):
    """Rows coincide, so that the kernel matrix cannot be inverted without a ridge."""


class FactorisationError(SolveError):
    """The kernel matrix could not be factored in the working precision."""


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

    def __getitem__(self, rows: slice, /) -> Any:
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
        self._report = report

    def add(self, flop: float) -> None:
        """Count operations that have just been done."""
        self.done = min(self.total, self.done + flop)
        if self._report is not None:
            self._report(self.done, self.total)


@contextmanager
def full_precision() -> Iterator[None]:
    """Keep matrix products out of TF32 and bfloat16, whatever the caller has set."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


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
        raise SolveError(f"device: {name!r} was asked for, but PyTorch sees no CUDA device. Use device: auto or cpu.")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise SolveError(
            f"device: {name!r} was asked for, but there are only {torch.cuda.device_count()} "
            "CUDA devices, counted from 0."
        )
    return device


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


def unit_batch(
    rows: RowSource, start: int, stop: int, dtype: torch.dtype, device: torch.device
) -> Tensor:
    """Return rows start to stop, scaled to unit length, (stop − start, d)."""
    batch = rows[start:stop]
    # torch.tensor copies: slices of a read-only memory map must not be aliased.
    tensor = batch if isinstance(batch, Tensor) else torch.tensor(batch)
    return unit_rows(tensor, dtype, device)


def spans(n: int, step: int, start: int = 0) -> list[tuple[int, int]]:
    """Return the (start, stop) of consecutive pieces of range(start, n), `step` long."""
    return [(at, min(n, at + step)) for at in range(start, n, step)]
