"""The files that belong to a project, which no result that a user asks for may be written over."""

from __future__ import annotations

from pathlib import Path

from cgaudit.files import refuse_outside, refuse_special
from cgaudit.params import Params
from cgaudit.project import Project


def owned(project: Project, params: Params | None = None) -> list[Path]:
    """Return the data and settings that a project reads, and what its stages write."""
    outputs = project.outputs
    written = [
        *(outputs.features, outputs.samples, outputs.unreadable, outputs.scores),
        outputs.score_parts,
        *(outputs.summary, outputs.skipped, outputs.plots, outputs.page, outputs.asked),
        *(outputs.selection, outputs.curve, outputs.dynamics, outputs.imported, outputs.made),
    ]
    return [*settings(project), *data(project, params), *written]


def settings(project: Project) -> list[Path]:
    """Return what says how a project is audited, and what was decided."""
    return [project.params, project.pipeline, project.lock, project.reviewed]


def data(project: Project, params: Params | None) -> list[Path]:
    """Return the data, its labels and the featurizer's state."""
    if params is None:
        return []
    named = (params.source.path, params.source.labels, params.featurize.state)
    return [project.root / name for name in named if name]


def refuse_pipes(project: Project, params: Params) -> None:
    """Raise InputError where something that is read is a pipe or device, which may never end."""
    features = project.outputs.features
    inside = features.iterdir() if features.is_dir() else ()
    refuse_special(*owned(project, params), *inside)


def refuse_elsewhere(project: Project) -> None:
    """Raise OutputError where the folder of results leads out of the repository."""
    refuse_outside(project.outputs.folder, project.top)
