"""Decisions on labels that are lists in Parquet are written as lists."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cgaudit.dataset import ParquetTable, open_table
from cgaudit.errors import DecisionError
from cgaudit.review.parquet import write_parquet
from cgaudit.review.rewrite import Changes
from cgaudit.review.verify import verify

FEATURE = {"_type": "Sequence", "feature": {"_type": "ClassLabel", "names": ["ant", "bee", "cat"]}}


def table_of(path: Path, cells: pa.Array, features: object = None) -> ParquetTable:
    table = pa.table({"id": ["0", "1", "2"], "labels": cells})
    if features is not None:
        facts = json.dumps({"info": {"features": {"labels": features}}})
        table = table.replace_schema_metadata({"huggingface": facts})
    pq.write_table(table, path)
    opened = open_table(path)
    assert isinstance(opened, ParquetTable)
    return opened


@pytest.mark.parametrize(
    ("type_", "cells", "features", "after"),
    [
        (pa.list_(pa.string()), [["cat"], ["bee", "ant"], None], None, [["ant", "cat"], ["bee"]]),
        (pa.large_list(pa.string()), [["cat"], ["bee"], []], None, [["ant", "cat"], ["bee"]]),
        (pa.list_(pa.int64()), [[2], [1, 0], [0]], FEATURE, [[0, 2], [1]]),
    ],
)
def test_a_list_stays_one(
    tmp_path: Path, type_: pa.DataType, cells: list, features: object, after: list
) -> None:
    table = table_of(tmp_path / "t.parquet", pa.array(cells, type_), features)
    changes = Changes({0: '["ant", "cat"]', 1: "bee"}, set())
    write_parquet(table, "labels", changes, tmp_path / "new.parquet")
    verify(table, tmp_path / "new.parquet", "labels", changes, "t.parquet")
    written = pq.read_table(tmp_path / "new.parquet")
    assert written.schema.equals(pq.read_schema(tmp_path / "t.parquet"), check_metadata=True)
    assert written["labels"].to_pylist() == [*after, cells[2]]


def test_a_name_that_is_none_is_refused(tmp_path: Path) -> None:
    cells = pa.array([[2], [1], [0]], pa.list_(pa.int64()))
    table = table_of(tmp_path / "t.parquet", cells, FEATURE)
    with pytest.raises(DecisionError, match=r"'be' is none of them.*bee"):
        write_parquet(table, "labels", Changes({0: '["be"]'}, set()), tmp_path / "new.parquet")
