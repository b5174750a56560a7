"""Labels that are numbers, handed to other tools."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from datarepo import make_scores
from export_data import contents_of
from provenance import PROVENANCE

from cgaudit.export import FORMATS, Material
from cgaudit.results.table import Scores


@pytest.fixture
def material() -> Material:
    scores = make_scores(["a", "b", "c"], ["cat", None, "cat"])
    table = scores.table.assign(
        given_label=["12,5", None, "3"],
        predicted_label=["11", "9", "4"],
        top_labels=[[], [], []],
        top_scores=[[], [], []],
        value=[12.5, np.nan, 3.0],
        predicted=[11.25, 9.0, 4.0],
        residual=[1.25, np.nan, -1.0],
        deviation=[2.0, np.nan, 2.0],
        path=["0", "1", "2"],
    )
    numbers = Scores(table, replace(PROVENANCE, task="regression"))
    return Material(numbers, texts={"0": "one", "1": "two", "2": "three"})


def test_cleanlab_gets_predictions_and_labels(material: Material) -> None:
    contents = contents_of("cleanlab", material)
    np.testing.assert_array_equal(contents["predictions.npy"], [11.25, 4.0])
    np.testing.assert_array_equal(contents["labels.npy"], [12.5, 3.0])
    assert contents["ids.csv"] == b"id\na\nc\n"


def test_cleanlab_takes_them(material: Material) -> None:
    rank = pytest.importorskip("cleanlab.regression.rank")
    contents = contents_of("cleanlab", material)
    scores = rank.get_label_quality_scores(contents["labels.npy"], contents["predictions.npy"])
    assert len(scores) == 2


def test_label_studio_gets_numbers(material: Material) -> None:
    contents = contents_of("label-studio", material)
    tasks = {task["data"]["id"]: task for task in json.loads(contents["tasks.json"])}
    (given,) = tasks["a"]["annotations"][0]["result"]
    assert (given["type"], given["value"]) == ("number", {"number": 12.5})
    assert "annotations" not in tasks["b"]
    assert tasks["b"]["predictions"][0]["result"][0]["value"] == {"number": 9.0}
    view = ElementTree.fromstring(contents["interface.xml"])
    assert [child.tag for child in view] == ["Text", "Number"]


def test_formats_of_classes_say_that_they_are() -> None:
    only_classes = {"fiftyone", "cvat", "datalab", "spotlight"}
    assert {name for name, it in FORMATS.items() if not it.takes_numbers} == only_classes


def test_csv_has_the_numbers(material: Material) -> None:
    lines = FORMATS["csv"].lines
    assert lines is not None
    content = b"".join(lines([material.scores.table]))
    row = pd.read_csv(BytesIO(content), dtype=str).iloc[0]
    assert (row["given_label"], row["value"], row["predicted"]) == ("12,5", "12.5", "11.25")
