"""Several labels a sample, from a table to the scores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from audits import audit_of
from click.testing import CliRunner
from several import COUNT, UNTAGGED, WRONG, as_json, lines, posts, separated

from cgaudit.cli import cli
from cgaudit.dataset import Joined
from cgaudit.errors import ExportError, LabelsError, StaleError
from cgaudit.params import SourceParams
from cgaudit.paramsfile import load_asked
from cgaudit.pipeline.labelsets import labels_as_sets
from cgaudit.project import Project
from cgaudit.results.audited import Audited
from cgaudit.results.labels import health_by_label
from cgaudit.results.summary import plot_tables
from cgaudit.results.table import Scores, read_scores, write_scores
from cgaudit.verbs.export import export
from cgaudit.verbs.review import merge

WRONG_IDS = {f"p{number:03d}" for number in WRONG}


def audited(file: Path, score: dict[str, Any] | None = None, **source: Any) -> Audited:
    asked = {"task": "multilabel", "ridge": 0.1, "precision": "float64", **(score or {})}
    shown = {"samples": 12, "random_samples": 5}
    return audit_of(file, source=source, score=asked, report=shown)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("posts")


@pytest.fixture(scope="module")
def found(folder: Path) -> Audited:
    as_json(folder / "posts.csv")
    return audited(folder / "posts.csv")


def test_what_is_tagged_wrong_is_flagged_with_what_is_wrong(found: Audited) -> None:
    table = found.scores.table.set_index("id")
    assert set(table.index[table["is_label_issue"]]) == WRONG_IDS
    row = table.loc["p007"]
    assert row["given_label"] == '["sport"]'
    assert row["predicted_label"] == '["food", "music"]'
    assert {*row["labels_missing"]} <= {"food", "music"}
    assert {*row["labels_doubtful"]} <= {"sport"}
    assert len(row["labels_missing"]) + len(row["labels_doubtful"]) > 1
    # How probable each label is to be there, the most probable first.
    assert list(row["top_labels"])[:2] in (["food", "music"], ["music", "food"])
    assert (np.diff(row["top_scores"]) <= 0).all()
    assert not any(name.startswith("label_score_") for name in table.columns)


def test_who_is_not_labelled_gets_a_suggestion_and_no_label_is_a_label(found: Audited) -> None:
    table = found.scores.table.set_index("id")
    row = table.loc[f"p{UNTAGGED:03d}"]
    assert pd.isna(row["given_label"])
    assert pd.isna(row["label_score"])
    assert not row["is_label_issue"]
    assert row["predicted_label"].startswith("[")
    assert (table["given_label"] == "[]").sum() == sum(
        it.tags == [] or it.tags == () for it in posts()
    )
    assert (found.metrics.n_unlabelled, found.metrics.n_samples) == (1, COUNT)


def test_the_score_is_that_of_the_worst_label(found: Audited) -> None:
    labelled = found.scores.table[found.scores.table["given_label"].notna()]
    for row in labelled.itertuples():
        top = dict(zip(row.top_labels, row.top_scores, strict=True))
        given = json.loads(row.given_label)
        # Of four labels all are kept.
        answers = {name: p if name in given else 1 - p for name, p in top.items()}
        assert row.label_score == pytest.approx(min(answers.values()), abs=1e-4)
        assert answers[row.worst_label] == pytest.approx(row.label_score, abs=1e-4)


@pytest.mark.parametrize("notation", ["separator", "lists", "parquet", "labels beside"])
def test_every_notation_gives_the_same_scores(
    found: Audited, tmp_path: Path, notation: str
) -> None:
    source: dict[str, Any] = {}
    file = tmp_path / "posts.csv"
    if notation == "separator":
        separated(file, " | ")
        source = {"label_separator": "|"}
    elif notation == "lists":
        file = tmp_path / "posts.jsonl"
        lines(file)
    elif notation == "parquet":
        file = tmp_path / "posts.parquet"
        rows = posts()
        columns = {name: [getattr(it, name) for it in rows] for name in ("id", "text")}
        pq.write_table(pa.table({**columns, "labels": [it.tags for it in rows]}), file)
    else:
        as_json(tmp_path / "tags.csv")
        pd.read_csv(tmp_path / "tags.csv", dtype=str)[["id", "text"]].to_csv(file, index=False)
        frame = pd.read_csv(tmp_path / "tags.csv", dtype=str)[["id", "labels"]]
        frame.to_csv(tmp_path / "tags.csv", index=False)
        source = {"labels": str(tmp_path / "tags.csv")}
    other = audited(file, **source)
    same = ["id", "given_label", "predicted_label", "label_score", "is_label_issue"]
    pd.testing.assert_frame_equal(other.scores.table[same], found.scores.table[same])
    assert any("holds sets of labels" in note for note in other.notes)


def test_how_cells_were_read_is_said(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    rows = "".join(f"s{i},{i},{'a; b' if i % 2 else 'b'}\n" for i in range(10))
    file.write_text(f"id,x,labels\n{rows}s10,10,a;;b;a\ns11,11,[]\ns12,12,\n")
    notes = "\n".join(audited(file, label_separator=";").notes)
    assert "1 lists written as JSON, 11 split at ';'; 1 sample with no label" in notes
    assert "1 label stood twice in a cell, and counts once" in notes
    assert "1 blank between labels left out" in notes
    notes = "\n".join(audited(file).notes)
    assert "hold ';' and count as one label each" in notes
    assert "source.label_separator: ';'" in notes


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ('"[""a"""', "it begins as a list and is no JSON"),
        ('"[1.5, null]"', "in it is no text"),
        ('"[[""a""]]"', "in it is no text"),
        ('"[true]"', "in it is no text"),
        ("; ;", "there is no label in it"),
        ('"["""", "" ""]"', "there is no label in it"),
        ('"' + "[" * 100_000 + '"', "it begins as a list and is no JSON"),
    ],
)
def test_a_cell_that_is_no_set_is_named(tmp_path: Path, cell: str, why: str) -> None:
    file = tmp_path / "t.csv"
    file.write_text(f"id,x,labels\ns0,1,a;b\ns1,2,{cell}\ns2,3,b\n")
    with pytest.raises(LabelsError, match=why) as error:
        audited(file, label_separator=";")
    assert "t.csv, column 'labels', row 2" in str(error.value)


