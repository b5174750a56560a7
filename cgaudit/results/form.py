"""Which form the scores of a project have: one file, or a folder of parts.

A stage writes what dvc.yaml names, whatever its size; where no stage does, the size decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cgaudit.project import NAMED, Project
from cgaudit.reading.files import Damage, bytes_of
from cgaudit.reading.text import yaml_of
from cgaudit.results.parts import parts_for

#: The one file first: it is looked for first.
FORMS = (NAMED.scores, NAMED.score_parts)


def form_for(n: int) -> Path:
    """Return the form of a table of n rows where nothing names one, relative to the project."""
    return NAMED.scores if parts_for(n) == 1 else NAMED.score_parts


def form_named(project: Project) -> Path | None:
    """Return the form that a stage of dvc.yaml writes; None where none does."""
    try:
        content = yaml_of(bytes_of(project.pipeline))
    except (FileNotFoundError, Damage):
        return None
    stages = content.get("stages") if isinstance(content, dict) else None
    return form_among(stages) if isinstance(stages, dict) else None


def form_among(stages: Mapping[str, Any]) -> Path | None:
    """Return the form that one of these stages writes; None where none does."""
    written = {name for stage in stages.values() for name in _outs(stage)}
    return next((form for form in FORMS if form.as_posix() in written), None)


def scores_name(project: Project) -> str:
    """Return what the scores of the working tree are called, relative to the project."""
    form = form_named(project) or NAMED.folder / project.outputs.scores_there.name
    return form.as_posix()


def _outs(stage: Any) -> set[str]:  # noqa: ANN401 - of a file that anybody wrote
    outs = stage.get("outs") if isinstance(stage, dict) else None
    if not isinstance(outs, list):
        return set()
    # An output with settings of its own is a mapping from its name.
    names = [name for out in outs for name in (out if isinstance(out, dict) else [out])]
    return {name.rstrip("/") for name in names if isinstance(name, str)}
