"""`cgaudit import`, on real scores of real data."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scored_digits import COUNT, invoke, scored_project


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scored_project(tmp_path_factory.mktemp("digits ü"))


@pytest.fixture
def project(scored: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(scored, tmp_path / "project"))


def values(folder: Path) -> pd.DataFrame:
    scores = pd.read_parquet(folder / "reports/scores.parquet")
    return pd.DataFrame({"id": scores["id"], "value": 2.0 * scores["label_score"].fillna(0)})


def imported(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "reports/imported.parquet")


@pytest.mark.parametrize("name", ["values.csv", "values.parquet"])
def test_columns_stand_beside_the_scores_and_in_the_report(project: Path, name: str) -> None:
    table = values(project)
    table.to_csv(project / name, index=False) if name.endswith("csv") else table.to_parquet(
        project / name
    )
    invoke(project, "import", name)
    found = imported(project)
    assert found["imported_value"].to_numpy() == pytest.approx(table["value"].to_numpy())
    invoke(project, "report")
    page = (project / "reports/index.html").read_text()
    section = page[page.index('<section id="imported"') :]
    assert '<td class="num">1.00</td>' in section[: section.index("</table>")]


def test_what_is_lost_is_said(project: Path) -> None:
    table = values(project).iloc[10:].assign(note="a")
    table.loc[table.index[0], "value"] = np.inf
    table.loc[table.index[1], "value"] = np.nan
    table.loc[len(table) + 99] = ["zzz", 1.0, "a"]
    table.to_csv(project / "values.csv", index=False)
    said = " ".join(invoke(project, "import", "values.csv").output.split())
    for words in (
        "1 id of no sample", "10 samples in no table", "1 cell with no finite number",
        "2 rows without a value", "columns that hold no numbers: 'note'",
    ):  # fmt: skip
        assert words in said
    assert imported(project)["imported_value"].notna().sum() == COUNT - 12


def test_names_that_collide_are_refused_and_the_remedy_works(project: Path) -> None:
    for name in ("a.csv", "b.csv"):
        values(project).to_csv(project / name, index=False)
    refused = invoke(project, "import", "a.csv", "b.csv", code=2).output
    assert "already is a column" in " ".join(refused.split())
    invoke(project, "import", "first=a.csv", "second=b.csv")
    assert {"imported_first_value", "imported_second_value"} < set(imported(project))


def test_other_ids_twice_and_no_numbers_are_refused(project: Path) -> None:
    table = values(project)
    table.assign(id="x" + table["id"]).to_csv(project / "other.csv", index=False)
    pd.concat([table, table.head(1)]).to_csv(project / "twice.csv", index=False)
    table.assign(value="a").to_csv(project / "words.csv", index=False)
    table.rename(columns={"id": "who"}).to_csv(project / "who.csv", index=False)
    for name in ("other.csv", "twice.csv", "words.csv", "who.csv", "none.csv"):
        invoke(project, "import", name, code=2)
    invoke(project, "import", "who.csv", "--id-column", "who")


def test_scores_made_anew_leave_it_out_and_a_forged_table_is_named(project: Path) -> None:
    values(project).to_csv(project / "values.csv", index=False)
    invoke(project, "import", "values.csv")
    labels = project / "labels.csv"
    labels.write_text(labels.read_text().replace("000.png,d0", "000.png,d1"))
    invoke(project, "score")
    assert "cgaudit import TABLE" in invoke(project, "report").output
    imported(project).drop(columns="imported_value").to_parquet(
        project / "reports/imported.parquet"
    )
    assert "Run `cgaudit import` again" in invoke(project, "report", code=2).output