def test_hostile_lines_are_named(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    file.write_text(
        '{"id": "a", "x": 1, "labels": ["a"]}\n{"id": "b", "x": 2, "labels": {"a": 1}}\n'
    )
    with pytest.raises(LabelsError, match=r"row 2 .*it is an object"):
        audited(file, label_column="labels")


def test_a_label_that_everybody_has_is_not_judged(tmp_path: Path) -> None:
    file = tmp_path / "posts.jsonl"
    rows = [{"id": it.id, "text": it.text, "labels": [*(it.tags or ()), "post"]} for it in posts()]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    one = audited(file)
    table = one.scores.table
    assert any("label 'post' is on all 120 labelled samples" in note for note in one.notes)
    assert table["given_label"].str.contains('"post"').all()
    assert table["predicted_label"].str.contains('"post"').all()
    assert not table["top_labels"].map(lambda names: "post" in names).any()
    assert one.metrics.classes["post"]["label_quality"] == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("id,x,labels\na,1,p\nb,2,p\n", "all 2 labelled samples have the same: 'p'"),
        ("id,x,labels\na,1,\nb,2,\n", "have the same: \\(none\\)"),
    ],
)
def test_labels_that_tell_nothing_apart_are_refused(
    tmp_path: Path, content: str, words: str
) -> None:
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(LabelsError, match=words):
        audited(tmp_path / "t.csv", label_column="labels")


def test_data_that_tells_one_label_is_refused_and_the_remedy_is_one(tmp_path: Path) -> None:
    np.savez(tmp_path / "t.npz", features=np.eye(12), labels=np.array(["a", "b", "c"] * 4))
    with pytest.raises(LabelsError, match=r"tells one of each.*source\.labels"):
        audited(tmp_path / "t.npz")
    (tmp_path / "tags.csv").write_text(
        "labels\n" + "".join(f'"[""{"abc"[i % 3]}"", ""{"de"[i % 2]}""]"\n' for i in range(12))
    )
    assert len(audited(tmp_path / "t.npz", labels=str(tmp_path / "tags.csv")).scores.table) == 12
    np.save(tmp_path / "tags.npy", np.array(["a", "b"] * 6))
    with pytest.raises(LabelsError, match="is an array, which has one label a row"):
        audited(tmp_path / "t.npz", labels=str(tmp_path / "tags.npy"))


def test_samples_read_as_classes_are_refused() -> None:
    """Who changes the task has to featurize again: the labels were read as one each."""
    table = pd.DataFrame({"label": ["cat", '["cat", "dog"]', None]}, dtype=object)
    with pytest.raises(LabelsError, match="'cat' were read as one label a sample"):
        labels_as_sets(Joined(table, table), SourceParams())


def test_the_summary_has_labels_and_nothing_of_classes(found: Audited) -> None:
    content = found.metrics.as_json()
    assert not {"pair", "growth", "n_expected_errors", "flag_precision"} & set(content)
    assert content["n_classes"] == 4
    counts = {name: sum(name in (it.tags or ()) for it in posts()) for name in content["class"]}
    for name, figures in content["class"].items():
        assert figures["n_samples"] == counts[name]
        contested = figures["n_label_issues"]
        assert figures["label_quality"] == pytest.approx(1 - contested / counts[name], abs=1e-5)
        assert 0 < figures["complexity"] < 2
    assert sum(it["n_missing"] for it in content["class"].values()) == sum(
        map(len, found.scores.table["labels_missing"])
    )
    plots = plot_tables(found.scores.table, "multilabel")
    assert set(plots) == {"label_score", "class_quality"}
    assert [row["class"] for row in plots["class_quality"]] == ["food", "money", "music", "sport"]


