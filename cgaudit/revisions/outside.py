"""DVC as a command and as a library, over files that anybody may have written."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

#: The loggers that DVC prints with.
_LOGGERS = ("dvc", "dvc_objects", "dvc_data")


def run_dvc(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a dvc command in a folder, and return what it printed.

    Python must not look there for modules (``-P``, and the variable for the processes that DVC
    starts): a repository that holds a ``dvc.py`` would have it run.
    """
    return subprocess.run(
        [sys.executable, "-P", "-m", "dvc", *words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        env={**os.environ, "PYTHONSAFEPATH": "1"},
        check=False,
    )


@cache
def dvc_api() -> ModuleType:
    """Return ``dvc.api``, imported so that DVC prints nothing by itself.

    Importing DVC sets up handlers that write its messages, with names of stages and files as they
    are, to stdout and stderr. Without them its warnings go where this program's go.
    """
    import dvc.api

    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.setLevel(logging.WARNING)
    api: ModuleType = dvc.api
    return api


def dvc_repo() -> Any:  # noqa: ANN401 - untyped dvc
    """Return the class of DVC's repositories, as silent as `dvc_api`."""
    dvc_api()
    from dvc.repo import Repo

    return Repo
