"""Solvers of the kernel system (H + λI) α = y, all with one contract (:mod:`.base`)."""

from __future__ import annotations

from cgaudit.solve.base import (
    ConvergenceError,
    FactorisationError,
    KernelSolver,
    Progress,
    RowSource,
    SingularKernelError,
    SolveInfo,
    resolve_device,
)
from cgaudit.solve.exact import ExactSolver

__all__ = [
    "ConvergenceError",
    "ExactSolver",
    "FactorisationError",
    "KernelSolver",
    "Progress",
    "RowSource",
    "SingularKernelError",
    "SolveInfo",
    "make_solver",
    "resolve_device",
]


def make_solver(
    rows: RowSource,
    *,
    method: str = "exact",
    ridge: float = 0.1,
    precision: str = "float32",
    device: str = "auto",
    landmarks: int | None = None,
    seed: int = 0,
    memory_limit: int | None = None,
    progress: Progress | None = None,
) -> KernelSolver:
    """Return the solver of a method for the given rows."""
    return ExactSolver(rows, ridge, precision, device, progress=progress)
