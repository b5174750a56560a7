"""DVC's command line, run in a folder whose files anybody may have written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


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
