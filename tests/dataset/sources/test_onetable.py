"""What the columns of one table are taken for, and that it is said."""

from __future__ import annotations

import csv

import pytest

from cgaudit.dataset import open_source
from cgaudit.params import SourceParams


def opened(path, **params):
    return open_source(SourceParams(path=str(path), **params))


def written(path, columns):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return opened(path)


ROWS = 40
LABELS = ["x", "y"] * (ROWS // 2)
WIDTHS = [f"{i * 37 % 100 / 8}" for i in range(ROWS)]


@pytest.mark.parametrize(
    ("name", "cells", "why"),
    [
        ("", range(ROWS), "an index by its name, or by having none"),
        ("Unnamed: 0", range(ROWS), "an index by its name, or by having none"),
        ("__index_level_0__", range(ROWS), "an index by its name, or by having none"),
        ("n", range(1, ROWS + 1), "it numbers the rows, like an index"),
        ("n", range(0, 3 * ROWS, 3), None),
        ("n", [i + (i > 7) for i in range(ROWS)], "it numbers the rows, like an index"),
        ("n", [i * 7 % ROWS for i in range(ROWS)], "it numbers the rows, like an index"),
        ("n", [i // 2 for i in range(ROWS)], None),
        ("n", [i * 977 for i in range(ROWS)], None),
    ],
)
def test_an_index_is_no_feature_and_that_is_said(tmp_path, name, cells, why):
    source = written(tmp_path / "t.csv", {name: cells, "width": WIDTHS, "label": LABELS})
    assert source.names == (["width"] if why else ["n", "width"])
    assert source.left_out == ({name: why} if why else {})
    assert (f"column {name!r} left out: {why}" in source.notes) is bool(why)
    assert source.samples()[0]["id"].isna().all()


@pytest.mark.parametrize("name", ["patient_id", "PatientID", "Case No", "Patient"])
def test_a_column_that_tells_samples_apart_by_name_and_values_is_their_id(tmp_path, name):
    numbers = [i * 977 % 10_000 for i in range(ROWS)]
    source = written(tmp_path / "t.csv", {name: numbers, "width": WIDTHS, "label": LABELS})
    assert source.names == ["width"]
    assert sorted(source.samples()[0]["id"]) == sorted(map(str, numbers))
    assert f"id column guessed: {name!r}, which is another in every row" in source.notes


def test_other_columns_whose_values_are_all_different_are_no_features_either(tmp_path):
    columns = {
        "id": [f"s{i}" for i in range(ROWS)],
        "patient_no": [i * 977 % 10_000 for i in range(ROWS)],
        "checksum": [f"{i * 7919:x}" + "a" for i in range(ROWS)],
        "width": WIDTHS,
        "label": LABELS,
    }
    source = written(tmp_path / "t.csv", columns)
    assert source.names == ["width"]
    assert source.left_out == {
        "patient_no": "it tells samples apart, like an id",
        "checksum": "no value comes twice, as in an id",
    }


def test_a_column_called_like_an_id_that_repeats_is_a_feature(tmp_path):
    rooms = [i % 4 for i in range(ROWS)]
    source = written(tmp_path / "t.csv", {"room_no": rooms, "width": WIDTHS, "label": LABELS})
    assert source.names == ["room_no", "width"]
    assert source.left_out == {}


def test_an_id_that_most_rows_share_is_none(tmp_path):
    source = written(tmp_path / "t.csv", {"index": [0] * ROWS, "width": WIDTHS, "label": LABELS})
    assert len(source.samples()[0]) == ROWS
    assert (
        "column 'index' is called like an id and is none: 39 of 40 rows repeat another's"
        in source.notes
    )


def test_a_row_has_the_content_that_it_had_however_numbers_are_written(tmp_path):
    by_hand = written(tmp_path / "a.csv", {"n": ["1", "2", "-3"], "label": ["x", "y", "x"]})
    by_pandas = written(tmp_path / "b.csv", {"n": ["1.0", "2.0", "-3.0"], "label": ["x", "y", "x"]})
    first, second = (it.samples()[0]["content_hash"].tolist() for it in (by_hand, by_pandas))
    assert first == second
    assert len(set(first)) == 3
