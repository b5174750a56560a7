"""Did fixing labels change how fast they are learned."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from datarepo import DataRepo, make_scores, new_repo
from provenance import PROVENANCE

from cgaudit.dynamics import MEASURES, Dynamics, LogFacts, write_dynamics
from cgaudit.pages.change import diff_markdown, diff_text
from cgaudit.params import Params
from cgaudit.pipeline.learning import compare_learning
from cgaudit.project import Project
from cgaudit.results.table import Scores
from cgaudit.revisions import Repository
from cgaudit.verbs.diff import diff, diff_page

IDS = [f"{number:02}" for number in range(30)]
BEFORE = ["cat" if number % 2 else "dog" for number in range(30)]
AFTER = ["fox" if number < 4 else label for number, label in enumerate(BEFORE)]
FACTS = LogFacts("a log", 5, 0, 0, True, "because", "0" * 32)


def dynamics(labels: list[str], loss: list[float]) -> Dynamics:
    table = pd.DataFrame(
        {"id": IDS, "content_hash": [f"h-{name}" for name in IDS], "given_label": labels}
    )
    table = table.assign(**dict.fromkeys(MEASURES, np.nan))
    table["dynamics_mean_loss"] = loss
    table["dynamics_learned"] = np.where(np.array(loss) > 1, np.nan, 2)
    return Dynamics(table.assign(dynamics_corner=""), FACTS)


A = dynamics(BEFORE, [2.0] * 4 + [0.5] * 26)
B = dynamics(AFTER, [0.25] * 3 + [3.0] + [0.5] * 26)


@pytest.fixture
def repo(tmp_path: Path) -> DataRepo:
    repo = new_repo(tmp_path / "repo")
    repo.write("params.yaml", "cgaudit: {recipe: 2, source: {path: photos, id_column: id}}\n")
    for labels, log in ((BEFORE, A), (AFTER, B)):
        repo.write_scores(Scores(make_scores(IDS, labels).table, PROVENANCE))
        write_dynamics(log, repo.project / "reports/dynamics.parquet")
        repo.commit("version")
    return repo


def compared(repo: DataRepo, a: str, b: str):
    repository = Repository.around(Project(repo.project))
    return repository, diff(repository, *repository.pair(a, b), Params())


def test_the_relabelled_stand_beside_the_untouched(repo: DataRepo) -> None:
    repository, found = compared(repo, "HEAD~1", "HEAD")
    learning = found.diff["learning"]
    assert learning["relabelled"] == {
        "n": 4, "faster": 3, "mean_loss_a": 2.0, "mean_loss_b": (0.75 + 3) / 4,
    }  # fmt: skip
    assert learning["untouched"] == {"n": 26, "faster": 0, "mean_loss_a": 0.5, "mean_loss_b": 0.5}
    assert learning["samples"][0] == {
        "id": "00", "id_a": None, "mean_loss_a": 2.0, "mean_loss_b": 0.25,
        "learned_a": None, "learned_b": 2,
    }  # fmt: skip
    json.dumps(found.diff)
    assert "How fast labels are learned" in diff_text(found.diff)
    assert "2.000 → 0.938" in str(diff_markdown(found.diff))
    page = diff_page(repository, found, Params())
    assert "3 are learned faster" in page


def test_without_a_log_on_both_sides_nothing_is_said(repo: DataRepo) -> None:
    (repo.project / "reports/dynamics.parquet").unlink()
    repo.commit("no log")
    assert "learning" not in compared(repo, "HEAD~1", "HEAD")[1].diff


def test_a_damaged_log_is_a_warning_and_the_comparison_stands(repo: DataRepo) -> None:
    repo.write("reports/dynamics.parquet", b"PAR1")
    repo.commit("damage")
    found = compared(repo, "HEAD~1", "HEAD")[1].diff
    assert "learning" not in found
    assert any("No learning is compared" in text for text in found["warnings"])


def test_moved_samples_are_found_by_the_id_they_had() -> None:
    moved = Dynamics(B.table.assign(id=[f"new {name}" for name in IDS]), FACTS)
    rows = [{"id": "new 00", "id_a": "00"}, {"id": "new 01", "id_a": "01"}]
    found = compare_learning(A, moved, {"relabelled": rows})  # type: ignore[typeddict-item]
    assert found["relabelled"]["n"] == 2
    assert found["samples"][0]["id_a"] == "00"
