"""A scores table that somebody else wrote is one, or the reason why not is named."""

from __future__ import annotations

import json
import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datarepo import make_scores

from cgaudit.errors import StaleError
from cgaudit.results.table import read_scores, write_scores

N = 6


@pytest.fixture
def file(tmp_path):
    labels = ["cat", "dog", None, "fox", "cat", "dog"]
    scores = make_scores([f"s{i}" for i in range(N)], labels)
    scores.table["path"] = scores.table["id"]
    write_scores(scores, tmp_path / "scores.parquet")
    return tmp_path / "scores.parquet"


def set_column(file, name, values, kind=None):
    table = pq.read_table(file)
    kind = kind or table.schema.field(name).type
    at = table.schema.get_field_index(name)
    pq.write_table(table.set_column(at, name, pa.array(values, kind)), file)


def set_record(file, stored):
    table = pq.read_table(file)
    pq.write_table(table.replace_schema_metadata({b"cgaudit": stored}), file)


def refused(file):
    with pytest.raises(StaleError, match=r"Run `cgaudit score` again") as caught:
        read_scores(file)
    assert str(file) in str(caught.value)
    return str(caught.value)


def test_what_is_written_is_no_matter(file):
    assert len(read_scores(file).table) == N
    assert len(read_scores(file.read_bytes(), "scores at v1").table) == N


NAN, INF = math.nan, math.inf
TOPS = [["cat", "dog"]] * N
HALVES = [[0.5, 0.5]] * N


@pytest.mark.parametrize(
    ("name", "values", "kind", "why"),
    [
        ("id", [1] * N, pa.int64(), "id holds int64, not string"),
        ("label_score", ["x"] * N, pa.string(), "label_score holds string"),
        ("path", [b"x"] * N, pa.binary(), "path holds binary"),
        ("top_labels", ["cat"] * N, pa.string(), "top_labels holds string"),
        ("is_label_issue", [1] * N, pa.int8(), "is_label_issue holds int8"),
        ("id", [*"abcde", None], None, "id is empty in some rows"),
        ("id", [*"abcde", "a"], None, "ids are not unique"),
        ("path", [*"abcde", None], None, "path is empty in some rows"),
        ("predicted_label", [None] * N, None, "predicted_label is empty in some rows"),
        ("is_label_issue", [None] * N, None, "is_label_issue is empty"),
        ("label_score", [NAN] * N, None, "label_score holds values outside of 0 … 1"),
        ("label_score", [None] * N, None, "label_score holds values outside"),
        ("label_score", [0.5] * 5 + [1.5], None, "label_score holds values outside"),
        ("label_score", [0.5] * 5 + [-INF], None, "label_score holds values outside"),
        ("cg_score", [INF] * N, None, "cg_score holds infinite"),
        ("margin", [-INF] * N, None, "margin holds infinite"),
        ("top_labels", [None] * N, None, "top_labels is empty"),
        ("top_labels", [["cat", None]] * N, pa.list_(pa.string()), "do not fit|that are none"),
        ("top_labels", [[]] * N, None, "do not fit"),
        ("top_scores", [[0.5, NAN, 0.1]] * N, None, "top_scores holds values outside"),
        ("top_scores", [[0.5, 0.2, 7.0]] * N, None, "top_scores holds values outside"),
    ],
)
def test_a_value_that_none_can_be_is_named(file, name, values, kind, why):
    set_column(file, name, values, kind)
    message = refused(file)
    assert any(part in message for part in why.split("|")), message


@pytest.mark.parametrize(
    ("stored", "why"),
    [
        (b"{", "no JSON"),
        (b"\xff", "no UTF-8"),
        (b"[" * 100_000, "too deeply"),
        (b"null", "no JSON object"),
        (b"{}", "another version of cgaudit"),
    ],
)
def test_a_record_that_is_none_is_named(file, stored, why):
    set_record(file, stored)
    assert why in refused(file)


@pytest.mark.parametrize(
    ("name", "value"),
    [("recipe", "2"), ("ridge", None), ("ridge", NAN), ("seed", 1.5), ("task", []), ("method", {})],
)
def test_a_record_with_odd_values_is_named(file, name, value):
    facts = json.loads(pq.read_schema(file).metadata[b"cgaudit"])
    set_record(file, json.dumps({**facts, name: value}).encode())
    assert f"odd values of '{name}'" in refused(file)


def test_no_file_and_no_regular_file(tmp_path, file):
    with pytest.raises(StaleError, match=r"There is no .*none.parquet"):
        read_scores(tmp_path / "none.parquet")
    (tmp_path / "folder").mkdir()
    assert "it is a folder" in refused(tmp_path / "folder")
