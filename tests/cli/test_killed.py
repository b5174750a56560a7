"""A stage that is killed before any of its file operations leaves whole files, and is run again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tutorial_data import labels_table

PROGRAM = Path(__file__).with_name("killed_stage.py")

PARAMS = """
cgaudit:
  recipe: 2
  source: {path: photos, labels: labels.csv}
  featurize: {name: patches, state: state.npz, options: {filters: 16, components: 16}}
"""


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["fit", "featurize", "score", "report"])
def test_a_killed_stage_leaves_old_or_new_and_the_next_run_completes(tmp_path, stage):
    labels_table(tmp_path)
    (tmp_path / "params.yaml").write_text(PARAMS)
    done = subprocess.run(
        [sys.executable, str(PROGRAM), stage],
        cwd=tmp_path, env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.split()[-2]) >= 2, done.stdout
