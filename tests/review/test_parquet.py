"""Parquet tables: decisions are written through the inverse of what reads them."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deciding import apply, files, fixes
from memory import within

from cgaudit.dataset import open_table
from cgaudit.errors import DecisionError
from cgaudit.params import SourceParams

SOURCE = SourceParams(path="d.parquet", id_column="id", label_column="label")
TEXT, DICTIONARY = pa.string(), pa.dictionary(pa.int32(), pa.string())
NAMES = {"names": ["1", "0", "cat"], "_type": "ClassLabel"}


def written(root: Path, table: pa.Table, **options: Any) -> Path:
    """Write a table with ids 0, 1, 2, …"""
    ids = pa.array([str(number) for number in range(len(table))])
    file = root / "d.parquet"
    table = table.add_column(0, pa.field("id", pa.string()), ids)
    pq.write_table(table, file, **options)
    return file


def labelled(values: list, kind: pa.DataType, names: dict | None = None) -> pa.Table:
    facts = {"info": {"features": {"label": names}}} if names else {}
    schema = pa.schema([pa.field("label", kind)], {"huggingface": json.dumps(facts)})
    return pa.table([pa.array(values, kind)], schema=schema)


@pytest.mark.parametrize(
    ("kind", "values", "label", "expected"),
    [
        (pa.string(), ["a", "b", None], "c", "c"),
        (pa.large_string(), ["a", "b", None], "c", "c"),
        (pa.string_view(), ["a", "b", None], "c", "c"),
        (pa.int64(), [1, 2, None], "7", 7),
        (pa.int8(), [1, 2, None], "-7", -7),
        (pa.float64(), [1.0, 2.0, None], "7", 7.0),
        (pa.float32(), [1.5, 2.0, None], "7.5", 7.5),
        (pa.float64(), [1.0, 2.0, float("nan")], "7", 7.0),
        (pa.bool_(), [True, False, None], "true", True),
        (pa.date32(), [datetime.date(2020, 1, 2)] * 3, "2021-03-04", datetime.date(2021, 3, 4)),
        (DICTIONARY, ["a", "b", None], "c", "c"),
    ],
)
def test_a_label_is_stored_in_the_type_of_its_column(
    tmp_path: Path, kind: pa.DataType, values: list, label: str, expected: object
) -> None:
    file = written(tmp_path, labelled(values, kind))
    before = pq.read_table(file)
    apply(tmp_path, SOURCE, None, ("2", "relabel", label), ("0", "drop"))
    found = pq.read_table(file)
    assert found.schema.equals(before.schema, check_metadata=True)
    assert found["label"].to_pylist() == [values[1], expected]
    assert open_table(file).texts("label")[0][1] == label


@pytest.mark.parametrize(("label", "index"), [("1", 0), ("0", 1), ("cat", 2)])
def test_a_class_label_is_stored_as_the_index_of_its_name(
    tmp_path: Path, label: str, index: int
) -> None:
    """Names that look like numbers were taken for the index, so another class was stored."""
    file = written(tmp_path, labelled([0, 1, 2, -1, None], pa.int64(), NAMES))
    rows = [(str(row), "relabel", label) for row in range(5)]
    apply(tmp_path, SOURCE, None, *rows)
    assert pq.read_table(file)["label"].to_pylist() == [index] * 5
    assert open_table(file).texts("label") == [[label] * 5]


@pytest.mark.parametrize(
    ("table", "label", "says"),
    [
        (labelled([0, 1], pa.int64(), NAMES), "2", "'2' is none of them"),
        (labelled([0, 1], pa.int64(), NAMES), "Cat", "Did you mean 'cat'"),
        (labelled([1, 2], pa.int64()), "dog", "'dog' does not fit in the column 'label'.*int64"),
        (labelled([1, 2], pa.int8()), "1000", "does not fit"),
        (labelled([1, 2], pa.int64()), "07", "does not fit"),
        (labelled([True, False], pa.bool_()), "yes", "does not fit"),
        (labelled([1.5, 2.5], pa.float64()), "7", "'7', which would be read as '7.0'"),
        # The others would all be read as other labels: 1.0 and 2.0.
        (labelled([1.0, 2.0], pa.float64()), "2.5", "'1', which would be read as '1.0'"),
    ],
)
def test_a_label_that_has_no_place_is_refused(
    tmp_path: Path, table: pa.Table, label: str, says: str
) -> None:
    written(tmp_path, table)
    before = files(tmp_path)
    with pytest.raises(DecisionError, match=says):
        apply(tmp_path, SOURCE, None, ("1", "relabel", label))
    assert files(tmp_path) == before


def test_a_dictionary_keeps_its_order_and_what_nothing_uses(tmp_path: Path) -> None:
    codes = pd.Categorical(["b", "a", None, "a", "b", "a"], categories=["z", "b", "a"])
    file = written(tmp_path, pa.table({"label": codes}), row_group_size=2)
    apply(tmp_path, SOURCE, None, ("1", "relabel", "z"), ("3", "relabel", "new"))
    found = pd.read_parquet(file)["label"]
    assert found.cat.categories.tolist() == ["z", "b", "a", "new"]
    assert found.astype(object).fillna("-").tolist() == ["b", "z", "-", "new", "b", "a"]


def test_an_ordered_dictionary_takes_nothing_new(tmp_path: Path) -> None:
    codes = pd.Categorical(["low", "high"], categories=["low", "high"], ordered=True)
    file = written(tmp_path, pa.table({"label": codes}))
    with pytest.raises(DecisionError, match="ordered categories"):
        apply(tmp_path, SOURCE, None, ("1", "relabel", "medium"))
    apply(tmp_path, SOURCE, None, ("1", "relabel", "low"))
    assert pd.read_parquet(file)["label"].cat.ordered


def shape(file: Path) -> list[tuple]:
    """Return the rows of each row group, and the codec and statistics of each column."""
    metadata = pq.ParquetFile(file).metadata
    groups = [metadata.row_group(group) for group in range(metadata.num_row_groups)]
    return [
        (
            group.num_rows,
            [group.column(at).compression for at in range(group.num_columns)],
            [group.column(at).has_dictionary_page for at in range(group.num_columns)],
            [group.column(at).is_stats_set for at in range(group.num_columns)],
        )
        for group in groups
    ]


def in_groups(file: Path, table: pa.Table, sizes: list[int], **options: Any) -> None:
    with pq.ParquetWriter(file, table.schema, **options) as writer:
        first = 0
        for size in sizes:
            writer.write_table(table.slice(first, size))
            first += size


@pytest.mark.parametrize("sizes", [[1, 19], [0, 20], [7, 0, 13], [20]])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compression": {"id": "snappy", "label": "gzip", "number": "zstd"}},
        {"compression": "none", "use_dictionary": ["label"], "write_statistics": ["id"]},
        {"version": "1.0", "store_schema": False, "write_page_index": True},
    ],
)
def test_row_groups_codecs_and_encodings_stay(
    tmp_path: Path, sizes: list[int], options: dict
) -> None:
    data = {
        "id": [str(row) for row in range(20)],
        "label": ["cat", "dog"] * 10,
        "number": [float(row) for row in range(20)],
    }
    file = tmp_path / "d.parquet"
    in_groups(file, pa.table(data), sizes, **options)
    before, version = shape(file), pq.ParquetFile(file).metadata.format_version
    apply(tmp_path, SOURCE, None, ("0", "relabel", "fox"), ("19", "relabel", "cat"))
    assert shape(file) == before
    assert pq.ParquetFile(file).metadata.format_version == version
    wanted = ["fox", *data["label"][1:19], "cat"]
    assert pq.read_table(file).to_pydict() == {**data, "label": wanted}
    # A group that has lost all its rows goes, and the others stay what they are.
    dropped = [(str(row), "drop") for row in range(sizes[0])] or [("0", "drop")]
    apply(tmp_path, SOURCE, None, *dropped[:19])
    assert sum(rows for rows, *_ in shape(file)) == 20 - len(dropped[:19])
    assert len(shape(file)) == len(sizes) - (0 < sizes[0] < 20)


def nested() -> pa.Table:
    """All kinds of columns beside the label, with nothing in some cells and NaN in others."""
    columns = {
        "label": pa.array(["a", "b", None, "a"]),
        "image": pa.array([{"bytes": b"\xff", "path": None}, None, {"bytes": b""}, None]),
        "vector": pa.array([[1.0, float("nan")], [], None, [2.0, None]], pa.list_(pa.float32())),
        "fixed": pa.array([[1, 2]] * 4, pa.list_(pa.int64(), 2)),
        "float": pa.array([float("nan"), None, -0.0, 1e300]),
        "half": pa.array(np.array([1, 2, 3, 4], np.float16)),
        "when": pa.array([0, 1, None, 3], pa.timestamp("ns", "Europe/Berlin")),
        "decimal": pa.array([1, 2, None, 3], pa.decimal128(9, 2)),
        "category": pa.array(["x", "y", None, "x"]).dictionary_encode(),
        "map": pa.array([[("k", 1)], [], None, [("k", None)]], pa.map_(pa.string(), pa.int32())),
        "nothing": pa.nulls(4),
    }
    fields = [pa.field(name, array.type, metadata={"m": name}) for name, array in columns.items()]
    return pa.table(list(columns.values()), schema=pa.schema(fields, {"owner": "me"}))


@pytest.mark.parametrize("options", [{}, {"use_compliant_nested_type": False}])
def test_everything_else_keeps_type_value_and_metadata(tmp_path: Path, options: dict) -> None:
    file = written(tmp_path, nested(), row_group_size=3, **options)
    before, types = pq.read_table(file), pq.ParquetFile(file).schema
    apply(tmp_path, SOURCE, None, ("3", "relabel", "b"), ("1", "drop"))
    after = pq.read_table(file)
    assert after.schema.equals(before.schema, check_metadata=True)
    assert pq.ParquetFile(file).schema.equals(types)
    kept = before.filter(pa.array([True, False, True, True]))
    assert repr(after.drop_columns("label").to_pydict()) == repr(
        kept.drop_columns("label").to_pydict()
    )
    assert after["label"].to_pylist() == ["a", None, "b"]


def test_old_timestamps_stay_as_they_are_stored(tmp_path: Path) -> None:
    table = pa.table({"label": ["a", "b"], "when": pa.array([0, 1], pa.timestamp("ns"))})
    file = written(tmp_path, table, use_deprecated_int96_timestamps=True)
    apply(tmp_path, SOURCE, None, ("1", "relabel", "a"))
    assert pq.ParquetFile(file).schema.column(2).physical_type == "INT96"


IMPORTS = """
    import torch
    from pathlib import Path
    from cgaudit.params import SourceParams
    from cgaudit.project import Project
    from cgaudit.review import apply_fixes
"""
APPLY = """
    root = Path(argv[0])
    columns = {"id_column": "id", "label_column": "label", "image_column": "image"}
    source = SourceParams(path="d.parquet", **columns)
    apply_fixes(root / "fixes.csv", project=Project(root), source=source, scores=None)
"""


@pytest.mark.slow
def test_a_column_of_more_than_two_gigabytes_is_passed_through(tmp_path: Path) -> None:
    data = {"id": pa.string(), "image": pa.binary(), "label": pa.string()}
    picture = b"\xff" + bytes(20_000_000)
    with pq.ParquetWriter(tmp_path / "d.parquet", pa.schema(data), compression="zstd") as writer:
        for row in range(115):
            cells = {"id": [str(row)], "image": [picture], "label": ["cat"]}
            writer.write_table(pa.table(cells, schema=pa.schema(data)))
    fixes(tmp_path, ("3", "relabel", "dog"), ("7", "drop"))
    within(3 << 29, IMPORTS, APPLY, str(tmp_path))
    labels = pq.read_table(tmp_path / "d.parquet", columns=["id", "label"]).to_pylist()
    assert len(labels) == 114
    assert [row["id"] for row in labels if row["label"] == "dog"] == ["3"]
