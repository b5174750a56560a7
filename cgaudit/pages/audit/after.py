"""What to do with the decisions of a page: the commands, as a person would type them."""

from __future__ import annotations

import shlex
from pathlib import Path

from cgaudit import project

#: The name of the file that a page downloads, where browsers put it.
FIXES = f"~/Downloads/{project.FIXES}"


def commands_after(audited_to: Path | None, again: str = "dvc repro") -> list[str]:
    """Return the commands that write downloaded decisions into the labels and score them anew.

    Parameters
    ----------
    audited_to
        The folder that `cgaudit audit` wrote; None in a project with stages.
    again
        The command that scores such a project.
    """
    if audited_to is None:
        return [f"cgaudit apply {FIXES}", again]
    return [f"cgaudit apply {FIXES} --audit {shlex.quote(audited_to.as_posix())}"]


def commands_after_part(audited_to: Path | None) -> list[str]:
    """Return the command that joins what several reviewers downloaded."""
    option = "" if audited_to is None else f" --audit {shlex.quote(audited_to.as_posix())}"
    return [f"cgaudit review merge ~/Downloads/fixes-*.json{option}"]
