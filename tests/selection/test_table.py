"""The selection and its curve as files that anybody may have written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cgaudit.errors import StaleError
from cgaudit.selection import (
    Arm,
    Curve,
    Made,
    Selection,
    curve_rows,
    read_curve,
    read_selection,
    write_selection,
)

MADE = Made("herding", 0.5, "share", "labelled", 0, True, "because", 100, "0" * 32)
TABLE = pd.DataFrame(
    {
        "id": ["a", "=b", "ü"],
        "keep": [True, False, True],
        "rank": pd.array([2, None, 1], dtype="Int32"),
        "reason": ["chosen by herding", "not among the share", "kept before"],
        "label": ["cat", "dog", None],
        "content_hash": ["1" * 32, "2" * 32, None],
    }
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_selection(Selection(TABLE, MADE), tmp_path / "selection.parquet")
    return tmp_path / "selection.parquet"


def test_it_comes_back_as_it_was(path: Path) -> None:
    found = read_selection(path)
    assert found.made == MADE
    pd.testing.assert_frame_equal(found.table, TABLE, check_dtype=False)
    before = path.read_bytes()
    write_selection(found, path)
    assert path.read_bytes() == before


def test_a_training_script_reads_it(path: Path) -> None:
    kept = pd.read_parquet(path).query("keep").sort_values("rank")["id"]
    assert kept.tolist() == ["ü", "a"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: t.drop_columns(["rank"]), "columns are not"),
        (lambda t: t.set_column(0, "id", [["a", "a", "b"]]), "not unique"),
        (lambda t: t.set_column(1, "keep", [[True, True, True]]), "does not fit"),
        (lambda t: t.set_column(2, "rank", [pa.array([1, None, 2], pa.int64())]), "holds int64"),
        (lambda t: t.replace_schema_metadata(None), "lacks the record"),
        (lambda t: t.replace_schema_metadata({"cgaudit": "{}"}), "none of this version's"),
    ],
)
def test_what_is_forged_is_named_with_its_remedy(path: Path, change, says: str) -> None:
    pq.write_table(change(pq.read_table(path)), path)
    with pytest.raises(StaleError, match=says) as raised:
        read_selection(path)
    assert "cgaudit select" in str(raised.value)


def test_the_curve_comes_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    arms = [Arm(rng.random((3, 5))) for _ in range(3)]
    rows = curve_rows(Curve(np.array([0.1, 0.5, 1.0]), *arms, 100), dropped_flagged=True)
    path = tmp_path / "curve.json"
    path.write_text(json.dumps(rows))
    points = read_curve(path)
    assert [point.share for point in points] == [0.1, 0.5, 1.0]
    assert points[1].rule == pytest.approx(arms[1].mean[1], abs=1e-3)
    assert points[1].rule_other == pytest.approx(arms[0].mean[1], abs=1e-3)
    assert curve_rows(None, dropped_flagged=False) == []


@pytest.mark.parametrize("content", ["{}", "[1]", '[{"share": 1}]', "[", '"x"'])
def test_no_curve(tmp_path: Path, content: str) -> None:
    path = tmp_path / "curve.json"
    path.write_text(content)
    with pytest.raises(StaleError, match="cgaudit select"):
        read_curve(path)


def test_what_may_stay_was_chosen_by_the_same_means() -> None:
    assert MADE.is_like(replace(MADE, share=0.1, dropped_flagged=False))
    assert not MADE.is_like(replace(MADE, rule="random"))
