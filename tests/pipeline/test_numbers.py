"""Labels that are numbers, from a table to the scores, on real measurements."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from audits import audit_of
from click.testing import CliRunner
from measured import UNREAD, WRONG, patients, wrong_ids
from sklearn.metrics import roc_auc_score

from cgaudit.cli import cli
from cgaudit.dataset import open_source
from cgaudit.errors import StaleError
from cgaudit.evidence.witnesses import NearestWitnesses
from cgaudit.pages.frame.asked import Question
from cgaudit.paramsfile import load_asked
from cgaudit.pipeline.afresh import featurize_afresh
from cgaudit.project import Project
from cgaudit.results.audited import Audited
from cgaudit.results.overview import Overview
from cgaudit.results.summary import plot_tables
from cgaudit.results.table import Scores, read_scores, write_scores
from cgaudit.verbs.review import merge


def audited(file: Path, **score: str) -> Audited:
    asked = {"task": "regression", "ridge": 0.1, "precision": "float64", **score}
    return audit_of(file, source={"label_column": "target"}, score=asked)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("patients")


@pytest.fixture(scope="module")
def found(folder: Path) -> Audited:
    patients(folder / "patients.csv")
    return audited(folder / "patients.csv")


def test_the_table_says_what_the_others_say(found: Audited) -> None:
    table = found.scores.table.set_index("id")
    labelled = table[table["value"].notna()]
    np.testing.assert_allclose(labelled["residual"], labelled["value"] - labelled["predicted"])
    off = labelled["residual"].abs() / labelled["deviation"]
    np.testing.assert_allclose(labelled["margin"], off, rtol=1e-3, atol=1e-3)
    assert (labelled["given_label"].astype(float) == labelled["value"]).all()
    # What is suggested is rounded to a tenth of the usual deviation.
    suggested = table["predicted_label"].astype(float)
    assert (suggested - table["predicted"]).abs().max() <= 0.5
    assert not any(name.startswith("label_score_") for name in table.columns)
    assert (table["top_labels"].map(len) == 0).all()


def test_gross_errors_are_flagged_and_their_neighbours_are_not(found: Audited) -> None:
    table = found.scores.table
    labelled = table[table["value"].notna()]
    is_wrong = labelled["id"].isin(wrong_ids())
    assert labelled.loc[is_wrong, "is_label_issue"].sum() >= WRONG - 2
    assert labelled.loc[~is_wrong, "is_label_issue"].sum() <= 4
    assert roc_auc_score(is_wrong, -labelled["label_score"]) > 0.97


@pytest.mark.parametrize("method", ["lowrank", "iterative"])
def test_other_methods_say_the_same(found: Audited, tmp_path: Path, method: str) -> None:
    patients(tmp_path / "patients.csv")
    other = audited(tmp_path / "patients.csv", method=method).scores
    assert other.provenance.method == method
    ours, theirs = found.scores.table, other.table
    assert np.corrcoef(ours["predicted"], theirs["predicted"])[0, 1] > 0.999
    assert (ours["is_label_issue"] != theirs["is_label_issue"]).sum() <= 2


def test_a_label_that_is_no_number_is_counted_and_said(found: Audited) -> None:
    row = found.scores.table.set_index("id").loc[UNREAD]
    assert pd.isna(row["given_label"])
    assert np.isnan(row["value"])
    assert not row["is_label_issue"]
    assert row["predicted"] > 0
    assert (found.metrics.n_not_numbers, found.metrics.n_unlabelled) == (1, 1)
    assert any("1 of 442 labels is no number ('n/a')" in note for note in found.notes)


def test_the_summary_has_residuals_and_no_classes(found: Audited) -> None:
    content = found.metrics.as_json()
    assert not {"class", "n_classes", "pair", "growth", "n_expected_errors"} & set(content)
    residual = found.scores.table["residual"].abs()
    assert content["typical_residual"] == pytest.approx(residual.median(), rel=1e-5)
    assert 0.3 < content["explained"] < 0.6
    assert set(plot_tables(found.scores.table, "regression")) == {"label_score", "residuals"}


def test_a_decimal_comma_gives_the_same_scores(found: Audited, tmp_path: Path) -> None:
    patients(tmp_path / "patients.csv", write="{},0")
    commas = audited(tmp_path / "patients.csv").scores.table
    same = ["id", "value", "predicted", "label_score", "is_label_issue"]
    pd.testing.assert_frame_equal(commas[same], found.scores.table[same])
    assert commas["given_label"].dropna().str.endswith(",0").all()


def test_what_is_written_is_read_again(found: Audited, tmp_path: Path) -> None:
    write_scores(found.scores, tmp_path / "scores.parquet")
    again = read_scores(tmp_path / "scores.parquet")
    assert again.provenance.task == "regression"
    lacking = Scores(found.scores.table.drop(columns="deviation"), found.scores.provenance)
    write_scores(lacking, tmp_path / "scores.parquet")
    with pytest.raises(StaleError, match=r"task is regression, and it lacks .*deviation"):
        read_scores(tmp_path / "scores.parquet")


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("residual", [np.nan], "residual is empty where there is a label"),
        ("deviation", [-1.0], "deviation holds values below 0"),
        ("predicted", [np.inf], "predicted holds infinite values"),
        ("predicted", [np.nan], "predicted is empty"),
    ],
)
def test_a_forged_table_is_refused(
    found: Audited, tmp_path: Path, column: str, values: list[float], words: str
) -> None:
    table = found.scores.table.copy()
    table.loc[:0, column] = values
    write_scores(Scores(table, found.scores.provenance), tmp_path / "scores.parquet")
    with pytest.raises(StaleError, match=words):
        read_scores(tmp_path / "scores.parquet")


def run(*words: str) -> str:
    done = CliRunner().invoke(cli, ["audit", *words])
    assert done.exit_code == 2, done.output
    return done.output


def test_labels_that_are_names_are_refused(tmp_path: Path) -> None:
    rows = "".join(f"s{i},{i},{name}\n" for i, name in enumerate(["cat", "dog", "3"] * 5))
    (tmp_path / "t.csv").write_text(f"id,x,target\n{rows}")
    out = ["--out", str(tmp_path / "out")]
    said = run(str(tmp_path / "t.csv"), "--task", "regression", *out)
    assert "5 of 15 labels are numbers. Others are such as 'cat', 'dog'" in said
    assert "score.task: classification" in said
    # The remedy is one.
    done = CliRunner().invoke(cli, ["audit", str(tmp_path / "t.csv"), *out])
    assert done.exit_code == 0


def test_on_error_fail_stops_at_what_is_no_number(folder: Path, found: Audited) -> None:
    file = folder / "patients.csv"
    out = ["--out", str(folder / "other"), "--task", "regression", "--label-column", "target"]
    said = run(str(file), *out, "--on-error", "fail")
    assert "1 of 442 labels is no number ('n/a'), and on_error is 'fail'" in said


def test_numbers_that_are_scored_as_classes_are_said(folder: Path, found: Audited) -> None:
    out = ["--out", str(folder / "classes"), "--label-column", "target", "--no-outliers"]
    done = CliRunner().invoke(cli, ["audit", str(folder / "patients.csv"), *out])
    assert done.exit_code == 0, done.output
    assert "--task regression" in done.output
    assert "class" in json.loads((folder / "classes/summary.json").read_text())


def test_near_duplicates_conflict_where_their_values_are_far_apart(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 3))
    y = x @ [3.0, 1.0, 0.5] + rng.normal(scale=0.2, size=60)
    rows = [*zip(x, y, strict=True), (x[0], y[0] + 0.1), (x[1], y[1] + 40)]
    frame = pd.DataFrame([row for row, _ in rows], columns=["a", "b", "c"])
    frame.insert(0, "id", [f"s{i:02d}" for i in range(len(rows))])
    frame["target"] = [value for _, value in rows]
    frame.to_csv(tmp_path / "t.csv", index=False)
    table = audited(tmp_path / "t.csv").scores.table.set_index("id")
    assert table.loc[["s00", "s60", "s01", "s61"], "near_duplicate_set"].nunique() == 2
    conflicting = table.index[table["is_duplicate_conflict"]]
    assert sorted(conflicting) == ["s01", "s61"]


def test_reviewers_who_write_one_number_in_two_ways_agree(
    folder: Path, found: Audited, tmp_path: Path
) -> None:
    sample = wrong_ids()[0]
    given = found.scores.table.set_index("id").loc[sample, "given_label"]
    for name, label in (("ada", "63"), ("ben", "63.0")):
        row = {"id": sample, "action": "relabel", "label": label, "given_label": f"{given}.0"}
        (tmp_path / f"fixes-{name}.json").write_text(json.dumps([row]))
    files = [tmp_path / "fixes-ada.json", tmp_path / "fixes-ben.json"]
    project = Project(Path(), audited=folder / "out")
    out = tmp_path / "merged.json"
    result = merge(project, None, files, settle=None, out=out, page=None, arbiter="eve")
    assert (result["merged"], result["conflicts"], result["stale"]) == (1, [], [])
    (row,) = json.loads(out.read_text())
    assert (row["label"], row["given_label"]) == ("63", given)


def test_the_nearest_come_with_their_values(found: Audited, folder: Path) -> None:
    params = load_asked(folder / "out/audit.json")
    source = open_source(params.source)
    with tempfile.TemporaryDirectory() as scratch:
        store = featurize_afresh(params, source, Path(scratch)).store
        find = NearestWitnesses(Overview.of(found.scores), store, 4)
        (answer,) = find([Question(UNREAD, "", None)])
        vectors = store.take(found.scores.table["content_hash"].tolist())
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = found.scores.table["id"].tolist()
    products = units @ units[ids.index(UNREAD)]
    order = [ids[row] for row in np.argsort(-products, kind="stable") if ids[row] != UNREAD]
    assert [it.sample for it in answer.given] == order[:4]
    labels = found.scores.table.set_index("id")["given_label"]
    assert [it.label for it in answer.given] == labels[order[:4]].tolist()
    assert list(answer.rival) == []
