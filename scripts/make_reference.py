"""Write docs/reference: commands, parameters, columns, JSON and exit codes, as the code has them.

    python scripts/make_reference.py

Needs the extra `docs`. Tests fail where a page is not what this writes, and where a key, a command
or a column is not described. docs/reference/python.md is filled in when the site is built.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args, get_origin

import click
from described import attributes, fields_of, in_words, reached, summary
from pydantic import BaseModel

from cgaudit import errors
from cgaudit.cli import cli
from cgaudit.doctor.finding import Examined
from cgaudit.dynamics import table as dynamics
from cgaudit.errors import EXIT_GATE, EXIT_USAGE, CgauditError, UnreadableSample
from cgaudit.imported import table as imported
from cgaudit.params import Params
from cgaudit.results import columns
from cgaudit.results.applied import Applied
from cgaudit.results.change import Diff
from cgaudit.results.gate import Checked
from cgaudit.results.metrics import Health, Metrics, PairMetric
from cgaudit.results.parts import BLOCK
from cgaudit.results.reading import ColumnReading
from cgaudit.results.table import HARMLESS, Provenance
from cgaudit.results.timeline import Timeline
from cgaudit.selection import table as selection

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
MADE = "<!-- Made by scripts/make_reference.py; change the code instead. -->\n\n"
#: Help is written as wide as a page of the site.
WIDTH = 92
#: What summary.json calls fields of `Metrics` that are maps.
MAPS = {"classes": "class", "columns": "column", "pairs": "pair"}
#: The type of each command's JSON, but for that of an audit, which is summary.json's.
ROOTS: dict[str, type] = {
    "diff": Diff,
    "check": Checked,
    "history": Timeline,
    "doctor": Examined,
    "apply": Applied,
}
#: The types of maps in summary.json.
IN_SUMMARY = {"class": Health, "pair": PairMetric, "column": ColumnReading}


def pages() -> dict[str, str]:
    """Return the text of every page, by the name of its file."""
    made = {
        "commands": commands(),
        "params": params(),
        "columns": scores(),
        "json": as_json(),
        "exit-codes": exit_codes(),
    }
    return {f"{name}.md": f"{MADE}{text.rstrip()}\n" for name, text in made.items()}


def commands() -> str:
    """Return every command's help."""
    parts = [
        "# Commands",
        "Results go to stdout, progress and messages to stderr. `-h` and `--help` print what is "
        "below.",
        *_helps(cli, "cgaudit", 1),
    ]
    return "\n\n".join(parts)


def _helps(command: click.Command, name: str, depth: int) -> Iterator[str]:
    context = click.Context(
        command, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH,
        help_option_names=["-h", "--help"],
    )  # fmt: skip
    if depth > 1:
        yield f"{'#' * depth} {name}"
    yield f"```text\n{command.get_help(context).rstrip()}\n```"
    if isinstance(command, click.Group):
        for sub in command.commands.values():
            yield from _helps(sub, f"{name} {sub.name}", depth + 1)


def params() -> str:
    """Return every key of the section `cgaudit` of params.yaml."""
    parts = [
        "# params.yaml",
        "The section `cgaudit`. A key that is not given has its default; one that is unknown is "
        "refused, with the nearest right name. `cgaudit init` writes the section.",
        *_section(Params, ""),
    ]
    return "\n\n".join(parts)


def _section(model: type[BaseModel], path: str) -> Iterator[str]:
    rows, parts = [], []
    means = attributes(model)
    for name, field in model.model_fields.items():
        by_label, part = _part(field.annotation)
        key, default = f"`{name}`", f"`{_yaml(field.get_default(call_default_factory=True))}`"
        if part is not None:
            title = f"{path}{name}{'.LABEL' * by_label}"
            parts.append((part, title))
            key, default = f"[`{name}`](#{title.lower().replace('.', '')})", ""
        holds = _bounded(in_words(field.annotation), field.metadata)
        rows.append((key, holds, default, means.get(name, "")))
    if path:
        yield f"## {path.rstrip('.')}"
        yield summary(model)
    yield _table(("key", "holds", "default", "meaning"), rows)
    for part, title in parts:
        yield from _section(part, f"{title}.")


def _part(annotation: Any) -> tuple[bool, type[BaseModel] | None]:  # noqa: ANN401 - any type
    """Return whether a key is a map, and the model that it holds, itself or by label."""
    by_label = get_origin(annotation) is dict
    held = get_args(annotation)[1] if by_label else annotation
    is_model = isinstance(held, type) and issubclass(held, BaseModel)
    return by_label, held if is_model else None


