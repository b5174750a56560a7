"""What `cgaudit init` adds to dvc.yaml and params.yaml, as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from cgaudit.params import RECIPE, Params
from cgaudit.project import NAMED, REVIEWED
from cgaudit.results.form import FORMS
from cgaudit.scaffold.yamltext import scalar

STAGES = ("featurize", "score", "report")
#: Before the names of the stages where one of them is taken.
PREFIX = "audit-"
COMMANDS = {name: f"cgaudit {name}" for name in STAGES}

_FEATURES = [path.as_posix() for path in (NAMED.features, NAMED.samples, NAMED.unreadable)]
_PLOTS, _SKIPPED = NAMED.plots.as_posix(), NAMED.skipped.as_posix()
_SUMMARY, _PAGE = NAMED.summary.as_posix(), NAMED.page.as_posix()
#: Everything that the stages write, the scores in either form.
OUTPUTS = (
    *(*_FEATURES, _PLOTS, _SKIPPED, _SUMMARY, _PAGE),
    *(form.as_posix() for form in FORMS),
)

_SCORES_PLOT = f"""\
- {NAMED.plots.as_posix()}/label_score.json:
    x: samples
    y: label_score
    template: bar_horizontal
    title: Label scores (low is suspicious)
"""
_CLASSES_PLOTS = f"""\
- {NAMED.plots.as_posix()}/confusion.json:
    x: suggested
    y: given
    template: confusion
    title: Flagged labels, given and suggested
"""
_QUALITY_PLOT = f"""\
- {NAMED.plots.as_posix()}/class_quality.json:
    x: label_quality
    y: class
    template: bar_horizontal
    title: Label quality by class
"""
_NUMBERS_PLOT = f"""\
- {NAMED.plots.as_posix()}/residuals.json:
    x: value
    y: residual
    template: scatter
    title: Residuals (value less what the rest of the data says)
"""
#: The plots of each task.
PLOTS = {
    "classification": _SCORES_PLOT + _CLASSES_PLOTS + _QUALITY_PLOT,
    "regression": _SCORES_PLOT + _NUMBERS_PLOT,
    "multilabel": _SCORES_PLOT + _QUALITY_PLOT.replace("class\n", "label\n"),
}


def stages_text(params: Params, names: Mapping[str, str], scores: Path, *, learns: bool) -> str:
    """Return the three stages as entries of ``stages`` in dvc.yaml.

    Parameters
    ----------
    params
        Names the data.
    names
        What each of `STAGES` is called.
    scores
        The form that the scores have.
    learns
        Whether the featurizer has a fitted state.
    """
    source, state = params.source, [params.featurize.state] if learns else []
    labels = [source.labels] if source.labels else []
    # Where boxes lie is part of what is featurized and shown, and their classes come with it.
    boxes = labels if source.are_boxes else []
    labels = [] if source.are_boxes else labels
    # What the report shows: not the plots, which are DVC's.
    scored = [scores.as_posix(), _SKIPPED]
    read = [_FEATURES[0], *scored, _SUMMARY]
    # How many labels a cell holds is a matter of the task, where the data itself has them.
    read_as = ["cgaudit.score.task"] if params.sets is not None and not source.labels else []
    blocks = [
        _stage(names, "featurize", [*state, source.path, *boxes], _FEATURES, read_as),
        _stage(names, "score", [*labels, *_FEATURES, REVIEWED], [_PLOTS, *scored])
        + _list("metrics", [_SUMMARY]).rstrip("\n")
        + ":\n        cache: false\n",
        _stage(names, "report", [source.path, *boxes, *read], [_PAGE]),
    ]
    return "".join(blocks)


def _stage(
    names: Mapping[str, str],
    stage: str,
    deps: Sequence[str],
    outs: Sequence[str],
    more: Sequence[str] = (),
) -> str:
    params = ["cgaudit.recipe", "cgaudit.source", f"cgaudit.{stage}", *more]
    return stage_text(names[stage], COMMANDS[stage], deps, params, outs)


def stage_text(
    name: str, command: str, deps: Sequence[str], params: Sequence[str], outs: Sequence[str]
) -> str:
    """Return one stage as an entry of ``stages`` in dvc.yaml."""
    return (
        f"{name}:\n  cmd: {command}\n"
        + _list("deps", sorted(set(deps)))
        + _list("params", sorted(params))
        + _list("outs", outs)
    )


def _list(key: str, items: Sequence[str]) -> str:
    return "".join([f"  {key}:\n", *(f"    - {scalar(item)}\n" for item in items)])


_EXACT = [
    "  # The same bytes on every CPU, so that dvc.lock stays as it is; float32 is faster.",
    "  precision: float64",
]


def _task(params: Params) -> list[str]:
    if params.score.task == "classification":
        return []
    what = {
        "regression": "Labels are numbers that measure something.",
        "multilabel": "A sample may have several labels.",
    }[params.score.task]
    return [f"  # {what}", f"  task: {params.score.task}"]


def _numbers_limits(params: Params) -> list[str]:
    return ["  # max_typical_residual: 10"] if params.score.task == "regression" else []


def section_text(params: Params, *, learns: bool) -> str:
    """Return the ``cgaudit`` section of params.yaml, below its key."""
    source = {
        name: value
        for name, value in params.source.model_dump(exclude_defaults=True).items()
        if isinstance(value, str)
    }
    source = {"path": params.source.path, **source}
    lines = [
        f"recipe: {RECIPE}",
        "source:",
        *(f"  {name}: {scalar(value)}" for name, value in source.items()),
        "featurize:",
        f"  name: {scalar(params.featurize.name)}",
        *([f"  state: {scalar(params.featurize.state)}"] if learns else []),
        "score:",
        *_task(params),
        "  # Chosen for the data as it is now, and kept: versions scored in different ways cannot",
        "  # be compared.",
        f"  method: {params.score.method}",
        *([f"  landmarks: {params.score.landmarks}"] if params.score.landmarks else []),
        f"  ridge: {params.score.ridge}",
        *(_EXACT if params.score.precision == "float64" else []),
        "report:",
        f"  title: {scalar(params.report.title)}",
        "# What `cgaudit check` holds a change to.",
        "check:",
        "  max_quality_drop: 0.01",
        "  # max_contradicted: 0",
        "  # max_issue_rate: 0.1",
        *_numbers_limits(params),
    ]
    return "".join(f"{line}\n" for line in lines)
