"""A verb that is told to stop leaves no temporary files, and says by its exit code that it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tutorial_data import label_folders

VERB = [sys.executable, "-m", "cgaudit", "audit", "photos", "--out", "out"]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_store_in_the_temporary_folder_goes(tmp_path: Path, number: signal.Signals) -> None:
    label_folders(tmp_path)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    killed = 0
    # At several moments: while a feature store is being written, and later.
    for wait in (0.0, 0.05, 0.4):
        verb = subprocess.Popen(
            VERB, cwd=tmp_path, env={**os.environ, "TMPDIR": str(scratch)},
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        while verb.poll() is None and not any(scratch.glob("cgaudit-*")):
            time.sleep(0.005)
        time.sleep(wait)
        verb.send_signal(number)
        _, said = verb.communicate(timeout=60)
        assert "Traceback" not in said
        assert verb.returncode in (0, 128 + number)
        killed += verb.returncode != 0
        assert list(scratch.glob("cgaudit-*")) == []
    assert killed


@pytest.mark.slow
def test_what_is_ignored_stays_ignored(tmp_path: Path) -> None:
    program = "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); " \
        "from cgaudit.cli.signals import leave_orderly; leave_orderly(); " \
        "os.kill(os.getpid(), signal.SIGHUP); print('alive')"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "alive\n")
