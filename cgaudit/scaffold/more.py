"""Stages that a project may have beside the three of the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cgaudit.errors import ParamsError
from cgaudit.project import NAMED, PARAMS, PIPELINE
from cgaudit.results.form import form_among, form_for
from cgaudit.scaffold.setup import stages_there
from cgaudit.scaffold.stages import PREFIX, stage_text
from cgaudit.scaffold.yamltext import load, with_entries, with_item, with_scalar


@dataclass(frozen=True)
class More:
    """A stage to add.

    Attributes
    ----------
    deps, params, outs
        Of the stage; it depends on the scores, too, in the form that they have. What it writes the
        report reads.
    plots
        Entries of the top-level ``plots``.
    first
        A parameter of its section, and its value.
    """

    deps: Sequence[str]
    params: Sequence[str]
    outs: Sequence[str]
    plots: str
    first: tuple[str, str]


_CURVE = NAMED.curve.as_posix()

#: By the name of the stage, which is that of the command.
MORE: Mapping[str, More] = {
    "select": More(
        deps=(NAMED.features.as_posix(),),
        params=("cgaudit.recipe", "cgaudit.score", "cgaudit.select"),
        outs=(_CURVE, NAMED.selection.as_posix()),
        plots=f"""\
- {_CURVE}:
    x: share
    y: [rule, random]
    title: Accuracy that a share of the data reaches, without training
""",
        first=("share", "0.3"),
    ),
}


def with_section(text: str, name: str) -> str:
    """Return params.yaml with the section of a further stage; DVC asks that it be there.

    Raises
    ------
    ParamsError
        It has no section `cgaudit`, or is written in a way that cannot be added to.
    """
    section = load(text, PARAMS).get("cgaudit")
    if isinstance(section, dict) and name in section:
        return text
    key, value = MORE[name].first
    return with_scalar(text, ("cgaudit", name, key), value, PARAMS)


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
    scores = form_among(stages) or form_for(0)
    deps = (*more.deps, scores.as_posix())
    entry = stage_text(called, command, deps, more.params, more.outs)
    text = with_entries(text, "stages", entry, PIPELINE)
    for output in reversed(more.outs):
        text = with_item(text, ("stages", ours["report"], "deps"), output, PIPELINE)
    return with_entries(text, "plots", more.plots, PIPELINE)