def test_what_a_person_let_stand_is_not_contested(found: Audited) -> None:
    table = found.scores.table
    kept = table.assign(is_label_issue=table["is_label_issue"] & (table["id"] != "p055"))
    before, after = (health_by_label(it[it["given_label"].notna()]) for it in (table, kept))
    doubtful = table.set_index("id").loc["p055", "labels_doubtful"]
    assert len(doubtful) > 0
    for name in doubtful:
        assert after[name].n_label_issues == before[name].n_label_issues - 1


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("given_label", "cat", "given_label holds what is no set of labels"),
        ("given_label", '["b", "a"]', "given_label holds what is no set of labels"),
        ("predicted_label", '["a","b"]', "predicted_label holds what is no set of labels"),
        ("predicted_label", None, "predicted_label is empty"),
        ("labels_doubtful", ["nobody has this"], "labels_doubtful does not fit"),
        ("labels_missing", None, "labels_missing is empty"),
    ],
)
def test_a_forged_table_is_refused(
    found: Audited, tmp_path: Path, column: str, value: object, words: str
) -> None:
    table = found.scores.table.copy()
    table.at[0, column] = value
    write_scores(Scores(table, found.scores.provenance), tmp_path / "scores.parquet")
    with pytest.raises(StaleError, match=words):
        read_scores(tmp_path / "scores.parquet")


def test_a_table_without_flags_is_read_again(found: Audited, tmp_path: Path) -> None:
    """Lists that are empty in all rows do not say what they are lists of."""
    empty = [[] for _ in range(len(found.scores.table))]
    table = found.scores.table.assign(labels_doubtful=empty, labels_missing=empty)
    write_scores(Scores(table, found.scores.provenance), tmp_path / "scores.parquet")
    assert read_scores(tmp_path / "scores.parquet").table["labels_missing"].map(len).sum() == 0


@pytest.mark.parametrize("method", ["lowrank", "iterative"])
def test_other_methods_flag_the_same(found: Audited, tmp_path: Path, method: str) -> None:
    as_json(tmp_path / "posts.csv")
    other = audited(tmp_path / "posts.csv", {"method": method}).scores
    assert other.provenance.method == method
    flags = other.table.set_index("id")["is_label_issue"]
    assert set(flags.index[flags]) == WRONG_IDS
    assert (other.table["predicted_label"] == found.scores.table["predicted_label"]).mean() > 0.95


def test_the_command_line_says_labels(folder: Path, found: Audited) -> None:
    separated(folder / "s.csv")
    words = ["audit", str(folder / "s.csv"), "--task", "multilabel", "--label-separator", ";"]
    done = CliRunner().invoke(cli, [*words, "--out", str(folder / "cli")])
    assert done.exit_code == 0, done.output
    assert "120 samples in 4 labels: 3 label issues" in done.output
    assert "+food +music −sport" in done.output


def test_reviewers_who_write_one_set_in_two_ways_agree(
    folder: Path, found: Audited, tmp_path: Path
) -> None:
    for name, label in (("ada", '["food","music"]'), ("ben", '["music", "food"]')):
        row = {"id": "p007", "action": "relabel", "label": label, "given_label": '["sport"]'}
        (tmp_path / f"fixes-{name}.json").write_text(json.dumps([row]))
    files = [tmp_path / "fixes-ada.json", tmp_path / "fixes-ben.json"]
    project = Project(Path(), audited=folder / "out")
    out = tmp_path / "merged.json"
    result = merge(project, None, files, settle=None, out=out, page=None, arbiter="eve")
    assert (result["merged"], result["conflicts"], result["stale"]) == (1, [], [])
    assert json.loads(out.read_text())[0]["label"] == '["food", "music"]'


def test_formats_of_one_label_are_refused_and_the_others_are_not(
    folder: Path, found: Audited, tmp_path: Path
) -> None:
    params = load_asked(folder / "out/audit.json")
    project = Project(Path(), audited=folder / "out")
    for name in ("fiftyone", "cvat", "spotlight"):
        with pytest.raises(ExportError, match=r"one label a sample.*csv, jsonl") as error:
            export(project, params, name, tmp_path / name)
        assert "label-studio, cleanlab, datalab" in str(error.value)
    for name in ("csv", "jsonl", "label-studio", "cleanlab", "datalab"):
        export(project, params, name, tmp_path / f"{name}.out")
    tasks = json.loads((tmp_path / "label-studio.out/tasks.json").read_text())
    first = next(it for it in tasks if it["data"]["id"] == "p007")
    assert first["annotations"][0]["result"][0]["value"] == {"choices": ["sport"]}
    assert first["predictions"][0]["result"][0]["value"] == {"choices": ["food", "music"]}
    assert 'choice="multiple"' in (tmp_path / "label-studio.out/interface.xml").read_text()
    nothing = next(it for it in tasks if it["data"]["given_label"] == "[]")
    assert nothing["annotations"] == [{"result": []}]
