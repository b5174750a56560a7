"""The house as CONTRIBUTING.md draws it: which part lies on which floor, and what may see what."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from cgaudit.featurize.registry import GROUP

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "cgaudit"
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

#: A row of the table of parts: its floor, and the parts on it.
ROW = re.compile(r"^\| (\d+) \| ((?:`[a-z_]+/?`(?:, )?)+) \|", re.MULTILINE)
FLOORS = {
    name.strip("`/"): int(floor)
    for floor, names in ROW.findall(CONTRIBUTING)
    for name in names.split(", ")
}

#: Libraries that enter at one place.
DOORS = {
    **{"dvc": "revisions", "jinja2": "pages", "markupsafe": "pages"},
    **{"ray": "executor", "ruamel": "scaffold"},
}

MODULES = {
    ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file
    for file in sorted(PACKAGE.rglob("*.py"))
}


def imports(module: str) -> Iterator[tuple[str, str | None]]:
    """Yield what a module imports anywhere in it, for types too: (module, name or None)."""
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: imports are absolute"
            yield from ((node.module or "", alias.name) for alias in node.names)


def ours(module: str) -> Iterator[str]:
    """Yield the modules of the package that a module imports."""
    for target, name in imports(module):
        found = f"{target}.{name}" if f"{target}.{name}" in MODULES else target
        if found in MODULES and found != module:
            yield found


def part(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def parts() -> set[str]:
    return {part(module) for module in MODULES} - {"", "__main__"}


def has_names(package: str) -> bool:
    """Tell whether a package says what it offers, rather than being a shelf of modules."""
    return MODULES[package].name == "__init__.py" and any(imports(package))


def test_every_part_has_a_floor_and_no_other_has_one() -> None:
    assert FLOORS.keys() == parts()


@pytest.mark.parametrize("module", [m for m in MODULES if part(m) in FLOORS])
def test_no_arrow_points_up_nor_along_a_floor(module: str) -> None:
    mine = FLOORS[part(module)]
    seen = {part(target) for target in ours(module)} - {part(module), ""}
    assert {name for name in seen if FLOORS[name] >= mine} == set()


def test_there_is_no_circle() -> None:
    try:
        list(TopologicalSorter({module: set(ours(module)) for module in MODULES}).static_order())
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


@pytest.mark.parametrize("module", list(MODULES))
def test_a_part_is_entered_by_its_door(module: str) -> None:
    past = {
        target
        for target, _ in imports(module)
        for package in MODULES
        if package != "cgaudit" and target.startswith(f"{package}.") and has_names(package)
        if not f"{module}.".startswith(f"{package}.")
    }
    assert past == set()


@pytest.mark.parametrize("library", sorted(DOORS))
def test_an_outside_system_enters_at_one_place(library: str) -> None:
    found = {
        part(module)
        for module in MODULES
        if library in {target.split(".")[0] for target, _ in imports(module)}
    }
    assert found == {DOORS[library]}


@pytest.mark.parametrize("floor", ["wording", "numerics", "solve", "score"])
def test_the_numeric_core_knows_neither_pandas_nor_files(floor: str) -> None:
    foreign = {
        target.split(".")[0] for module in MODULES if part(module) == floor
        for target, _ in imports(module)
    } & {"pandas", "pyarrow"}  # fmt: skip
    # Where a result is laid out as the scores table.
    assert foreign <= ({"pandas"} if floor == "score" else set())


def test_no_file_is_longer_than_can_be_read() -> None:
    kinds = (".py", ".js", ".css", ".html")
    files = [file for file in PACKAGE.rglob("*") if file.suffix in kinds]
    lengths = {str(f.relative_to(ROOT)): len(f.read_text("utf-8").splitlines()) for f in files}
    assert {name: n for name, n in lengths.items() if n > 400} == {}


#: What looks like the path of a file of this repository.
CITED = re.compile(r"`((?:cgaudit|docs|tests|benchmarks|scripts|stages)/[\w./-]+\.\w+)`")


def test_docs_and_docstrings_cite_only_what_is_there() -> None:
    files = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *PACKAGE.rglob("*.py")]
    cited = {
        (str(file.relative_to(ROOT)), path)
        for file in files
        for path in CITED.findall(file.read_text(encoding="utf-8"))
    }
    assert len(cited) > 5
    assert {pair for pair in cited if not (ROOT / pair[1]).exists()} == set()


def test_what_docs_name_of_the_package_exists() -> None:
    named = {
        (file.name, name)
        for file in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *PACKAGE.rglob("*.py")]
        for name in re.findall(r"`(cgaudit(?:\.[a-z_]+)+)", file.read_text(encoding="utf-8"))
    }
    lost = set()
    for file, name in named:
        if name == GROUP:
            continue
        module = max((m for m in MODULES if f"{name}.".startswith(f"{m}.")), key=len)
        rest = name[len(module) + 1 :]
        if rest and not re.search(rf"\b{re.escape(rest)}\b", MODULES[module].read_text("utf-8")):
            lost.add((file, name))
    assert lost == set()
