"""Verbs that write, killed: nothing half, nothing lost, and the next run completes.

`python -m tests.kills --kills 1000` kills as often as you like.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
#: A command is killed before some of its changes of files, in the middle of one, and at any time.
KILLS = 66


@pytest.mark.slow
def test_what_is_killed_leaves_old_or_new_and_the_next_run_completes() -> None:
    # A process of its own: a fork of one with threads may wait for ever.
    done = subprocess.run(
        [sys.executable, "-m", "tests.kills", "--kills", str(KILLS), "--jobs", "2"],
        cwd=TOP, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.splitlines()[-1].split()[0]) >= KILLS // 2, done.stdout
