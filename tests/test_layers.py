"""The layers of CONTRIBUTING.md: which part may import which."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "cgaudit"
BASE = {"errors", "files", "progress", "project"}
ALLOWED = {
    "errors": set(),
    "files": set(),
    "progress": set(),
    "project": set(),
    "params": {"errors"},
    "numerics": {"errors", "progress"},
    "solve": {"numerics", *BASE},
    "score": {"numerics", "solve", *BASE},
    "dataset": {"params", *BASE},
    "featurize": {"dataset", "params", *BASE},
    "results": {"numerics", *BASE},
    "report": {"results", "wording", *BASE},
    "wording": set(),
    "revisions": {"errors", "project"},
    "review": {"dataset", "params", "wording", *BASE},
    "diff": {"numerics", "params", "review", "revisions", "wording", "results", *BASE},
    "gate": {"diff", "params", "results", "revisions", "wording", *BASE},
    "history": {"diff", "params", "report", "results", "revisions", "wording", *BASE},
    "export": {"results", "errors"},
    "doctor": {"diff", "params", "results", "revisions", "wording", *BASE},
    "scaffold": {"dataset", "featurize", "solve", "review", "params", *BASE},
}
#: Libraries that enter at one place.
DOORS = {"dvc": "revisions", "jinja2": "report", "ruamel": "scaffold"}


def imports(part):
    path = PACKAGE / part
    for file in sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{file}: imports are absolute"
                yield node.module
                if node.module == "cgaudit":
                    yield from (f"cgaudit.{alias.name}" for alias in node.names)


def parts():
    return sorted(
        path.stem
        for path in PACKAGE.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    )


@pytest.mark.parametrize("part", sorted(ALLOWED))
def test_a_part_imports_only_what_its_layer_may(part):
    ours = {name.split(".")[1] for name in imports(part) if name.startswith("cgaudit.")}
    ours.discard("__version__")
    assert ours - {part} <= ALLOWED[part]


@pytest.mark.parametrize("library", sorted(DOORS))
def test_an_outside_system_enters_at_one_place(library):
    found = {part for part in parts() if library in {name.split(".")[0] for name in imports(part)}}
    assert found <= {DOORS[library]}


def test_the_numeric_core_knows_neither_pandas_nor_files():
    for part in ("numerics", "solve", "score"):
        foreign = {name.split(".")[0] for name in imports(part)} & {"pandas", "pyarrow"}
        # For type checking alone: the table that a result lays out.
        assert foreign <= ({"pandas"} if part == "score" else set()), part
