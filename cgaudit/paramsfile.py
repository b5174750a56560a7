"""The ``cgaudit`` section as params.yaml holds it: read, and checked against its model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError

from cgaudit.errors import ParamsError
from cgaudit.installed import upgrade
from cgaudit.params import RECIPE, CheckParams, Params, ScoreParams
from cgaudit.reading.files import Damage, bytes_of
from cgaudit.reading.text import json_of, yaml_of
from cgaudit.wording.text import nearest, visible

#: So much is said of a value that is wrong.
_SHOWN = 200


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
    if params.source.label_separator is not None and score.task != "multilabel":
        yield (
            f"source.label_separator stands between several labels of a sample, and score.task is "
            f"{score.task}. Remove it, or set score.task: multilabel."
        )
    if score.task == "classification":
        if check.max_typical_residual is not None:
            yield (
                "check.max_typical_residual is for labels that are numbers. Remove it, or set "
                "score.task: regression."
            )
        return
    if params.source.are_boxes:
        yield (
            f"score.task is {score.task}, and the samples are boxes, whose labels are classes "
            "(source.kind). Set score.task: classification."
        )
    if score.method == "sampled":
        yield (
            f"score.method: sampled estimates scores of classes, and score.task is {score.task}. "
            "Set score.method to auto, exact, iterative or lowrank."
        )
    if score.task == "multilabel":
        yield from _contradictions_of_sets(params)
    else:
        yield from _contradictions_of_numbers(params)


def _contradictions_of_sets(params: Params) -> Iterator[str]:
    if params.score.likelihood != ScoreParams.model_fields["likelihood"].default:
        yield (
            "score.likelihood is about classes, of which a sample has one, and score.task is "
            "multilabel. Remove it."
        )
    if params.check.max_typical_residual is not None:
        yield (
            "check.max_typical_residual is for labels that are numbers, and score.task is "
            "multilabel. Remove it."
        )
    separator = params.source.label_separator
    if separator is not None and (any(it.isalnum() or it in '"[]' for it in separator)):
        yield (
            f"source.label_separator is {separator!r}, which labels and lists are written with. "
            "Name what stands between two labels, such as ';' or '|'."
        )


def _contradictions_of_numbers(params: Params) -> Iterator[str]:
    score, check = params.score, params.check
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
