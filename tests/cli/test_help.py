"""The command line itself: light imports, every command with help."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from cgaudit.cli import cli

HEAVY = ["torch", "pandas", "numpy", "dvc", "PIL", "jinja2", "pyarrow"]


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from cgaudit.cli import cli; cli.main(['--help'], standalone_mode=False);"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_says_what_it_does(name):
    command = cli.commands[name]
    assert command.help
    assert all(option.help for option in command.params if option.param_type_name == "option")


def test_version_and_unknown_command():
    run = lambda *args: subprocess.run(  # noqa: E731
        [sys.executable, "-m", "cgaudit", *args], capture_output=True, text=True, check=False
    )
    assert run("--version").stdout.startswith("cgaudit, version ")
    wrong = run("scroe")
    assert wrong.returncode == 2
    assert "scroe" in wrong.stderr


def test_the_list_of_commands_is_not_cut():
    done = subprocess.run(
        [sys.executable, "-m", "cgaudit", "-h"], capture_output=True, text=True, check=True
    )
    said = " ".join(done.stdout.split())
    for command in cli.commands.values():
        first = " ".join((command.help or "").split("\n\n")[0].split())
        assert first in said
    assert "..." not in done.stdout.partition("Commands:")[2]


def test_a_shell_completes_commands_and_options():
    def completed(words, place):
        variables = {"_CGAUDIT_COMPLETE": "bash_complete", "COMP_WORDS": words}
        done = subprocess.run(
            [sys.executable, "-c", "from cgaudit.cli import main; main()"],
            env={**os.environ, **variables, "COMP_CWORD": str(place)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return {line.partition(",")[2] for line in done.stdout.splitlines()}

    assert completed("cgaudit ex", 1) == {"export"}
    assert completed("cgaudit export --to spo", 3) == {"spotlight"}
    assert completed("cgaudit diff --htm", 2) == {"--html"}
