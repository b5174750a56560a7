"""The ``cgaudit`` section of params.yaml: its model, its loader and the recipe number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, cast, get_args, get_origin

from pydantic import (
    BaseModel,
    ByteSize,
    ConfigDict,
    Field,
    FiniteFloat,
    PlainValidator,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from cgaudit.errors import ParamsError
from cgaudit.installed import upgrade
from cgaudit.reading.files import Damage, bytes_of
from cgaudit.reading.text import json_of, yaml_of
from cgaudit.wording.text import nearest, visible

#: Raised by a release whose numbers differ from the one before (CHANGELOG says why).
RECIPE = 2

#: So much is said of a value that is wrong.
_SHOWN = 200

Kind = Literal["auto", "images", "features", "text", "table", "boxes"]
#: Labels with these suffixes are annotations of boxes: no table has them.
_OF_BOXES = (".json", ".xml")
Method = Literal["auto", "exact", "iterative", "lowrank", "sampled"]
Likelihood = Literal["gaussian", "softmax", "both"]
Task = Literal["classification", "regression", "multilabel"]
Precision = Literal["float32", "float64"]
Rule = Literal["herding", "k_centre", "random", "cg_high", "cg_low", "coverage"]
IssueRule = Literal["ranked", "confident_learning", "disagreement"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceParams(_Section):
    """Where the data and its labels are, and which columns hold what."""

    path: str = "data"
    labels: str | None = None
    kind: Kind = "auto"
    id_column: str | None = None
    label_column: str | None = None
    split_column: str | None = None
    split_folders: bool | None = None
    image_column: str | None = None
    text_column: str | None = None
    embedding_column: str | None = None
    feature_columns: list[str] | None = None
    max_pixels: int = Field(default=50_000_000, ge=1)
    grey_bits: int | None = Field(default=None, ge=8, le=16)
    box_margin: float = Field(default=0.1, ge=0, le=2)
    on_error: Literal["skip", "fail"] = "skip"

    @property
    def are_boxes(self) -> bool:
        """Whether the samples are boxes in pictures: said, or the labels can be nothing else."""
        named = (self.labels or "").lower().endswith(_OF_BOXES)
        return self.kind == "boxes" or (self.kind == "auto" and named)


class FeaturizeParams(_Section):
    """Which featurizer turns samples into vectors, and where its fitted state is kept."""

    name: str = "auto"
    state: str = "data/featurizer.npz"
    seed: int = 0
    options: dict[str, Any] = Field(default_factory=dict)


def _ridge(value: object) -> float | str:
    if value == "auto":
        return "auto"
    try:
        return TypeAdapter(Annotated[FiniteFloat, Field(ge=0)]).validate_python(value)
    except ValidationError:
        # One message, where pydantic would give one for each member of the union.
        raise PydanticCustomError(
            "ridge", "Input should be auto or a number of at least 0"
        ) from None


def _switch(value: object) -> bool | str:
    if value == "auto" or isinstance(value, bool):
        return value
    raise PydanticCustomError("switch", "Input should be auto, true or false")


#: On, off, or as it pays.
Switch = Annotated[bool | Literal["auto"], PlainValidator(_switch)]


class ScoreParams(_Section):
    """How the features and labels are scored."""

    task: Task = "classification"
    method: Method = "auto"
    ridge: Annotated[float | Literal["auto"], PlainValidator(_ridge)] = 0.1
    likelihood: Likelihood = "both"
    landmarks: int | None = Field(default=None, ge=1)
    seed: int = 0
    precision: Precision = "float32"
    device: str = "auto"
    memory_limit: ByteSize | None = None
    keep_factor: Switch = "auto"
    draws: int = Field(default=20, ge=1)
    ratio: float = Field(default=1.0, gt=0)
    tolerance: float = Field(default=2e-3, gt=0, lt=1)
    issue_rule: IssueRule = "ranked"
    strictness: float = Field(default=0.0, ge=0, le=1)
    outliers: Switch = "auto"
    box_overlap: float = Field(default=0.7, gt=0, le=1)
    outlier_threshold: float = Field(default=1.5, ge=0, allow_inf_nan=False)
    near_duplicate_threshold: float = Field(default=0.4, ge=0, le=1)


class SelectParams(_Section):
    """Which part of the data `cgaudit select` keeps, or would have labelled first."""

    rule: Rule = "herding"
    share: float = Field(default=0.3, gt=0, le=1)
    balance: Literal["share", "equal", "none"] = "share"
    flagged: Literal["auto", "drop", "keep"] = "auto"
    among: Literal["labelled", "unlabelled"] = "labelled"
    stable: bool = True
    curve: bool = True
    seed: int = 0


class ReportParams(_Section):
    """What the HTML report shows."""

    title: str = "Label audit"
    samples: int = Field(default=300, ge=0, le=5000)
    random_samples: int = Field(default=100, ge=0, le=5000)
    seed: int = 0
    thumbnail: int | None = Field(default=None, ge=16, le=512)
    neighbours: int = Field(default=4, ge=0, le=12)


class DiffParams(_Section):
    """What counts as a change when two versions are compared, and how much the page shows."""

    band: float = Field(default=0.1, ge=0, le=1)
    tolerance: float = Field(default=0.01, ge=0, le=1)
    samples: int = Field(default=500, ge=0, le=5000)


class ClassLimits(_Section):
    """What one class may not exceed or fall below."""

    max_issue_rate: float | None = Field(default=None, ge=0, le=1)
    min_label_quality: float | None = Field(default=None, ge=0, le=1)


class CheckParams(_Section):
    """The limits of `cgaudit check`; one that is not given is not checked.

    The first five hold for the whole data set (the two on near-duplicates count sets, and need
    `score.outliers`; the fifth counts places that boxes of different classes cover), the sixth for
    labels that are numbers, in their unit; `any_class` for each of its classes, `classes` for those
    it names (which `any_class` then leaves out); the last four compare two versions.
    """

    max_issue_rate: float | None = Field(default=None, ge=0, le=1)
    min_label_quality: float | None = Field(default=None, ge=0, le=1)
    max_duplicate_conflicts: int | None = Field(default=None, ge=0)
    max_split_leaks: int | None = Field(default=None, ge=0)
    max_overlap_issues: int | None = Field(default=None, ge=0)
    max_typical_residual: float | None = Field(default=None, ge=0)
    any_class: ClassLimits = ClassLimits()
    classes: dict[str, ClassLimits] = Field(default_factory=dict)
    max_introduced: int | None = Field(default=None, ge=0)
    max_contradicted: int | None = Field(default=None, ge=0)
    max_quality_drop: float | None = Field(default=None, ge=0, le=1)
    max_silenced: int | None = Field(default=None, ge=0)


class Params(_Section):
    """The whole section."""

    recipe: int = RECIPE
    source: SourceParams = SourceParams()
    featurize: FeaturizeParams = FeaturizeParams()
    score: ScoreParams = ScoreParams()
    select: SelectParams = SelectParams()
    report: ReportParams = ReportParams()
    diff: DiffParams = DiffParams()
    check: CheckParams = CheckParams()


def load_params(path: Path, *, any_recipe: bool = False) -> Params:
    """Read and check the ``cgaudit`` section of a params.yaml.

    Parameters
    ----------
    any_recipe
        Take another recipe than this release's too: for what computes nothing.

    Raises
    ------
    ParamsError
        No such file, no such section, an unknown key, a bad value, or another recipe.
    """
    try:
        data = bytes_of(path)
    except FileNotFoundError:
        raise ParamsError(f"There is no {path} here. {_where_else(path)}") from None
    except Damage as damage:
        raise ParamsError(f"{path} cannot be read: {damage}. Restore it from git.") from None
    return read_params(data, str(path), any_recipe=any_recipe)


def _where_else(path: Path) -> str:
    for folder in path.absolute().parent.parents:
        if (folder / path.name).exists():
            return f"There is one in {folder}: run this in that folder."
    return (
        "Run `cgaudit init` in your DVC repo to make one, or `cgaudit audit SOURCE` to audit data "
        "without it."
    )


def read_params(data: bytes, where: str, *, any_recipe: bool = False) -> Params:
    """Check the ``cgaudit`` section in the bytes of a params.yaml, as `load_params` does.

    Raises
    ------
    ParamsError
        As `load_params`.
    """
    try:
        content = yaml_of(data)
    except Damage as damage:
        raise ParamsError(
            f"{where} cannot be read: {damage}. Mend it, or restore it from git."
        ) from None
    if not isinstance(content, dict) or "cgaudit" not in content:
        raise ParamsError(f"{where} has no section `cgaudit`. Run `cgaudit init` to add one.")
    params = parse_params(content["cgaudit"] or {}, where=f"{where}: cgaudit")
    if not any_recipe:
        _check_recipe(params.recipe, where)
    return params


def asked_of(params: Params) -> dict[str, Any]:
    """Return what an audit was asked for, as `load_asked` reads it, without what is as usual."""
    return {"recipe": params.recipe, **params.model_dump(mode="json", exclude_defaults=True)}


def load_asked(path: Path) -> Params:
    """Read what an audit was asked for.

    Raises
    ------
    ParamsError
        No such file, an unknown key, a bad value, or another recipe.
    """
    again = "Run `cgaudit audit` again, with this folder as --out."
    try:
        content = json_of(bytes_of(path))
    except FileNotFoundError:
        raise ParamsError(
            f"There is no {path}: {path.parent} is no audit's folder. {again}"
        ) from None
    except Damage as damage:
        raise ParamsError(f"{path} cannot be read: {damage}. {again}") from None
    params = parse_params(content, where=str(path))
    if params.recipe != RECIPE:
        raise ParamsError(
            f"{path} is of recipe {params.recipe}; this release computes recipe {RECIPE}, whose "
            f"numbers differ. {again}"
        )
    return params


def parse_params(section: object, where: str) -> Params:
    """Check a section against the model.

    Raises
    ------
    ParamsError
        With every problem found: the key's path, what it holds, what it may hold.
    """
    try:
        params = Params.model_validate(section)
    except ValidationError as error:
        problems = [_problem(detail, where) for detail in error.errors()]
        raise ParamsError(*problems) from None
    if contradictions := [f"{where}.{problem}" for problem in _contradictions(params)]:
        raise ParamsError(*contradictions)
    return params


def _contradictions(params: Params) -> Iterator[str]:
    """Yield the parameters that make no sense with the task, each with what to do."""
    score, check = params.score, params.check
    if score.task == "classification":
        if check.max_typical_residual is not None:
            yield (
                "check.max_typical_residual is for labels that are numbers. Remove it, or set "
                "score.task: regression."
            )
        return
    if score.task == "multilabel":
        yield (
            "score.task: multilabel is scored by `cgaudit.score_labels` only, from Python. The "
            "pipeline takes classification, in which each set of labels is a class of its own, and "
            "regression."
        )
        return
    if params.source.are_boxes:
        yield (
            "score.task is regression, and the samples are boxes, whose labels are classes "
            "(source.kind). Set score.task: classification."
        )
    if score.method == "sampled":
        yield (
            "score.method: sampled estimates scores of classes, and score.task is regression. Set "
            "score.method to auto, exact, iterative or lowrank."
        )
    for name in ("likelihood", "issue_rule"):
        if getattr(score, name) != ScoreParams.model_fields[name].default:
            yield (
                f"score.{name} is about classes, and score.task is regression, which flags by the "
                "size of residuals. Remove it."
            )
    for name in ("any_class", "classes"):
        if getattr(check, name) != getattr(CheckParams(), name):
            yield f"check.{name} limits classes, and score.task is regression. Remove it."


def _problem(detail: Any, where: str) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    path = [str(part) for part in detail["loc"]]
    key = ".".join([where, *path])
    if detail["type"] == "extra_forbidden":
        known = _section(path[:-1]).model_fields
        names = ", ".join(known)
        return f"{key} is not a parameter.{nearest(path[-1], known)} Known here: {names}."
    held = visible(repr(detail["input"]), _SHOWN)
    return f"{key} is {held}: {detail['msg'][0].lower()}{detail['msg'][1:]}."


def _section(path: list[str]) -> type[BaseModel]:
    model: type[BaseModel] = Params
    keys = iter(path)
    for key in keys:
        annotation = model.model_fields[key].annotation
        if get_origin(annotation) is dict:
            next(keys, None)
            annotation = get_args(annotation)[1]
        model = cast("type[BaseModel]", annotation)
    return model


def _check_recipe(recipe: int, where: str) -> None:
    if recipe < RECIPE:
        raise ParamsError(
            f"{where} asks for recipe {recipe}; this release computes recipe {RECIPE}, whose "
            "numbers differ. Run `cgaudit init --upgrade` to move to it (all scores are computed "
            "anew), or install the release that your scores were made with."
        )
    if recipe > RECIPE:
        raise ParamsError(
            f"{where} asks for recipe {recipe}; this release knows only up to {RECIPE}. "
            f"Get a newer release: {upgrade()}."
        )
