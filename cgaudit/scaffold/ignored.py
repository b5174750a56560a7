"""What git is to ignore of what cgaudit writes, and how it merges the review memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cgaudit.project import (
    AUDIT,
    CHANGE_PAGE,
    CONFLICTS_PAGE,
    FIXES,
    NAMED,
    OWN,
    REVIEWED,
    SHARED,
)

GIT_IGNORE = ".gitignore"
GIT_ATTRIBUTES = ".gitattributes"

#: What commands write beside the stages, where they are told nothing else or are called as the docs
#: call them. Most of it shows the data, which whoever reads the repository need not be allowed to
#: see. Of the folder of shared reviews only pages: a folder of that name may be the user's data.
_BESIDE = (
    f"/{OWN}/",
    f"/{AUDIT}/",
    f"/{CHANGE_PAGE}",
    f"/{CONFLICTS_PAGE}",
    f"/{SHARED}/*.html",
    f"/{FIXES}",
)
_WITH_DVC = (*_BESIDE, "/dvc_plots/")
#: Without DVC git is to keep the scores, and none of what is large and made from them.
_IN_GIT = (
    *_BESIDE,
    *(
        f"/{path.as_posix()}"
        for path in (NAMED.features, NAMED.samples, NAMED.unreadable, NAMED.plots, NAMED.page)
    ),
)

#: Each line of the review memory stands for itself: of two branches, git keeps those of both.
MERGED = (f"/{REVIEWED} merge=union",)


def ignoring(project: Path, *, in_git: bool) -> str | None:
    """Return what a project's .gitignore will hold; None where it lacks nothing.

    Parameters
    ----------
    project
        Its folder.
    in_git
        Whether git alone keeps the data and what is computed.
    """
    return _with_lines(project / GIT_IGNORE, _IN_GIT if in_git else _WITH_DVC)


def merging(project: Path) -> str | None:
    """Return what a project's .gitattributes will hold; None where it lacks nothing."""
    return _with_lines(project / GIT_ATTRIBUTES, MERGED)


def _with_lines(file: Path, lines: Sequence[str]) -> str | None:
    """Return a file's text with the lines that it lacks at its end; None where it lacks none."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    missing = [line for line in lines if line not in text.splitlines()]
    if not missing:
        return None
    start = text if not text or text.endswith("\n") else f"{text}\n"
    return start + "".join(f"{line}\n" for line in missing)
