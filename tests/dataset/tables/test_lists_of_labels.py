"""Lists of labels in Parquet are read as those in JSON lines are."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cgaudit.dataset import open_table
from cgaudit.errors import TableError

LISTS = [["dog", "cat"], ["cat"], [], None]
READ = ['["cat", "dog"]', "cat", None, None]


def parquet(path: Path, values: pa.Array, features: object = None) -> Path:
    table = pa.table({"id": list(map(str, range(len(values)))), "labels": values})
    if features is not None:
        facts = json.dumps({"info": {"features": {"labels": features}}})
        table = table.replace_schema_metadata({"huggingface": facts})
    pq.write_table(table, path)
    return path


@pytest.mark.parametrize("type_", [pa.list_(pa.string()), pa.large_list(pa.large_string())])
def test_lists_of_texts(tmp_path: Path, type_: pa.DataType) -> None:
    table = open_table(parquet(tmp_path / "t.parquet", pa.array(LISTS, type_)))
    notes: list[str] = []
    assert table.labels("labels", notes) == READ
    assert table.lists_labels("labels")
    assert "several labels in 1 rows" in notes[0]


def test_the_same_in_json_lines(tmp_path: Path) -> None:
    rows = [json.dumps({"id": str(i), "labels": it}) for i, it in enumerate(LISTS)]
    (tmp_path / "t.jsonl").write_text("\n".join(rows))
    assert open_table(tmp_path / "t.jsonl").labels("labels", []) == READ


@pytest.mark.parametrize(
    "features",
    [
        {"_type": "Sequence", "feature": {"_type": "ClassLabel", "names": ["cat", "dog"]}},
        {"_type": "List", "feature": {"_type": "ClassLabel", "names": ["cat", "dog"]}},
        [{"_type": "ClassLabel", "names": ["cat", "dog"]}],
    ],
)
def test_lists_of_named_numbers(tmp_path: Path, features: object) -> None:
    values = pa.array([[1, 0], [0], [], None], pa.list_(pa.int64()))
    table = open_table(parquet(tmp_path / "t.parquet", values, features))
    assert table.labels("labels", []) == READ


def test_lists_of_other_numbers_are_no_labels(tmp_path: Path) -> None:
    values = pa.array([[1.5, 2.5]], pa.list_(pa.float64()))
    table = open_table(parquet(tmp_path / "t.parquet", values))
    assert not table.lists_labels("labels")
    with pytest.raises(TableError, match="cannot be read as text"):
        table.labels("labels", [])
