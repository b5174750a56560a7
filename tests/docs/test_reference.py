"""docs/reference: as the code is now, and every key, command and column described."""

from __future__ import annotations

import json
import sys
import typing
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, Literal, NotRequired, get_args, get_origin

import click
import pytest
from click.testing import CliRunner
from datarepo import make_scores, new_repo
from places import ROOT

import cgaudit
from cgaudit.cli import cli
from cgaudit.params import Params
from cgaudit.results import columns
from cgaudit.results.metrics import Metrics
from cgaudit.results.table import Provenance

sys.path.insert(0, str(ROOT / "scripts"))
pytest.importorskip("griffe", reason="the extra `docs` is not installed")

from described import attributes, fields_of, reached
from make_reference import FOLDER, IN_SUMMARY, ROOTS, pages


@pytest.mark.parametrize("name", ["commands", "params", "columns", "json", "exit-codes"])
def test_a_page_is_what_the_code_says(name: str) -> None:
    file = FOLDER / f"{name}.md"
    assert file.read_text(encoding="utf-8") == pages()[file.name], (
        "stale: run `make docs`, and commit docs/reference"
    )


def models(model: Any = Params) -> typing.Iterator[type]:
    yield model
    for field in model.model_fields.values():
        held = [field.annotation, *get_args(field.annotation)]
        for each in held:
            if hasattr(each, "model_fields"):
                yield from models(each)


@pytest.mark.parametrize("model", [*models()], ids=lambda model: model.__name__)
def test_every_parameter_is_described_and_no_other(model: Any) -> None:
    assert list(attributes(model)) == list(model.model_fields)


def test_every_column_is_described_and_no_other() -> None:
    assert list(columns.MEANINGS) == list(columns.types())


#: Every type that JSON is made of, each once, in one order.
TYPES = dict.fromkeys([*(cls for root in ROOTS.values() for cls in reached(root)),
                       *IN_SUMMARY.values(), Metrics, Provenance])  # fmt: skip


@pytest.mark.parametrize("cls", [*TYPES], ids=lambda cls: cls.__name__)
def test_every_key_of_json_is_described(cls: type) -> None:
    assert [it.name for it in fields_of(cls) if not it.means] == []


def commands(group: click.Group, name: str) -> typing.Iterator[str]:
    for sub in group.commands.values():
        yield f"{name} {sub.name}"
        if isinstance(sub, click.Group):
            yield from commands(sub, f"{name} {sub.name}")


def test_every_command_has_its_help() -> None:
    page = (FOLDER / "commands.md").read_text(encoding="utf-8")
    assert [name for name in commands(cli, "cgaudit") if f"# {name}\n" not in page] == []


def test_what_can_be_imported_is_on_the_page_of_python() -> None:
    page = (FOLDER / "python.md").read_text(encoding="utf-8")
    public = [name for name in cgaudit.__all__ if not name.startswith("__")]
    assert [name for name in public if f"::: cgaudit.{name}\n" not in page] == []


def test_the_json_has_the_keys_that_are_described(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = new_repo(tmp_path / "repo")
    repo.write("params.yaml", "cgaudit: {recipe: 2, check: {max_issue_rate: 0}}")
    for ids, labels in ((["1", "2"], ["a", "b"]), (["1", "2", "3"], ["b", "b", "a"])):
        repo.write_scores(make_scores(ids, labels, classes=("a", "b")))
        repo.commit("scores")
    monkeypatch.chdir(repo.project)
    said = {
        "diff": ["diff", "HEAD~1", "HEAD"],
        "check": ["check", "HEAD"],
        "history": ["history", "--moves"],
        "doctor": ["doctor"],
        "apply": ["apply", "fixes.csv", "--labels", "labels.csv", "--dry-run"],
    }
    repo.write("labels.csv", "id,label\n1,a\n2,a\n3,b\n")
    repo.write("fixes.csv", "id,action,label,given_label\n1,relabel,c,a\n2,drop,,a\n3,keep,,a\n")
    for name, words in said.items():
        done = CliRunner().invoke(cli, [*words, "--json"])
        assert fits(json.loads(done.stdout), ROOTS[name]) == [], name


def fits(value: Any, hint: Any, where: str = "") -> list[str]:
    """Return where JSON has other keys than its type."""
    origin, args = get_origin(hint), get_args(hint)
    if typing.is_typeddict(hint) or is_dataclass(hint):
        return fits_keys(value, typing.get_type_hints(hint, include_extras=True), where)
    if origin is list:
        return [each for item in value for each in fits(item, args[0], f"{where}[]")]
    if origin is dict:
        return [each for item in value.values() for each in fits(item, args[1], f"{where}.*")]
    if origin is Literal or value is None:
        return []
    return [each for arg in args for each in fits(value, arg, where)]


def fits_keys(value: dict[str, Any], hints: dict[str, Any], where: str) -> list[str]:
    needed = {key for key, hint in hints.items() if get_origin(hint) is not NotRequired}
    wrong = (needed - value.keys()) | (value.keys() - hints.keys())
    within = [
        each
        for key in value.keys() & hints.keys()
        for each in fits(value[key], hints[key], f"{where}.{key}")
    ]
    return [*(f"{where}.{key}" for key in wrong), *within]
