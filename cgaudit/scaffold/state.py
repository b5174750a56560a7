"""Where a featurizer's fitted state is kept, and what is left to do for it."""

from __future__ import annotations

from pathlib import Path

from cgaudit.project import Project

#: A fitted state up to this size is kept in git, a larger one in DVC.
LARGEST_IN_GIT = 1_000_000


def is_large(file: Path) -> bool:
    """Tell whether a state is too large for git."""
    return file.stat().st_size > LARGEST_IN_GIT


def tracked_state(project: Project, state: str) -> str:
    """Return which file of a state git has: its pointer where DVC has the state."""
    return f"{state}.dvc" if project.pointer(state).exists() else state


def keep_state(project: Project, state: str) -> str:
    """Return what is to be done for a state that was just written, for it to be there for others.

    Where DVC has it already, or is to have it, its pointer is what git gets.
    """
    in_dvc = project.dvc_root is not None
    if project.pointer(state).exists():
        return f"DVC keeps {state}: `dvc add {state}`, then commit {state}.dvc."
    if not is_large(project.root / state):
        return f"It is small: keep {state} in git."
    if in_dvc:
        return f"It is large: keep it in DVC with `dvc add {state}`, and commit {state}.dvc."
    return f"It is large: keep {state} in git, best with Git LFS."


def state_is_kept(project: Project, state: str) -> str:
    """Return where a state is kept that DVC was given where it is large."""
    if project.pointer(state).exists():
        return f"{state} is in DVC: commit {state}.dvc; `dvc push` takes the file along."
    return keep_state(project, state)
