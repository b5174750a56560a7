"""What each format writes, by its documentation; the tools that install are asked themselves."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from export_data import CLASSES, PATHS, awkward_scores, contents_of
from hypothesis import given
from hypothesis import strategies as st

from cgaudit.cli.export import NAMES
from cgaudit.errors import ExportError
from cgaudit.export import FORMATS, Material, Pictures, class_names
from cgaudit.export.base import Members, as_json
from cgaudit.export.labelstudio import LOCAL_FILES
from cgaudit.results.table import Scores
from cgaudit.wording.csvtext import unguarded

PICTURES = Pictures("data/photos é", "../data/photos é", lambda path: (len(path), 7))


def made(name: str, **material: object) -> dict[str, bytes]:
    chosen, scores = FORMATS[name], awkward_scores()
    if chosen.lines is not None:
        return {"": b"".join(chosen.lines([scores.table]))}
    return contents_of(name, Material(scores, **material))  # type: ignore[arg-type]


TEXT = st.text(st.characters(codec="utf-8"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)


def lazily(data: Any) -> Any:
    """Return JSON values with nothing in them that is there before it is written."""
    if isinstance(data, dict):
        return Members((name, lazily(it)) for name, it in data.items())
    return map(lazily, data) if isinstance(data, list) else data


@given(JSON)
def test_json_in_pieces_is_json(data: Any) -> None:
    text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    assert b"".join(as_json(data)) == b"".join(as_json(lazily(data))) == text.encode()


@pytest.mark.parametrize("name", ["csv", "jsonl"])
def test_a_table_in_pieces_is_the_table(name: str) -> None:
    lines, table = FORMATS[name].lines, awkward_scores().table
    assert lines is not None
    assert b"".join(lines([table[:1], table[1:1], table[1:]])) == made(name)[""]


def test_the_command_line_knows_every_format() -> None:
    assert tuple(FORMATS) == NAMES


@pytest.mark.parametrize(
    "name", ["csv", "jsonl", "label-studio", "fiftyone", "cvat", "datalab", "spotlight"]
)
def test_the_same_scores_give_the_same_bytes(name: str) -> None:
    assert made(name, pictures=PICTURES) == made(name, pictures=PICTURES)


def test_csv_reads_back_as_it_is() -> None:
    header, *lines = csv.reader(io.StringIO(made("csv")[""].decode()))
    rows = [dict(zip(header, line, strict=True)) for line in lines]
    assert [unguarded(row["id"]) for row in rows] == PATHS
    # To a spreadsheet it would be a formula otherwise.
    assert rows[1]["given_label"] == "'=cmd()"
    assert unguarded(rows[1]["given_label"]) == "=cmd()"
    assert json.loads(rows[0]["top_labels"]) == CLASSES[:3]
    assert json.loads(rows[0]["top_scores"]) == [0.9, 0.06, 0.04]
    assert [row["is_label_issue"] for row in rows] == ["false", "true", "false", "false"]
    assert (rows[2]["given_label"], rows[2]["label_score"]) == ("", "")
    assert rows[0]["cg_score"] == "0.12345"


def test_json_lines_read_back_as_they_are() -> None:
    rows = [json.loads(line) for line in made("jsonl")[""].decode().splitlines()]
    table = awkward_scores().table
    assert [row["id"] for row in rows] == PATHS
    assert list(rows[0]) == list(table.columns)
    assert rows[2]["given_label"] is None
    assert rows[2]["label_score"] is None
    assert rows[1]["label_score"] == 0.1
    assert rows[1]["is_label_issue"] is True


def test_every_class_that_occurs_is_named() -> None:
    assert class_names(awkward_scores().table) == sorted(CLASSES)


def test_label_studio_tasks_of_pictures() -> None:
    files = made("label-studio", pictures=PICTURES)
    tasks = json.loads(files["tasks.json"])
    assert [task["data"]["id"] for task in tasks] == [PATHS[i] for i in (1, 3, 0, 2)]
    worst, *_, unlabelled = tasks
    url = worst["data"]["image"]
    assert url.startswith(LOCAL_FILES)
    assert unquote(url.removeprefix(LOCAL_FILES)) == f"data/photos é/{PATHS[1]}"
    assert "&" not in url.removeprefix(LOCAL_FILES)
    (prediction,) = worst["predictions"]
    assert prediction["score"] == 0.9
    assert prediction["model_version"] == "cgaudit recipe 1, patches, exact"
    assert prediction["result"][0]["value"] == {"choices": ["dog, big"]}
    assert worst["annotations"][0]["result"][0]["value"] == {"choices": ["=cmd()"]}
    assert "annotations" not in unlabelled


def test_label_studio_interface_and_tasks_belong_together() -> None:
    files = made("label-studio", texts={path: f"text of {path}" for path in PATHS})
    view = ElementTree.fromstring(files["interface.xml"])
    shown, control = view.find("Text"), view.find("Choices")
    assert shown is not None
    assert control is not None
    assert [choice.get("value") for choice in control] == sorted(CLASSES)
    for task in json.loads(files["tasks.json"]):
        assert task["data"][str(shown.get("value")).removeprefix("$")].startswith("text of ")
        for result in (one["result"][0] for one in task["predictions"]):
            assert result["from_name"] == control.get("name")
            assert result["to_name"] == shown.get("name")


@pytest.mark.parametrize(
    ("prefix", "address"),
    [
        ("s3://bucket/p/", "s3://bucket/p/b c/ü&<x>.png"),
        ("https://host/p/", "https://host/p/b%20c/%C3%BC%26%3Cx%3E.png"),
    ],
)
def test_label_studio_pictures_elsewhere(prefix: str, address: str) -> None:
    files = made("label-studio", pictures=PICTURES._replace(prefix=prefix))
    assert json.loads(files["tasks.json"])[0]["data"]["image"] == address


def test_cvat_tags_by_the_documented_format() -> None:
    files = made("cvat", pictures=PICTURES)
    root = ElementTree.fromstring(files["annotations.xml"])
    assert root.findtext("version") == "1.1"
    assert root.findtext("meta/task/size") == "4"
    assert [it.text for it in root.iterfind("meta/task/labels/label/name")] == sorted(CLASSES)
    images = root.findall("image")
    assert [image.get("name") for image in images] == sorted(PATHS)
    assert [image.get("id") for image in images] == ["0", "1", "2", "3"]
    assert images[0].get("width") == str(len(PATHS[0]))
    tags = {image.get("name"): image.findall("tag") for image in images}
    assert tags[PATHS[2]] == []
    (tag,) = tags[PATHS[1]]
    assert tag.get("label") == "=cmd()"
    assert {it.get("name"): it.text for it in tag} == {
        "suggested_label": "dog, big", "label_score": "0.1", "is_label_issue": "true",
    }  # fmt: skip
    constructor = json.loads(files["labels.json"])
    assert [label["name"] for label in constructor] == sorted(CLASSES)
    assert {label["type"] for label in constructor} == {"tag"}


@pytest.mark.parametrize("name", ["cvat", "label-studio"])
def test_what_xml_cannot_hold_is_refused(name: str) -> None:
    scores = awkward_scores()
    table = scores.table.assign(given_label=["a\x01b", "c", None, "c"])
    with pytest.raises(ExportError, match=r"'a\\x01b' holds .* XML cannot hold"):
        contents_of(name, Material(replace(scores, table=table), pictures=PICTURES))


def test_fiftyone_labels_by_the_documented_format() -> None:
    files = made("fiftyone", pictures=PICTURES)
    content, manifest = json.loads(files["labels.json"]), json.loads(files["data.json"])
    assert content["classes"] == sorted(CLASSES)
    assert manifest == {path: f"../data/photos é/{path}" for path in PATHS}
    key = PATHS[1].removesuffix(".png")
    label = content["labels"][key]
    assert content["classes"][label["label"]] == "=cmd()"
    assert label["confidence"] == 0.1
    assert label["attributes"]["predicted_label"] == "dog, big"
    assert content["labels"][PATHS[2].removesuffix(".png")] is None


def test_fiftyone_refuses_names_that_differ_by_suffix_alone() -> None:
    scores = awkward_scores()
    table = scores.table.assign(path=["a.png", "a.jpg", "b.png", "c.png"])
    with pytest.raises(
        ExportError, match=r"a\.jpg and another picture differ by their suffix alone"
    ):
        contents_of("fiftyone", Material(replace(scores, table=table), pictures=PICTURES))


def found_too() -> Scores:
    """The awkward scores, with outliers and near-duplicates looked for."""
    scores = awkward_scores()
    more = {
        "outlier_score": np.array([0.5, 0.1, 0.5, 0.4], dtype=np.float32),
        "is_outlier_issue": [False, True, False, False],
        "is_near_duplicate_issue": [True, False, False, True],
    }
    return replace(scores, table=scores.table.assign(**more))


def test_datalab_has_the_columns_that_cleanlab_names() -> None:
    managers = pytest.importorskip("cleanlab.datalab.internal.issue_manager")
    known = {
        column
        for manager in vars(managers).values()
        if getattr(manager, "issue_name", None)
        for column in (f"is_{manager.issue_name}_issue", manager.issue_score_key)
    }
    files = contents_of("datalab", Material(found_too()))
    issues = pd.read_csv(io.BytesIO(files["issues.csv"]), index_col="id")  # type: ignore[arg-type]
    assert set(issues.columns) <= known
    assert len(issues.columns) == 5
    assert issues["is_label_issue"].tolist() == [False, True, False, False]
    assert issues["label_score"].isna().tolist() == [False, False, True, False]
    summary = pd.read_csv(io.BytesIO(files["issue_summary.csv"]))  # type: ignore[arg-type]
    assert summary["issue_type"].tolist() == ["label", "outlier", "near_duplicate"]
    assert summary["num_issues"].tolist() == [1, 1, 2]
    assert summary["score"].round(6).tolist()[:2] == [0.5, 0.375]
    labels = pd.read_csv(io.BytesIO(files["label_issues.csv"]))  # type: ignore[arg-type]
    assert [unguarded(name) for name in labels["given_label"].dropna()] == [
        CLASSES[0], CLASSES[1], CLASSES[1],
    ]  # fmt: skip


def test_datalab_of_scores_that_know_of_labels_alone() -> None:
    header, *_ = csv.reader(io.StringIO(made("datalab")["issues.csv"].decode()))
    assert header == ["id", "is_label_issue", "label_score"]


def test_spotlight_finds_pictures_from_its_table() -> None:
    files = made("spotlight", pictures=PICTURES)
    table = pd.read_parquet(io.BytesIO(files["table.parquet"]))
    assert table["image"].tolist() == [f"../data/photos é/{path}" for path in PATHS]
    assert table["given_label"].isna().tolist() == [False, False, True, False]
    dtypes = json.loads(files["dtypes.json"])
    assert dtypes == {"given_label": "Category", "predicted_label": "Category", "image": "Image"}
    assert set(dtypes) <= set(table.columns)


def test_spotlight_shows_texts() -> None:
    files = made("spotlight", texts={path: f"text of {path}" for path in PATHS})
    table = pd.read_parquet(io.BytesIO(files["table.parquet"]))
    assert table["text"].iloc[0] == f"text of {PATHS[0]}"
