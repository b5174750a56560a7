"""Stages that a project may have beside the three of the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cgaudit.errors import ParamsError
from cgaudit.project import NAMED, PIPELINE
from cgaudit.scaffold.setup import stages_there
from cgaudit.scaffold.stages import PREFIX, stage_text
from cgaudit.scaffold.yamltext import load, with_entries, with_item


@dataclass(frozen=True)
class More:
    """A stage to add.

    Attributes
    ----------
    deps, params, outs
        Of the stage. What it writes the report reads.
    plots
        Entries of the top-level ``plots``.
    """

    deps: Sequence[str]
    params: Sequence[str]
    outs: Sequence[str]
    plots: str


_CURVE = NAMED.curve.as_posix()

#: By the name of the stage, which is that of the command.
MORE: Mapping[str, More] = {
    "select": More(
        deps=(NAMED.features.as_posix(), NAMED.scores.as_posix()),
        params=("cgaudit.recipe", "cgaudit.score", "cgaudit.select"),
        outs=(_CURVE, NAMED.selection.as_posix()),
        plots=f"""\
- {_CURVE}:
    x: share
    y: [rule, random]
    title: Accuracy that a share of the data reaches, without training
""",
    ),
}


def with_more(text: str, name: str) -> str | None:
    """Return dvc.yaml with a further stage that the report depends on; None where it has it.

    Parameters
    ----------
    text
        The file.
    name
        A key of `MORE`.

    Raises
    ------
    ParamsError
        It has not the stages of the audit, has another stage of that name, or is written in a way
        that cannot be added to.
    """
    stages: Mapping[str, Any] = load(text, PIPELINE).get("stages") or {}
    command, more = f"cgaudit {name}", MORE[name]
    if any(isinstance(stage, dict) and stage.get("cmd") == command for stage in stages.values()):
        return None
    ours = stages_there(stages)
    if not ours:
        raise ParamsError(
            f"{PIPELINE} has no stages that run cgaudit's own commands, so `{command}` cannot be "
            "put among them. Run `cgaudit init` first."
        )
    called = f"{PREFIX}{name}" if name in stages or ours["report"].startswith(PREFIX) else name
    if called in stages:
        raise ParamsError(f"{PIPELINE} has a stage called {called}, which runs something else.")
    entry = stage_text(called, command, more.deps, more.params, more.outs)
    text = with_entries(text, "stages", entry, PIPELINE)
    for output in reversed(more.outs):
        text = with_item(text, ("stages", ours["report"], "deps"), output, PIPELINE)
    return with_entries(text, "plots", more.plots, PIPELINE)
