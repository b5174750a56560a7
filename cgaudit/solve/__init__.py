"""Solvers of the kernel system (H + λI) α = y, all with one contract (:mod:`.base`)."""

from __future__ import annotations

from contextlib import suppress

import torch

from cgaudit.errors import SolveError, StaleError
from cgaudit.numerics.contents import Digests
from cgaudit.progress import Progress
from cgaudit.solve.base import (
    DTYPES,
    ConvergenceError,
    Device,
    FactorisationError,
    KernelSolver,
    RowSource,
    SingularKernelError,
    SolveInfo,
    resolve_device,
)
from cgaudit.solve.exact import ExactSolver
from cgaudit.solve.iterative import IterativeSolver
from cgaudit.solve.keep import (
    kept_bytes,
    load_factor,
    read_factor_header,
    save_factor,
    update_factor,
)
from cgaudit.solve.kept_sums import read_sums_header
from cgaudit.solve.lowrank import LowRankSolver
from cgaudit.solve.options import DEFAULT_MEMORY_LIMIT, KEPT_LIMIT, TOLERANCE, Keeping, Solving
from cgaudit.solve.parted import PartedLowRank, solve_in_parts
from cgaudit.solve.plan import Plan, as_gib, calibrate, expected_seconds, plan
from cgaudit.solve.sampled import SampledScores, sampled_scores
from cgaudit.solve.sums import Figures

__all__ = [
    "DEFAULT_MEMORY_LIMIT",
    "DTYPES",
    "KEPT_LIMIT",
    "TOLERANCE",
    "ConvergenceError",
    "Device",
    "ExactSolver",
    "FactorisationError",
    "Figures",
    "IterativeSolver",
    "Keeping",
    "KernelSolver",
    "LowRankSolver",
    "PartedLowRank",
    "Plan",
    "RowSource",
    "SampledScores",
    "SingularKernelError",
    "SolveInfo",
    "Solving",
    "as_gib",
    "calibrate",
    "expected_seconds",
    "is_kept",
    "kept_bytes",
    "load_factor",
    "make_solver",
    "plan",
    "planned",
    "resolve_device",
    "sampled_scores",
    "save_factor",
    "solve_in_parts",
    "update_factor",
]


def make_solver(
    rows: RowSource,
    solving: Solving,
    contents: Digests | None = None,
    *,
    n_classes: int = 10,
    progress: Progress | None = None,
) -> KernelSolver:
    """Return a solver of H + λI for the given rows, planned within the memory limit.

    Parameters
    ----------
    rows
        (n, d), finite; a tensor, or anything that is sliced into arrays.
    solving
        How. The sampled estimator solves many small systems instead: :func:`sampled_scores`.
    contents
        (n, 2), the digests that landmarks are drawn by; those of the rows' bytes where None.
    n_classes
        Label columns that will be solved for.
    progress
        Called with the flop done and the total.

    Raises
    ------
    SolveError
        The plan is over the limit or the device's memory, or the system cannot be solved.
    """
    chosen = planned(rows.shape, solving, n_classes)
    if chosen.method == "exact":
        return _exact(rows, chosen, progress)
    if chosen.method == "sampled":
        raise SolveError("method: sampled has no one system to solve; call sampled_scores.")
    if chosen.method == "iterative":
        return IterativeSolver(
            rows, chosen.solving, contents, keep_matrix=chosen.keep, progress=progress
        )
    if solving.must_keep:
        raise SolveError("keep_factor with method: lowrank is for task: classification.")
    return LowRankSolver(
        rows, chosen.solving, contents, keep_features=chosen.keep, progress=progress
    )


def planned(shape: tuple[int, ...], solving: Solving, n_classes: int) -> Plan:
    """Plan within the memory limit and what the device holds.

    Parameters
    ----------
    shape
        (n, d) of the rows.

    Raises
    ------
    SolveError
        The plan is over the limit or the device's memory, or asks to keep what there is not.
    """
    place = resolve_device(solving.device)
    device = Device.of(place)
    chosen = plan(shape[0], shape[1], n_classes, solving, device)
    _check_device_holds(chosen, device, place)
    if solving.must_keep and not chosen.kept_bytes:
        raise SolveError(f"keep_factor is for method: exact or lowrank; this is {chosen.method}.")
    return chosen


def is_kept(chosen: Plan, n: int) -> bool:
    """Tell whether something is kept of n labelled rows, by the method that is planned.

    Whether it is of these rows is found out when they are read.
    """
    keeping = chosen.solving.keep_factor
    if keeping is None:
        return False
    with suppress(StaleError):
        if chosen.method == "exact":
            return read_factor_header(keeping.folder).n == n
        header = read_sums_header(keeping.folder)
        return header.m == chosen.landmarks and header.n >= n
    return False


def _exact(rows: RowSource, chosen: Plan, progress: Progress | None) -> KernelSolver:
    keeping, streamed = chosen.solving.keep_factor, chosen.streamed_bytes > 0
    if keeping is not None:
        with suppress(StaleError):
            return load_factor(keeping.folder, rows, chosen.solving, streamed=streamed)
        # Where rows that differ lie too close to others, a factorisation names them.
        with suppress(StaleError, FactorisationError):
            return update_factor(keeping.folder, rows, chosen.solving, progress=progress)
    solver = ExactSolver(
        rows,
        chosen.solving,
        tile=chosen.tile,
        panel=chosen.panel,
        streamed=streamed,
        progress=progress,
    )
    if keeping is not None:
        with keeping.at_will():
            save_factor(solver, rows, keeping.folder, own=keeping.own)
    return solver


def _check_device_holds(chosen: Plan, device: Device, place: torch.device) -> None:
    """Refuse a plan that is within the limit but over what the GPU has in all."""
    if device.memory is not None and chosen.device_bytes > device.memory:
        raise SolveError(
            f"method: {chosen.method} needs {as_gib(chosen.device_bytes)}, {place} has "
            f"{as_gib(device.memory)}. Set device: cpu, or a memory_limit below that so that "
            "another method is planned."
        )
