"""Whole columns of tables as arrays, the same from every kind of table."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cgaudit.dataset.tables import Categories, Numbers, open_table, read_columns, rounded
from cgaudit.dataset.tables import columns as module
from cgaudit.dataset.tables.table import ROWS_AT_ONCE

NAN = float("nan")


def table_of(tmp_path, kind, columns):
    path = tmp_path / f"t.{kind}"
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    if kind == "parquet":
        pq.write_table(pa.table(columns), path)
    elif kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        lines = [columns, *(row.values() for row in rows)]
        cells = [["" if cell is None else str(cell) for cell in line] for line in lines]
        path.write_text("".join(",".join(line) + "\n" for line in cells))
    return open_table(path)


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_numbers_and_categories_with_gaps(tmp_path, kind):
    table = table_of(
        tmp_path,
        kind,
        {
            "whole": [3, None, -1],
            "real": [0.25, 1e300, None],
            "town": ["Rome", None, "Oslo"],
            "word": ["1", "NA", "2.5"],
            "empty": [None, None, None],
        },
    )
    whole, real, town, word, empty = read_columns(table, table.columns)
    assert isinstance(word, Numbers)
    np.testing.assert_array_equal(whole.values, [3, NAN, -1])
    np.testing.assert_array_equal(real.values, [0.25, 1e300, NAN])
    np.testing.assert_array_equal(word.values, [1, NAN, 2.5])
    assert isinstance(town, Categories)
    assert (town.codes.tolist(), town.categories) == ([0, -1, 1], ["Rome", "Oslo"])
    assert isinstance(empty, Numbers)
    assert np.isnan(empty.values).all()


def test_typed_cells_that_are_no_numbers(tmp_path):
    cells = {
        "yes": [True, False, None],
        "far": [1.0, float("inf"), 2.0],
        "kind": pa.array(["u", "v", "u"]).dictionary_encode(),
    }
    table = table_of(tmp_path, "parquet", cells)
    yes, far, kind = read_columns(table, table.columns)
    assert (yes.codes.tolist(), yes.categories) == ([0, 1, -1], ["true", "false"])
    np.testing.assert_array_equal(far.values, [1, NAN, 2])
    assert (kind.codes.tolist(), kind.categories) == ([0, 1, 0], ["u", "v"])


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_a_column_that_only_begins_like_numbers_is_read_again(tmp_path, kind):
    n = 3 * ROWS_AT_ONCE
    late = [str(i % 7) for i in range(n - 10)] + ["seven"] * 10
    table = table_of(tmp_path, kind, {"x": list(range(n)), "late": late})
    x, column = read_columns(table, table.columns)
    assert x.values.tolist() == list(range(n))
    assert column.categories == [*map(str, range(7)), "seven"]
    assert [column.categories[code] for code in column.codes] == late


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
@pytest.mark.parametrize("cell", ["<0.01", "#N/A", "error", " ", "inf"])
def test_one_cell_that_is_no_number_is_a_gap_in_a_column_of_numbers(tmp_path, kind, cell):
    n = 2 * ROWS_AT_ONCE
    cells = [f"{i / 8}" for i in range(n)]
    cells[n - 3] = cell
    (column,) = read_columns(table_of(tmp_path, kind, {"x": cells}), ["x"])
    expected = np.arange(n) / 8
    expected[n - 3] = NAN
    np.testing.assert_array_equal(column.values, expected)


def test_a_decimal_comma_is_that_of_the_whole_column(tmp_path):
    cells = ["1.234,5", "2,25", "−3,0", "1.000", "n.a."]
    table = table_of(tmp_path, "jsonl", {"x": cells})
    (column,) = read_columns(table, ["x"])
    np.testing.assert_array_equal(column.values, [1234.5, 2.25, -3, 1000, NAN])


def test_a_wide_table_is_read_in_parts_and_a_column_of_names_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_CELLS", 2000)
    monkeypatch.setattr(module, "_MOST_CATEGORIES", 500)
    cells = {f"c{i}": [str(j * i) for j in range(1000)] for i in range(4)}
    cells["name"] = [f"n{j}" for j in range(1000)]
    table = table_of(tmp_path, "csv", cells)
    read = list(read_columns(table, table.columns))
    assert [column.name for column in read] == ["c0", "c1", "c2", "c3"]
    assert read[3].values[-1] == 2997


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("6.9827468111312765", "6.983"),
        ("0.00012345", "0.0001234"),
        ("12345.678", "12346"),
        ("9999.96", "10000"),
        ("999.96", "1000"),
        ("5.0", "5"),
        ("-0.0", "0"),
        ("1e5", "1e5"),
        ("1e+20", "1e+20"),
        ("90210", "90210"),
        ("007", "007"),
        ("Example. E", "Example. E"),
        ("1_0.5", "1_0.5"),
        ("nan", "nan"),
    ],
)
def test_numbers_are_rounded_to_be_read(text, shown):
    assert rounded(text) == shown
