"""Parquet that anybody may have written: the same tables as pyarrow reads, or a reason why not."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from memory import within

from cgaudit.reading.files import Damage
from cgaudit.reading.parquet import parquet_pieces, parquet_table

#: What reads a file, where only so much memory is to be had.
SETTING_UP = "from pathlib import Path\nfrom cgaudit.reading.parquet import Damage, parquet_table"
READING = """
try:
    parquet_table(Path(argv[0]))
except Damage as damage:
    print(damage)
"""


def written(table: pa.Table, **options: object) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file.getvalue()


@pytest.mark.parametrize("options", [{}, {"row_group_size": 3}, {"use_dictionary": False}])
def test_a_table_is_read_as_it_was_written(tmp_path, options):
    table = pa.table(
        {
            "id": ["a", "b", "ü", "", "e"],
            "label": pa.array(["cat", None, "cat", "dog", None]),
            "tops": pa.array([["cat", "dog"], [], None, ["cat", None], ["x"]]),
            "scores": pa.array([[0.5, 0.25], [], None, [1.0], [0.0]], pa.list_(pa.float32())),
            "number": pa.array([1.5, None, np.nan, 2.0, -1.0], pa.float32()),
            "flag": [True, False, True, True, False],
            "count": pa.array([1, 2, 3, 4, 5], pa.int64()),
            "nothing": pa.nulls(5, pa.string()),
        }
    ).replace_schema_metadata({b"cgaudit": b"{}"})
    data = written(table, **options)
    (tmp_path / "t.parquet").write_bytes(data)
    for read in (parquet_table(data), parquet_table(tmp_path / "t.parquet")):
        assert read.schema.types == table.schema.types
        assert read.schema.metadata[b"cgaudit"] == b"{}"
        pd.testing.assert_frame_equal(read.to_pandas(), pq.read_table(io.BytesIO(data)).to_pandas())


@pytest.mark.parametrize("rows", [1, 30_000])
def test_labels_of_a_hundred_thousand_classes_are_read(rows):
    """They do not fit one dictionary of a file, so that it falls back on plain text within."""
    names = [f"a class with quite a long name, of number {i:06}" for i in range(100_000)]
    tops = [names[5 * i % 100_000 : 5 * i % 100_000 + 3] for i in range(rows)]
    table = pa.table({"label": [top[0] for top in tops], "tops": tops})
    data = written(table, compression="zstd")
    assert parquet_table(data).to_pydict() == table.to_pydict()


def test_what_is_no_table_is_damage(tmp_path):
    valid = written(pa.table({"a": list(range(1000))}))
    for data in (b"", b"PAR1 and nothing else", valid[:-30], valid[:300] + bytes(40) + valid[340:]):
        with pytest.raises(Damage, match="no readable Parquet"):
            parquet_table(data)
    twice = pa.table([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(Damage, match="one name"):
        parquet_table(written(twice))
    with pytest.raises(FileNotFoundError):
        parquet_table(tmp_path / "none.parquet")


def test_text_that_is_no_utf8_is_damage():
    bad = pa.array([b"\xff\xfe"]).view(pa.string())
    with pytest.raises(Damage, match="UTF"):
        parquet_table(written(pa.table({"a": bad})))


BOMBS = {
    # One text of 300 kB, 20,000 times: 6 GB.
    "text": lambda: pa.table(
        {"a": pa.DictionaryArray.from_arrays(pa.array(np.zeros(20_000, np.int32)), ["x" * 300_000])}
    ),
    "text in lists": lambda: pa.table(
        {
            "a": pa.ListArray.from_arrays(
                pa.array(np.arange(0, 40_001, 2, dtype=np.int32)),
                pa.DictionaryArray.from_arrays(
                    pa.array(np.zeros(40_000, np.int32)), ["x" * 150_000]
                ),
            )
        }
    ),
    "rows": lambda: pa.table({"a": pa.nulls(200_000_000, pa.float32())}),
    "numbers": lambda: pa.table({"a": pa.array(np.zeros(100_000_000, np.float32))}),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_small_file_does_not_fill_the_memory(tmp_path, kind):
    """Files of less than a megabyte that unpack to gigabytes, where 400 MB are to be had."""
    (tmp_path / "t.parquet").write_bytes(written(BOMBS[kind](), compression="zstd"))
    assert (tmp_path / "t.parquet").stat().st_size < 1_000_000
    said = within(400 << 20, SETTING_UP, READING, str(tmp_path / "t.parquet"))
    assert "are not read" in said


def test_a_column_that_lost_rows_is_damage(tmp_path):
    table = pa.table({"id": ["a", "b", "c", "d"]})
    path = tmp_path / "t.parquet"
    pq.write_table(table, path, compression="none", use_dictionary=False, row_group_size=2)
    data = bytearray(path.read_bytes())
    # The kind of the first page is one that Arrow passes over.
    data[5] = 1
    path.write_bytes(data)
    assert pq.read_table(path).num_rows == 2
    with pytest.raises(Damage, match="lacks some of the 2 rows"):
        parquet_table(path)
    with pytest.raises(Damage, match="lacks some of the 2 rows"):
        list(parquet_pieces(path))
