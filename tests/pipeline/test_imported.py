"""How scores of other tools moved between two versions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from datarepo import DataRepo, make_scores, new_repo
from provenance import PROVENANCE

from cgaudit.imported import Imported, ImportFacts, write_imported
from cgaudit.pages.change import diff_markdown, diff_text
from cgaudit.params import Params
from cgaudit.project import Project
from cgaudit.results.table import Scores
from cgaudit.revisions import Repository
from cgaudit.verbs.diff import diff

IDS = [f"{number:02}" for number in range(30)]
LABELS = ["cat" if number % 2 else "dog" for number in range(30)]
FACTS = ImportFacts(0, 0, 0, "0" * 32)


def imported(ids: list[str], values: list[float]) -> Imported:
    table = pd.DataFrame({"id": ids, "content_hash": ids, "given_label": "cat"})
    return Imported(table.assign(imported_value=values), FACTS)


@pytest.fixture
def repo(tmp_path: Path) -> DataRepo:
    repo = new_repo(tmp_path / "repo")
    repo.write("params.yaml", "cgaudit: {recipe: 2, source: {path: photos, id_column: id}}\n")
    before = [float(number) for number in range(29)]
    after = [9.5, np.nan, *before[2:28]]
    # The last of the first version goes, and another comes.
    for ids, values in ((IDS[:29], before), ([*IDS[:28], IDS[29]], [*after, 99.0])):
        repo.write_scores(Scores(make_scores(ids, LABELS[: len(ids)]).table, PROVENANCE))
        write_imported(imported(ids, values), repo.project / "reports/imported.parquet")
        repo.commit("version")
    return repo


def compared(repo: DataRepo):
    repository = Repository.around(Project(repo.project))
    return diff(repository, *repository.pair("HEAD~1", "HEAD"), Params()).diff


def test_common_samples_alone_are_compared(repo: DataRepo) -> None:
    found = compared(repo)
    (change,) = found["imported"]
    assert change["column"] == "imported_value"
    assert (change["n"], change["up"], change["down"]) == (27, 1, 0)
    assert change["largest"] == [{"id": "00", "id_a": None, "value_a": 0.0, "value_b": 9.5}]
    before = np.array([0.0, *range(2, 28)])
    after = np.array([9.5, *range(2, 28)])
    ranks = [pd.Series(side).rank() for side in (before, after)]
    assert change["rank_correlation"] == pytest.approx(np.corrcoef(*ranks)[0, 1], abs=1e-5)
    assert "Scores of other tools" in diff_text(found)
    assert "Scores of other tools" in str(diff_markdown(found))


def test_a_damaged_table_is_said(repo: DataRepo) -> None:
    repo.write("reports/imported.parquet", "no table")
    repo.commit("damaged")
    found = compared(repo)
    assert "imported" not in found
    assert any("No scores of other tools are compared" in it for it in found["warnings"])
