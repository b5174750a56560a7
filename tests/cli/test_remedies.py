"""What a message tells its reader to run or to set exists, under that name."""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from dvc.cli.parser import get_main_parser

import cgaudit
from cgaudit.cli import cli
from cgaudit.params import Params

PACKAGE = Path(cgaudit.__file__).parent
#: Come with programs of their own.
OTHERS = {"annex", "lfs"}
#: Stands for what is filled in.
GAP = "X"


def of_code(tree: ast.AST) -> Iterator[str]:
    """Yield the texts of a module, but for its docstrings."""
    parts, docs = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts.update(map(id, node.values))
        if isinstance(node, ast.Expr):
            docs.add(id(node.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                str(it.value) if isinstance(it, ast.Constant) else GAP for it in node.values
            )
        elif isinstance(node, ast.Constant) and id(node) not in parts | docs:
            yield str(node.value)


@cache
def texts() -> tuple[str, ...]:
    found = (of_code(ast.parse(file.read_text())) for file in PACKAGE.rglob("*.py"))
    return tuple(text for one in found for text in one)


def named(pattern: str) -> list[str]:
    return sorted({match for text in texts() for match in re.findall(pattern, text)})


def command(program: str) -> list[list[str]]:
    said = [words.split() for words in named(rf"`{program} ([^`]+)`")]
    return [words for words in said if words[0] != GAP]


@pytest.mark.parametrize("words", command("cgaudit"), ids=" ".join)
def test_a_command_of_ours_is_one(words: list[str]) -> None:
    verb = cli.get_command(click.Context(cli), words[0])
    assert verb is not None
    known = {name for parameter in verb.params for name in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= known


def test_an_option_of_ours_is_one() -> None:
    known = {
        name
        for verb in cli.commands.values()
        for parameter in verb.params
        for name in (*parameter.opts, *parameter.secondary_opts)
    }
    # As messages name them: at the beginning, or after a word.
    told = named(r"(?:Name|Set|Give|With|with|by|or|use|Use|pass|Pass|see|raise) (--[a-z][a-z-]+)")
    assert told
    assert set(told) <= known


@pytest.mark.parametrize("words", command("dvc"), ids=" ".join)
def test_a_command_of_dvc_is_one(words: list[str]) -> None:
    parser: argparse.ArgumentParser = get_main_parser()
    for word in words:
        below = [it for it in parser._actions if isinstance(it, argparse._SubParsersAction)]
        if word.startswith("-"):
            assert word in parser._option_string_actions
        elif below:
            parser = below[0].choices[word]


@pytest.mark.parametrize("verb", sorted({words[0] for words in command("git")} - {GAP} - OTHERS))
def test_a_command_of_git_is_one(verb: str) -> None:
    done = subprocess.run(["git", verb, "-h"], capture_output=True, text=True, check=False)
    assert "is not a git command" not in done.stderr
    assert "usage: git" in done.stdout + done.stderr


def test_a_parameter_is_one() -> None:
    sections = {
        name: field.annotation.model_fields
        for name, field in Params.model_fields.items()
        if hasattr(field.annotation, "model_fields")
    }
    told = named(rf"(?<![\w.])((?:{'|'.join(sections)})\.(?!html\b)[a-z_]+)\b")
    assert len(told) > 5
    wrong = [key for key in told if key.split(".")[1] not in sections[key.split(".")[0]]]
    assert wrong == []