def _yaml(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _bounded(words: str, metadata: Iterable[object]) -> str:
    names = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    said = [
        f"{text} {getattr(each, name):,}"
        for each in metadata
        for name, text in names.items()
        if getattr(each, name, None) is not None
    ]
    return ", ".join([words, *said])


def scores() -> str:
    """Return every column of the tables that are written."""
    always = set(columns.SCHEMA.names)
    rows = [
        (f"`{name}`", str(type_), "always" if name in always else "", columns.MEANINGS[name])
        for name, type_ in columns.types().items()
    ]
    record = [(f"`{it.name}`", it.holds, it.means) for it in fields_of(Provenance)]
    parts = [
        "# The scores table",
        "`reports/scores.parquet`, or `scores.parquet` in the folder of an audit: a row a sample, "
        "sorted by id. Values are rounded, so that the same input gives the same bytes. What each "
        "says, and what not: [how to read the figures](../reading.md).",
        f"Of more than {BLOCK:,} samples it is a folder, `reports/scores`, with a file a part: the "
        "rows whose `content_hash` begins alike, sorted by id, the hash as 16 bytes. "
        '`pandas.read_parquet("reports/scores")` reads them all. A stage writes whichever of the '
        "two dvc.yaml names, and every command reads either ([many samples](../scale.md)).",
        _table(("column", "type", "there", "meaning"), rows),
        "## How it was computed",
        "The metadata of the file has, under the key `cgaudit`, a JSON object. Two tables that "
        f"differ in any of it but {_listed(sorted(HARMLESS))} are not compared.",
        _table(("key", "holds", "meaning"), record),
        "## reports/dynamics.parquet",
        f"By [`cgaudit dynamics`](../dynamics.md): {_listed(dynamics.SCHEMA.names)}.",
        "## reports/imported.parquet",
        "By [`cgaudit import`](../other-tools.md): "
        f"{_listed(imported.KEYS.names)}, and `{imported.PREFIX}COLUMN` per column of numbers.",
        "## reports/selection.parquet",
        f"By [`cgaudit select`](../selection.md): {_listed(selection.SCHEMA.names)}.",
    ]
    return "\n\n".join(parts)


def as_json() -> str:
    """Return the JSON of the commands that machines read."""
    parts = [
        "# JSON",
        "What `--json` prints. A key that is not called optional is always there; keys may be "
        "added, none is renamed or dropped within a recipe. Characters that could act on a "
        "terminal are escaped. With `--missing-ok`, `cgaudit diff` may print "
        '`{"neutral": REASON}` instead.',
    ]
    for command, root in ROOTS.items():
        for number, each in enumerate(reached(root)):
            name = each.__name__.lstrip("_")
            parts.append(f"### {command}: {name}" if number else f"## cgaudit {command}")
            parts += [summary(each), _fields(each)]
    parts += [
        "## cgaudit audit",
        "What `summary.json` has, and `report`, the path of the page. No lists, as DVC keeps none; "
        "a figure that a version does not have is left out. Names of classes are made safe for "
        "DVC's dotted keys.",
        _fields(Metrics, MAPS),
    ]
    for key, cls in IN_SUMMARY.items():
        parts += [f"### summary.json: {key}.NAME", summary(cls), _fields(cls)]
    return "\n\n".join(parts)


def _fields(cls: type, keys: Mapping[str, str] | None = None) -> str:
    """Return a table of a type's keys, some of which JSON calls otherwise."""
    called = keys or {}
    rows = [(f"`{called.get(it.name, it.name)}`", it.holds, it.means) for it in fields_of(cls)]
    return _table(("key", "holds", "meaning"), rows)


def exit_codes() -> str:
    """Return what commands end with."""
    codes = [
        ("0", "Done."),
        (str(EXIT_GATE), "A gate said no: a limit of `check` is broken, `doctor` found what would "
         "fail, or work that was sent to a cluster was lost."),
        (str(EXIT_USAGE), "Bad usage or bad input, with one message: what, where, what was found, "
         "what to do next. `apply`: a decision is in conflict, and nothing was written."),
        ("130, 129, 143", "Interrupted, hung up, told to end: outputs are what they were before."),
    ]  # fmt: skip
    rows = [
        (f"`{cls.__name__}`", str(cls.exit_code), summary(cls))
        for _, cls in inspect.getmembers(errors, inspect.isclass)
        if issubclass(cls, CgauditError) and cls not in (CgauditError, UnreadableSample)
    ]
    parts = [
        "# Exit codes",
        _table(("code", "means"), codes),
        "Anything else is a fault of cgaudit, with a traceback: please report it.",
        "From Python the same failures are exceptions, all of them `cgaudit.errors.CgauditError`:",
        _table(("exception", "code", "means"), rows),
    ]
    return "\n\n".join(parts)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    escaped = ([cell.replace("|", "\\|") for cell in row] for row in lines)
    return "\n".join(f"| {' | '.join(row)} |" for row in escaped)


def main() -> None:
    """Write every page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(f"Wrote docs/reference/{name}.")


if __name__ == "__main__":
    main()
