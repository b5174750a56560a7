"""Solvers of the kernel system (H + λI) α = y, all with one contract (:mod:`.base`)."""

from __future__ import annotations

from pathlib import Path

import torch

from cgaudit.errors import SolveError, StaleError
from cgaudit.solve.base import (
    ConvergenceError,
    FactorisationError,
    KernelSolver,
    Progress,
    RowSource,
    SingularKernelError,
    SolveInfo,
    device_memory,
    resolve_device,
)
from cgaudit.solve.exact import ExactSolver
from cgaudit.solve.iterative import TOLERANCE, IterativeSolver
from cgaudit.solve.keep import kept_bytes, load_factor, save_factor
from cgaudit.solve.lowrank import LowRankSolver
from cgaudit.solve.plan import DEFAULT_MEMORY_LIMIT, Plan, as_gib, calibrate, plan
from cgaudit.solve.sampled import SampledScores, sampled_scores

__all__ = [
    "DEFAULT_MEMORY_LIMIT",
    "TOLERANCE",
    "ConvergenceError",
    "ExactSolver",
    "FactorisationError",
    "IterativeSolver",
    "KernelSolver",
    "LowRankSolver",
    "Plan",
    "Progress",
    "RowSource",
    "SampledScores",
    "SingularKernelError",
    "SolveInfo",
    "calibrate",
    "device_memory",
    "kept_bytes",
    "load_factor",
    "make_solver",
    "plan",
    "resolve_device",
    "sampled_scores",
    "save_factor",
]


def make_solver(
    rows: RowSource,
    *,
    method: str = "auto",
    ridge: float = 0.1,
    precision: str = "float32",
    device: str = "auto",
    landmarks: int | None = None,
    seed: int = 0,
    memory_limit: int | None = None,
    n_classes: int = 10,
    keep_factor: Path | None = None,
    tolerance: float = TOLERANCE,
    progress: Progress | None = None,
) -> KernelSolver:
    """Return a solver of H + λI for the given rows, planned within the memory limit.

    Parameters
    ----------
    rows
        (n, d), finite; a tensor, or anything that is sliced into arrays.
    method
        ``"auto"``, ``"exact"``, ``"iterative"`` or ``"lowrank"``. The sampled estimator solves
        many small systems instead: :func:`sampled_scores`.
    ridge
        λ ≥ 0.
    precision, device
        ``"float32"`` or ``"float64"``; ``"auto"``, ``"cpu"``, ``"cuda"``, …
    landmarks
        Size of the low-rank basis, None for the method's own.
    seed
        Of the landmark choice.
    memory_limit
        Bytes on the device, :data:`DEFAULT_MEMORY_LIMIT` where None.
    n_classes
        Label columns that will be solved for.
    keep_factor
        A folder. An exact factor that it holds for these rows, ridge and precision is used;
        otherwise the new one is written there, :func:`kept_bytes` large.
    tolerance
        Relative residual at which the iterative method stops.
    progress
        Called with the flop done and the total.

    Raises
    ------
    SolveError
        The plan is over the limit or the device's memory, or the system cannot be solved.
    """
    place = resolve_device(device)
    n, width = rows.shape
    chosen = plan(
        n,
        width,
        n_classes,
        device=place.type,
        memory_limit=memory_limit,
        method=method,
        precision=precision,
        landmarks=landmarks,
        device_memory=device_memory(place),
    )
    _check_device_holds(chosen, place)
    if chosen.method == "exact":
        return _exact(rows, chosen, ridge, device, keep_factor, progress)
    if keep_factor is not None:
        raise SolveError(f"keep_factor is for method: exact; this is {chosen.method}.")
    if chosen.method == "sampled":
        raise SolveError("method: sampled has no one system to solve; call sampled_scores.")
    assert chosen.landmarks is not None
    if chosen.method == "iterative":
        return IterativeSolver(
            rows,
            ridge,
            chosen.landmarks,
            precision,
            device,
            seed=seed,
            keep_matrix=chosen.keep,
            tolerance=tolerance,
            progress=progress,
        )
    return LowRankSolver(
        rows,
        ridge,
        chosen.landmarks,
        precision,
        device,
        seed=seed,
        keep_features=chosen.keep,
        progress=progress,
    )


def _exact(
    rows: RowSource,
    chosen: Plan,
    ridge: float,
    device: str,
    keep_factor: Path | None,
    progress: Progress | None,
) -> ExactSolver:
    if keep_factor is not None:
        try:
            return load_factor(
                keep_factor,
                rows,
                ridge,
                chosen.precision,
                device,
                streamed=chosen.streamed_bytes > 0,
            )
        except StaleError:
            pass
    solver = ExactSolver(
        rows,
        ridge,
        chosen.precision,
        device,
        tile=chosen.tile,
        panel=chosen.panel,
        streamed=chosen.streamed_bytes > 0,
        progress=progress,
    )
    if keep_factor is not None:
        save_factor(solver, rows, keep_factor)
    return solver


def _check_device_holds(chosen: Plan, place: torch.device) -> None:
    """Refuse a plan that is within the limit but over what the GPU has in all."""
    total = device_memory(place)
    if total is not None and chosen.device_bytes > total:
        raise SolveError(
            f"method: {chosen.method} needs {as_gib(chosen.device_bytes)}, {place} has "
            f"{as_gib(total)}. Set device: cpu, or a memory_limit below that so that another "
            "method is planned."
        )
