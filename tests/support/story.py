"""A real git and DVC repository, and the commands run in it as their user would see them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner
from datarepo import ENVIRONMENT, new_repo

from cgaudit.cli import cli


class Said(NamedTuple):
    """How a command ended and what it wrote, byte for byte."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        return self.stdout.decode()


class Project:
    """A project in a fresh repository; what is audited is kept in git, so that nothing is slow."""

    def __init__(self, root: Path) -> None:
        self.root = root
        new_repo(root)

    def shell(self, *command: str) -> str:
        done = subprocess.run(
            command, cwd=self.root, env=ENVIRONMENT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout.strip()

    def commit(self, message: str, tag: str | None = None) -> None:
        self.shell("git", "add", "--all")
        self.shell("git", "commit", "-q", "--allow-empty", "--cleanup=verbatim", "-m", message)
        if tag is not None:
            self.shell("git", "tag", tag)

    def run(self, *words: str) -> Said:
        """Run cgaudit; its errors are loud, its escape sequences left in as on a terminal."""
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.root)
            done = CliRunner().invoke(cli, list(words), color=True, prog_name="cgaudit")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Said(done.exit_code, done.stdout_bytes, done.stderr_bytes)

    def does(self, *words: str) -> Said:
        """Run cgaudit, which must succeed."""
        said = self.run(*words)
        assert said.code == 0, f"{words}\n{said.stdout.decode()}\n{said.stderr.decode()}"
        return said
