"""Decisions on numbers: written as the data writes them, and read back as the same number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cgaudit.dataset import numeric_labels, read_labels
from cgaudit.errors import DecisionError
from cgaudit.params import SourceParams
from cgaudit.project import Project
from cgaudit.review import apply_fixes

COMMAS = 'id;x;target\r\na;1;"1.234,5"\r\nb;2;12,25\r\nc;3;n/a\r\nd;4;7,0\r\n'


def decided(folder: Path, file: str, decisions: list[dict[str, Any]], **how: Any) -> dict[str, Any]:
    fixes = folder / "fixes.json"
    fixes.write_text(json.dumps(decisions))
    source = SourceParams(path=file, label_column="target")
    return apply_fixes(
        fixes, project=Project(folder), source=source, scores=None, task="regression", **how
    )


def change(identity: str, label: str, **more: str) -> dict[str, str]:
    return {"id": identity, "action": "relabel", "label": label, **more}


def values(file: Path) -> list[float]:
    labels = [row.label for row in read_labels(file).rows]
    return numeric_labels(labels).values.tolist()


def test_text_gets_what_was_decided_and_no_other_byte(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(COMMAS.encode())
    result = decided(tmp_path, "t.csv", [change("a", "1,5"), change("c", "8"), change("d", "7")])
    assert (result["relabelled"], result["already"]) == (2, 1)
    expected = COMMAS.replace('"1.234,5"', '"1,5"').replace("n/a", "8")
    assert file.read_bytes() == expected.encode()


def test_a_number_in_another_notation_is_refused_and_its_own_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(COMMAS.encode())
    with pytest.raises(DecisionError, match=r"'12\.5' for 'a'.*such as '1234,5'"):
        decided(tmp_path, "t.csv", [change("a", "12.5")])
    assert file.read_bytes() == COMMAS.encode()
    decided(tmp_path, "t.csv", [change("a", "1234,5"), change("b", "12,5")])
    assert b"b;2;12,5\r\n" in file.read_bytes()


def test_the_label_that_was_decided_on_may_be_spelt_otherwise(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_bytes(COMMAS.encode())
    same = decided(tmp_path, "t.csv", [change("d", "9", given_label="7,00")], dry_run=True)
    assert (same["relabelled"], same["conflicts"]) == (1, [])
    other = decided(tmp_path, "t.csv", [change("d", "9", given_label="7,5")])
    assert [it["now"] for it in other["conflicts"]] == ["7,0"]
    assert file.read_bytes() == COMMAS.encode()


def test_only_values_beyond_all_others_are_asked_about(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(COMMAS.encode())
    decisions = [change("a", "99"), change("b", "5000"), change("d", "-1")]
    result = decided(tmp_path, "t.csv", decisions, dry_run=True)
    assert [(it["label"], it["nearest"]) for it in result["new_labels"]] == [
        ("-1", "7"),
        ("5000", "1234,5"),
    ]


def test_json_lines_keep_numbers_and_texts(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    file.write_text('{"id": "a", "target": 3}\n{"id": "b", "target": 4.5, "y": [1]}\n')
    decided(tmp_path, "t.jsonl", [change("a", "2.50"), change("b", "+7")])
    assert file.read_text() == ('{"id": "a", "target": 2.50}\n{"id": "b", "target": 7, "y": [1]}\n')


@pytest.mark.parametrize(
    ("type_", "label", "stored"),
    [
        (pa.int64(), "206.0", 206.0),
        (pa.float64(), "206.5", 206.5),
        (pa.float32(), "206.1", pytest.approx(206.1)),
        (pa.decimal128(6, 2), "206.5", 206.5),
        (pa.string(), "206.5", 206.5),
    ],
    ids=str,
)
def test_parquet_keeps_its_type(tmp_path: Path, type_: Any, label: str, stored: Any) -> None:
    file = tmp_path / "t.parquet"
    numbers = pa.array(["1", "2", "3"]).cast(type_)
    pq.write_table(pa.table({"id": ["a", "b", "c"], "target": numbers}), file)
    decided(tmp_path, "t.parquet", [change("b", label)])
    assert values(file) == [1.0, stored, 3.0]
    assert pq.read_schema(file).field("target").type == type_


def test_whole_numbers_have_no_place_for_a_half(tmp_path: Path) -> None:
    file = tmp_path / "t.parquet"
    pq.write_table(pa.table({"id": ["a", "b"], "target": [1, 2]}), file)
    before = file.read_bytes()
    with pytest.raises(DecisionError, match=r"'206.5' does not fit .* holds int64"):
        decided(tmp_path, "t.parquet", [change("b", "206.5")])
    assert file.read_bytes() == before
