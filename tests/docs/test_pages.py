"""What the pages of docs/ and the README say, held against what the commands take and print."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
import yaml
from places import ROOT

from cgaudit.cli import cli

DOCS = sorted(ROOT.glob("docs/**/*.md"))
PAGES = [ROOT / "README.md", ROOT / "llms.txt", *sorted(ROOT.glob("skills/*/SKILL.md")), *DOCS]
#: Text of every string of the package; what is filled in is a NUL.
FILLED = "\0"


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_that_are_shown_have_these_options(page: Path) -> None:
    unknown = [
        (line, word)
        for line in shown_commands(page.read_text(encoding="utf-8"))
        for word in unknown_words(line)
    ]
    assert unknown == []


def shown_commands(text: str) -> Iterator[str]:
    """Yield each command line of cgaudit in blocks of code, and in the midst of text."""
    for block in re.findall(r"^ *```\w*\n(.*?)^ *```$", text, flags=re.DOTALL | re.MULTILINE):
        for line in block.replace("\\\n", " ").splitlines():
            if re.match(r"\s*cgaudit [a-z]", line):
                yield line.split("#")[0].strip()
    yield from (" ".join(found.split()) for found in re.findall(r"`(cgaudit [a-z][^`]*)`", text))


def unknown_words(line: str) -> list[str]:
    """Return the words of a command line that the command does not know."""
    _, *words = re.split(r"[|;>]|&&", line)[0].replace("'", "").replace('"', "").split()
    command: click.Command = cli
    while isinstance(command, click.Group) and words:
        name = words.pop(0)
        if name not in command.commands:
            return [name] if name.islower() else []
        command = command.commands[name]
    known = {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
    options = [word.partition("=")[0] for word in words if word.startswith("--")]
    return [option for option in options if option not in {*known, "--help"}]


def test_the_check_sees_a_wrong_option_and_a_wrong_command() -> None:
    text = "```\ncgaudit audit photos/ --lables x\n```\nand `cgaudit scroe` and `cgaudit init --ci`"
    assert [word for line in shown_commands(text) for word in unknown_words(line)] == [
        "--lables",
        "scroe",
    ]


def test_the_readme_names_every_command() -> None:
    readme = PAGES[0].read_text(encoding="utf-8")
    assert [name for name in cli.commands if f"cgaudit {name}`" not in readme] == []


def test_the_readme_is_read_in_five_minutes() -> None:
    """At 250 words a minute."""
    assert len(PAGES[0].read_text(encoding="utf-8").split()) < 1250


def test_what_agents_are_told_to_read_is_there() -> None:
    text = (ROOT / "llms.txt").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(links) > 10
    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_a_skill_says_what_it_is_called_and_when_it_is_of_use() -> None:
    for file in ROOT.glob("skills/*/SKILL.md"):
        _, head, _ = file.read_text(encoding="utf-8").split("---\n", 2)
        told = yaml.safe_load(head)
        assert told["name"] == file.parent.name
        assert "Use when" in told["description"]


def test_every_page_is_in_the_navigation() -> None:
    # The one tag in it names a function, for links to headings; it is not called here.
    text = re.sub(r"!!python\S+", "", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    listed: list[str] = []

    def visit(entry: object) -> None:
        if isinstance(entry, str):
            listed.append(entry)
        else:
            for each in entry.values() if isinstance(entry, dict) else entry:
                visit(each)

    visit(yaml.safe_load(text)["nav"])
    assert sorted(listed) == [str(page.relative_to(ROOT / "docs")) for page in DOCS]


def messages() -> list[str]:
    """Return the messages that the page on troubleshooting explains."""
    text = (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8")
    return re.findall(r"^### `(.*)`$", text, flags=re.MULTILINE)


@pytest.mark.parametrize("message", messages())
def test_messages_that_are_explained_are_still_said(message: str) -> None:
    pattern = ".*".join(re.escape(part) for part in message.split("…"))
    assert any(re.search(pattern, text) for text in strings())


@cache
def strings() -> tuple[str, ...]:
    """Return the texts that the package's modules hold."""
    trees = [ast.parse(file.read_text("utf-8")) for file in (ROOT / "cgaudit").rglob("*.py")]
    return tuple(text_of(node) for tree in trees for node in ast.walk(tree))


def text_of(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or FILLED for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_how_near_to_one_random_labels_are_is_what_the_table_shows() -> None:
    text = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    section = text.split("## The data as a whole")[1].split("\n## ")[0]
    rows = [line.split("|")[1:-1] for line in section.splitlines() if "| shuffled |" in line]
    growth = [
        (int(size.replace(",", "")), float(value))
        for row in rows
        for size, value in re.findall(r"([\d,]+): ([\d.]+)", row[3])
    ]
    pairs = [float(value) for row in rows for value in re.findall(r" ([\d.]+)(?=,|\s*$)", row[5])]
    assert (len(growth), len(pairs)) == (23, 12)
    told = re.findall(r"\b0\.\d+\b", section.split("Labels in random order, one order a set")[1])
    within, from_250, of_pairs = map(float, told)
    assert round(max(abs(value - 1) for _, value in growth), 3) == within
    assert round(max(abs(value - 1) for size, value in growth if size >= 250), 3) == from_250
    assert round(max(abs(value - 1) for value in pairs), 2) == of_pairs
