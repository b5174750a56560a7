"""`cgaudit dynamics`, on real scores of real data and logs of a model that is trained here."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scored_digits import COUNT, UNLABELLED, invoke, scored_project

EPOCHS = 6


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scored_project(tmp_path_factory.mktemp("digits ü"))


@pytest.fixture
def project(scored: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(scored, tmp_path / "project"))


def scores(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "reports/scores.parquet")


def table(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "reports/dynamics.parquet")


def write_log(folder: Path, *, by_heart: bool, ids: str = "{}") -> Path:
    """Write a log of a model that learns what is supported first, or everything at once."""
    rng = np.random.default_rng(0)
    path = folder / "log.jsonl"
    with path.open("w") as file:
        for row in scores(folder).dropna(subset=["given_label"]).itertuples():
            late = not by_heart and row.predicted_label != row.given_label
            for epoch in range(EPOCHS):
                p = 0.1 + 0.1 * epoch / EPOCHS if late else 0.9 - 0.3 / (1 + epoch)
                p = float(np.clip(p + rng.normal(0, 0.02), 0.01, 0.99))
                line = {"id": ids.format(row.id), "epoch": epoch, "p_given": p}
                file.write(json.dumps(line) + "\n")
    return path


def test_the_columns_stand_beside_the_scores(project: Path) -> None:
    write_log(project, by_heart=False)
    before = (project / "reports/scores.parquet").read_bytes()
    said = invoke(project, "dynamics", "log.jsonl").output
    found = table(project).merge(scores(project)[["id", "label_score"]], on="id")
    assert len(found) == COUNT - len(UNLABELLED)
    joined = np.log(found["label_score"].clip(1e-7)) - found["dynamics_mean_loss"]
    assert found["dynamics_joined_score"].to_numpy() == pytest.approx(joined.to_numpy(), abs=1e-3)
    assert "are joined" in said
    assert "6 epochs" in said
    assert (project / "reports/scores.parquet").read_bytes() == before


def test_a_log_learned_by_heart_is_shown_and_not_joined(project: Path) -> None:
    write_log(project, by_heart=True)
    said = invoke(project, "dynamics", "log.jsonl").output
    assert "learned the labels by heart" in said
    assert table(project)["dynamics_joined_score"].isna().all()
    assert table(project)["dynamics_mean_loss"].notna().all()
    invoke(project, "report")
    assert "learned the labels by heart" in (project / "reports/index.html").read_text()


def test_what_does_not_match_is_counted(project: Path) -> None:
    path = write_log(project, by_heart=False)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[EPOCHS * 10 :], lines[0].replace('"000"', '"zzz"')]) + "\n")
    said = invoke(project, "dynamics", "log.jsonl").output
    assert "10 labelled samples are not in the log" in said
    assert "1 id of the log" in said
    write_log(project, by_heart=False, ids="photo {}")
    assert "Log the ids" in invoke(project, "dynamics", "log.jsonl", code=2).output


def test_the_report_shows_the_map_and_the_corners(project: Path) -> None:
    write_log(project, by_heart=False)
    invoke(project, "dynamics", "log.jsonl")
    invoke(project, "report")
    page = (project / "reports/index.html").read_text()
    assert 'class="map"' in page
    assert "look here first" in page
    assert page.count('class="panel flush corner"') == 4


def test_aum_is_shown_and_not_joined(project: Path) -> None:
    rows = scores(project)[["id"]].rename(columns={"id": "sample_id"}).assign(aum=1.5)
    rows.to_csv(project / "aum_values.csv", index=False)
    said = invoke(project, "dynamics", "aum_values.csv").output
    assert "no probabilities or losses" in said
    assert set(table(project)["dynamics_aum"]) == {1.5}
    invoke(project, "report")


def test_a_log_of_other_scores_is_left_out_of_the_report(project: Path) -> None:
    write_log(project, by_heart=False)
    invoke(project, "dynamics", "log.jsonl")
    labels = project / "labels.csv"
    labels.write_text(labels.read_text().replace("000.png,d0", "000.png,d1"))
    invoke(project, "score")
    assert "Run `cgaudit dynamics LOG`" in invoke(project, "report").output
    invoke(project, "dynamics", "log.jsonl")
    assert "Run `cgaudit dynamics LOG`" not in invoke(project, "report").output


def test_forged_tables_are_named(project: Path) -> None:
    write_log(project, by_heart=False)
    invoke(project, "dynamics", "log.jsonl")
    path = project / "reports/dynamics.parquet"
    table(project).drop(columns="dynamics_corner").to_parquet(path)
    assert "Run `cgaudit dynamics` again" in invoke(project, "report", code=2).output


def test_there_must_be_a_log_and_scores(project: Path) -> None:
    assert "There is no" in invoke(project, "dynamics", "log.jsonl", code=2).output
    write_log(project, by_heart=False)
    (project / "reports/scores.parquet").unlink()
    assert "cgaudit score" in invoke(project, "dynamics", "log.jsonl", code=2).output


def test_out_of_sample_probabilities_are_pooled(project: Path) -> None:
    known = scores(project).dropna(subset=["given_label"])
    classes = sorted(known["given_label"].unique())
    suggested = np.array([classes.index(name) for name in known["predicted_label"]])
    p = np.random.default_rng(0).dirichlet(np.full(len(classes), 0.3), len(known))
    p = 0.5 * p + 0.5 * np.eye(len(classes))[suggested]
    np.save(project / "p.npy", p)
    said = invoke(project, "dynamics", "p.npy").output
    assert "exponents" in said
    found = table(project)["dynamics_joined_score"]
    assert found.notna().all()
    assert (found <= 0).all()
    np.save(project / "p.npy", p[1:])
    assert "export --to cleanlab" in invoke(project, "dynamics", "p.npy", code=2).output
