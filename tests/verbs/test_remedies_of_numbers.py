"""Commands that are about classes refuse numbers, and name what does for them: it is tried here."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
from measured import patients
from scored_digits import invoke


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("numbers")
    patients(folder / "patients.csv")
    (folder / "params.yaml").write_text(
        "cgaudit:\n  recipe: 2\n"
        "  source: {path: patients.csv, label_column: target}\n"
        "  featurize: {state: state.npz}\n"
        "  score: {task: regression, method: exact, ridge: 1, device: cpu}\n"
    )
    for command in ("fit", "featurize", "score"):
        invoke(folder, command)
    return folder


def remedy(said: str) -> list[str]:
    """Return the arguments of the command that a refusal names."""
    (command,) = re.findall(r"`cgaudit ([^`]+)`", " ".join(said.split()))
    return shlex.split(command)


def test_to_select_by_the_exported_scores(project: Path) -> None:
    said = invoke(project, "select", code=2).output
    assert "score.task: regression" in " ".join(said.split())
    invoke(project, *remedy(said))
    scores = pd.read_csv(project / "scores.csv")
    assert {"id", "label_score", "is_label_issue"} <= set(scores)
    assert scores["label_score"].notna().any()


def test_to_import_the_losses_of_a_training_run(project: Path) -> None:
    (project / "log.jsonl").write_text('{"id": "p0000", "epoch": 0, "loss": 1.5}\n')
    said = invoke(project, "dynamics", "log.jsonl", code=2).output
    (project / "losses.csv").write_text("id,mean_loss\np0000,1.5\np0001,0.25\n")
    invoke(project, *remedy(said))
    found = pd.read_parquet(project / "reports/imported.parquet").set_index("id")
    assert found.loc["p0001", "imported_mean_loss"] == 0.25
    invoke(project, "report")
    assert '<section id="imported"' in (project / "reports/index.html").read_text()
