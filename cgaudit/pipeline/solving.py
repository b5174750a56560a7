"""How the parameters of a project want the kernel system solved, and where its work is kept."""

from __future__ import annotations

from cgaudit.params import ScoreParams
from cgaudit.project import Project
from cgaudit.solve import KEPT_LIMIT, Keeping, Solving


def solving_of(project: Project, params: ScoreParams) -> Solving:
    """Return how params.yaml wants the system solved."""
    return Solving(
        method=params.method,
        ridge=params.ridge,
        landmarks=params.landmarks,
        seed=params.seed,
        precision=params.precision,
        device=params.device,
        memory_limit=params.memory_limit,
        keep_factor=_keeping(project, params),
        draws=params.draws,
        ratio=params.ratio,
        tolerance=params.tolerance,
    )


def _keeping(project: Project, params: ScoreParams) -> Keeping | None:
    """Return where to keep what other labels need again; an audit keeps it only if it is asked."""
    if params.keep_factor == "auto" and project.audited is None:
        return Keeping(project.kept, KEPT_LIMIT, own=True)
    return Keeping(project.kept, own=True) if params.keep_factor is True else None
