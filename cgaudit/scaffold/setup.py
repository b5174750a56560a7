"""What `cgaudit init` would write: planned whole before anything is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml.comments import CommentedMap

from cgaudit.dataset import look_like_numbers, numbers_suggested
from cgaudit.errors import ParamsError
from cgaudit.featurize import create_featurizer
from cgaudit.params import RECIPE, Params, SourceParams, Task, sets_of
from cgaudit.paramsfile import load_params, parse_params
from cgaudit.project import PARAMS, PIPELINE, REVIEWED, STATE, Project
from cgaudit.results.form import form_for
from cgaudit.review import no_reviews, reviewed_bytes
from cgaudit.revisions import Output
from cgaudit.scaffold.discover import Found, find_data, tracked_data
from cgaudit.scaffold.ignored import GIT_ATTRIBUTES, GIT_IGNORE, ignoring, merging
from cgaudit.scaffold.stages import (
    COMMANDS,
    OUTPUTS,
    PLOTS,
    PREFIX,
    STAGES,
    section_text,
    stages_text,
)
from cgaudit.scaffold.yamltext import load, with_entries, with_item, with_scalar
from cgaudit.solve import Solving, plan
from cgaudit.wording.text import shown

#: How wide feature vectors are, as far as the choice of a method is concerned.
_WIDTH = 512


@dataclass(frozen=True)
class Setup:
    """What is to be done to a project.

    Attributes
    ----------
    params
        As params.yaml will hold them.
    learns
        Whether a featurizer state is needed.
    report_stage
        The name of the audit's last stage.
    contents
        Files relative to the project and what they will hold; those that stay are not listed.
    explained
        What was found and why it is set up like this, in sentences.
    """

    params: Params
    learns: bool
    report_stage: str
    contents: dict[str, str] = field(default_factory=dict)
    explained: list[str] = field(default_factory=list)


def plan_setup(
    project: Project,
    files: Sequence[str],
    outputs: Sequence[Output],
    named: SourceParams,
    data: str | None = None,
    task: Task | None = None,
    *,
    in_git: bool = False,
) -> Setup:
    """Plan the stages, parameters and files that a project needs to audit its data.

    What is there already stays: a project that is set up yields no contents.

    Parameters
    ----------
    project
        Which is to audit its data.
    files
        What git sees below its folder, relative to it.
    outputs
        What DVC tracks.
    named
        Labels and columns that the user named.
    data
        The data that the user named; None to find it.
    task
        What labels are; None for classes, with a word where they look like numbers.
    in_git
        Whether git alone keeps the data and what is computed: there are no stages then.

    Raises
    ------
    SourceError
        There is no data, or its labels cannot be told.
    ParamsError
        A file is no valid YAML, or what would be written belongs to something else.
    """
    params_text = _text(project.params)
    explained: list[str] = []
    contents: dict[str, str] = {}
    scores = form_for(0)
    is_new = "cgaudit" not in load(params_text, PARAMS)
    if is_new:
        sets = sets_of(named, task or "classification")
        found = find_data(project.root, files, outputs, named, data, in_git=in_git, sets=sets)
        params, learns = _proposed(found, task)
        scores = form_for(found.count)
        explained += [*found.explained, *_choices(found, params)]
        if task is None and look_like_numbers(found.labels):
            explained.append(numbers_suggested(found.labels, "`cgaudit init --task regression`"))
        section = section_text(params, learns=learns)
        contents[PARAMS] = with_entries(params_text, "cgaudit", section, PARAMS)
    else:
        params, learns = _as_they_are(project, named, data, task)
        explained.append("params.yaml has its section `cgaudit`: it stays as it is")
    if in_git:
        explained.append("git keeps the scores, and ignores what is large and made from them")
        report_stage = ""
    else:
        staged = _staged(project, params, files, outputs, scores, learns=learns)
        explained.append(staged.explained)
        contents |= staged.contents
        report_stage = staged.names["report"]
    if not project.reviewed.exists():
        contents[REVIEWED] = reviewed_bytes(no_reviews()).decode()
    if ignored := ignoring(project.root, in_git=in_git):
        contents[GIT_IGNORE] = ignored
    attributes = merging(project.root)
    if attributes and (REVIEWED in contents or PARAMS in contents):
        contents[GIT_ATTRIBUTES] = attributes
    return Setup(params, learns, report_stage, contents, explained)


class _Staged(NamedTuple):
    """The stages of the audit: what each is called, what is to be written, and why."""

    names: Mapping[str, str]
    contents: Mapping[str, str]
    explained: str


def _staged(
    project: Project,
    params: Params,
    files: Sequence[str],
    outputs: Sequence[Output],
    scores: Path,
    *,
    learns: bool,
) -> _Staged:
    pipeline_text = _text(project.pipeline)
    stages = load(pipeline_text, PIPELINE).get("stages") or {}
    names = stages_there(stages)
    if names:
        told = "dvc.yaml has the stages of the audit: they stay as they are"
        return _Staged(names, {}, told)
    _refuse_taken(project.root, files, outputs)
    names = _free_names(stages)
    entries = stages_text(params, names, scores, learns=learns)
    text = with_entries(pipeline_text, "stages", entries, PIPELINE)
    content = with_entries(text, "plots", PLOTS[params.score.task], PIPELINE)
    told = f"dvc.yaml gets the stages {', '.join(names.values())}"
    return _Staged(names, {PIPELINE: content}, told)


def _proposed(found: Found, task: Task | None) -> tuple[Params, bool]:
    featurizer = create_featurizer("auto", kind=found.kind)
    n_classes = 1 if task == "regression" else max(2, found.classes)
    how = plan(found.count, _WIDTH, n_classes, Solving(method="auto"))
    # Rounding to the published digits then hides which instructions a processor has.
    precision = "float64" if how.method == "exact" else "float32"
    section: dict[str, Any] = {
        "source": found.source.model_dump(exclude_defaults=True) | {"path": found.source.path},
        "featurize": {"name": featurizer.name, "state": STATE},
        "score": {
            **({"task": task} if task else {}),
            **{"method": how.method, "landmarks": how.landmarks, "precision": precision},
        },
        "report": {"title": f"Label audit: {Path(found.source.path).stem}"},
        "check": {"max_quality_drop": 0.01},
    }
    return parse_params(section, where="cgaudit init"), featurizer.learns


def _choices(found: Found, params: Params) -> list[str]:
    different = "different labels" if params.score.task == "regression" else "labels"
    several = ", several a sample" if params.score.task == "multilabel" else ""
    return [
        f"{found.count:,} samples, {found.classes:,} {different}{several}: "
        f"{params.featurize.name} features, scored by the method {params.score.method!r}"
    ]


def _as_they_are(
    project: Project, named: SourceParams, data: str | None, task: Task | None
) -> tuple[Params, bool]:
    if data is not None or named != SourceParams() or task is not None:
        raise ParamsError(
            "params.yaml has a section `cgaudit` already, which names the data. Change it there, "
            "or audit another dataset from a folder of its own (docs/several-datasets.md)."
        )
    params = load_params(project.params)
    return params, (project.root / params.featurize.state).exists() or _learns(params)


def _learns(params: Params) -> bool:
    return create_featurizer(params.featurize.name, params.featurize.options).learns


def stages_there(stages: Mapping[str, Any]) -> dict[str, str]:
    """Return what the audit's stages are called in dvc.yaml; empty where it has none."""
    called = {stage.get("cmd"): name for name, stage in stages.items() if isinstance(stage, dict)}
    there = {name: called[COMMANDS[name]] for name in STAGES if COMMANDS[name] in called}
    if there and len(there) < len(STAGES):
        raise ParamsError(
            f"dvc.yaml has only some of the audit's stages ({shown(there.values())}). Remove them "
            "for `cgaudit init` to write all three, or add the others by hand."
        )
    return there


