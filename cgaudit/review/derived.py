"""What a program makes is not decided on here: it is made again, without the decisions."""

from __future__ import annotations

import os
from pathlib import Path

from cgaudit.errors import DecisionError, RevisionError
from cgaudit.project import Project
from cgaudit.review.plan import Plan
from cgaudit.revisions import Output, Repository


def refuse_derived(project: Project, plan: Plan) -> None:
    """Refuse to change what DVC imports, or a stage makes.

    Parameters
    ----------
    project
        Which is asked; where it has no DVC, nothing is refused.
    plan
        What would be changed.

    Raises
    ------
    DecisionError
        It changes such data; the message says where to decide instead.
    RevisionError
        DVC cannot tell what makes the data.
    """
    places = [Path(os.path.realpath(path.parent)) / path.name for path in plan.places()]
    if not places:
        return
    try:
        repository = Repository.around(project)
    except RevisionError:
        return
    for output in repository.outputs():
        made = os.path.realpath(output.path)
        if output.is_derived and any(place.is_relative_to(made) for place in places):
            raise DecisionError(_refused(output, project))


def _refused(output: Output, project: Project) -> str:
    here = os.path.realpath(project.root)
    data = os.path.relpath(os.path.realpath(output.path), here)
    file = os.path.relpath(os.path.realpath(output.file), here)
    if not output.is_import:
        return (
            f"{data} is made by the stage {output.stage or file!r} ({file}) from "
            f"{output.made_from}: the next `dvc repro` would undo what is decided there. Nothing "
            "was written. Mend what the stage reads, or keep the labels in a table of your own "
            "(source.labels), which wins over the folders."
        )
    return (
        f"{data} is imported from {output.made_from} ({file}): what is decided here is not "
        "pushed, and the next `dvc update` takes it away. Nothing was written. Decide in the "
        f"repository that it comes from, then run `dvc update {file}` here; or keep the "
        "labels in a table of your own (source.labels)."
    )
