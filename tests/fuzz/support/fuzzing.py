"""What is fuzzed and how it is counted.

A target is an artefact or a reader: a template of a sandbox, and a strategy of inputs for it. Each
lies in a file of its own below ``tests/fuzz/targets``, as a module with a list ``TARGETS``.
"""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from grounds import GROUNDS
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy
from sandbox import Content, Ran, Sandbox, Verb

FOLDER = Path(__file__).resolve().parents[1] / "targets"
#: Where an audit that is judged by its rows writes, in the sandbox.
SUMMARY = "out/audit/summary.json"


def all_is_well(_sandbox: Sandbox, _ran: Ran) -> str | None:
    """Ask for no more than every input has to give."""
    return None


class Input(NamedTuple):
    """One run.

    Attributes
    ----------
    verb
        What is run.
    files
        What is laid into the repository first, by path.
    committed
        Whether git has it.
    judge
        Says what is wrong with how it ended, None where nothing is.
    rows
        How many rows or files were given, of which each must be scored or skipped where the verb
        succeeds; None where nobody can tell.
    """

    verb: Verb
    files: Mapping[str, Content]
    committed: bool = False
    judge: Callable[[Sandbox, Ran], str | None] = all_is_well
    rows: int | None = None


class Target(NamedTuple):
    """An artefact or a reader.

    Attributes
    ----------
    name
        Of it.
    ground
        The sandbox that it needs: a key of `grounds.GROUNDS`.
    inputs
        Makes the strategy, given the folder of the repository as it is when all is well.
    share
        How many inputs are its, in proportion to the others': the fewer the longer each takes.
    """

    name: str
    ground: str
    inputs: Callable[[Path], SearchStrategy[Input]]
    share: int = 5


@dataclass
class Tally:
    """What came of the inputs of a target.

    Attributes
    ----------
    inputs
        How many there were.
    rows
        How many rows and files they gave that were all looked for among the scored and skipped.
    codes
        How often the verbs ended with which exit code.
    troubles
        What went wrong, and how often.
    examples
        The first input that met each trouble.
    """

    inputs: int = 0
    rows: int = 0
    codes: Counter[int | None] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    examples: dict[str, Input] = field(default_factory=dict)

    def add(self, one: Input, ran: Ran) -> None:
        """Count an input."""
        self.inputs += 1
        self.codes[ran.code] += 1
        if one.rows is not None and ran.code == 0:
            self.rows += one.rows
        if ran.trouble is not None:
            self.troubles[ran.trouble] += 1
            self.examples.setdefault(ran.trouble, one)

    def join(self, other: Tally) -> None:
        """Count the inputs of another tally too."""
        self.inputs += other.inputs
        self.rows += other.rows
        self.codes += other.codes
        self.troubles += other.troubles

    def __str__(self) -> str:
        codes = ", ".join(f"{code}: {n}" for code, n in sorted(self.codes.items(), key=str))
        return f"{self.inputs} inputs, exit codes {{{codes}}}, {self.troubles.total()} troubles"


class Playground:
    """The sandboxes of a session, each made when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, Sandbox] = {}

    def template(self, ground: str) -> Path:
        """Return the folder that a ground was laid in, and is copied from."""
        self.sandbox(ground)
        return self._folder / ground / "template"

    def sandbox(self, ground: str) -> Sandbox:
        """Return the sandbox of a ground."""
        if ground not in self._made:
            template = self._folder / ground / "template"
            template.mkdir(parents=True)
            GROUNDS[ground](template)
            self._made[ground] = Sandbox(template, self._folder / ground / "sandbox")
        return self._made[ground]


def explore(target: Target, playground: Playground, examples: int, start: int = 0) -> Tally:
    """Run so many inputs of a target; the same `start` gives the same ones."""
    sandbox, tally = playground.sandbox(target.ground), Tally()
    strategy = target.inputs(playground.template(target.ground) / "repo")

    @seed(start)
    @settings(
        max_examples=examples,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def one(drawn: Input) -> None:
        tally.add(drawn, attempt(drawn, sandbox))

    one()
    return tally


def attempt(one: Input, sandbox: Sandbox) -> Ran:
    """Run one input in a sandbox and put it in order again."""
    try:
        ran = sandbox.run(one.verb, one.files, committed=one.committed)
        trouble = ran.trouble or _lost(one, sandbox, ran) or one.judge(sandbox, ran)
        return ran._replace(trouble=trouble)
    finally:
        sandbox.restore()


def _lost(one: Input, sandbox: Sandbox, ran: Ran) -> str | None:
    """Say how many rows of an audit are neither scored nor skipped."""
    if one.rows is None or ran.code != 0:
        return None
    found = json.loads((sandbox.folder / SUMMARY).read_bytes())
    seen = found["n_samples"] + found["n_skipped"]
    return None if seen == one.rows else f"rows unaccounted: {one.rows - seen} of {one.rows}"


def targets() -> dict[str, Target]:
    """Return all targets, by name."""
    return {target.name: target for target in _targets()}


def _targets() -> Iterator[Target]:
    for file in sorted(FOLDER.glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"fuzz_target_{file.stem}", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield from module.TARGETS