def _free_names(stages: Mapping[str, Any]) -> dict[str, str]:
    """Return what the stages are called: all with a prefix where one of the names is taken."""
    taken = not stages.keys().isdisjoint(STAGES)
    names = {name: f"{PREFIX}{name}" if taken else name for name in STAGES}
    if not stages.keys().isdisjoint(names.values()):
        raise ParamsError(
            f"dvc.yaml has stages called {shown(set(names.values()) & stages.keys())}, which run "
            "something else. Rename them, or audit from a folder of its own "
            "(docs/several-datasets.md)."
        )
    return names


def _refuse_taken(project: Path, files: Sequence[str], outputs: Sequence[Output]) -> None:
    """Raise where an output of the audit is somebody else's."""
    others = {it.path: it.by for it in tracked_data(project, outputs)}
    others |= dict.fromkeys(files, "git")
    for path, by in others.items():
        if any(_overlap(Path(path), Path(output)) for output in OUTPUTS):
            raise ParamsError(
                f"The audit would write to {path}, which is kept by {by}. Move that, or audit from "
                "a folder of its own: `mkdir audit`, and there `cgaudit init --data ../DATA` "
                "(docs/several-datasets.md)."
            )


def _overlap(a: Path, b: Path) -> bool:
    return a.is_relative_to(b) or b.is_relative_to(a)


def upgraded(text: str) -> str | None:
    """Return params.yaml with this release's recipe; None where it has it.

    Raises
    ------
    ParamsError
        There is no section `cgaudit`, or its recipe is newer than this release knows.
    """
    section = load(text, PARAMS).get("cgaudit")
    if not isinstance(section, CommentedMap):
        raise ParamsError("params.yaml has no section `cgaudit`. Run `cgaudit init` to add one.")
    recipe = section.get("recipe", RECIPE)
    if not isinstance(recipe, int) or recipe > RECIPE:
        raise ParamsError(
            f"params.yaml: cgaudit.recipe is {recipe!r}, and this release knows only up to "
            f"{RECIPE}. Install a newer cgaudit."
        )
    if recipe == RECIPE:
        return None
    return with_scalar(text, ("cgaudit", "recipe"), str(RECIPE), PARAMS)


def with_ridge(text: str, ridge: float) -> str:
    """Return params.yaml with another λ."""
    return with_scalar(text, ("cgaudit", "score", "ridge"), f"{ridge:g}", PARAMS)


def with_state(text: str, state: str) -> str | None:
    """Return dvc.yaml in which the audit's features depend on a fitted state.

    None where somebody else's stages make the features, none of which depends on it.

    Raises
    ------
    ParamsError
        The stage's dependencies are written in a way that cannot be added to.
    """
    stages = load(text, PIPELINE).get("stages") or {}
    known = [stage for stage in stages.values() if isinstance(stage, CommentedMap)]
    if any(state in (stage.get("deps") or ()) for stage in known):
        return text
    names = stages_there(stages)
    if not names:
        return None
    return with_item(text, ("stages", names["featurize"], "deps"), state, PIPELINE)


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""
