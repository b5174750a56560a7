"""No cell of a CSV file is a formula, and each can be had back."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cgaudit.dataset import read_skipped
from cgaudit.dataset.samples import write_skipped
from cgaudit.pages.history import history_csv
from cgaudit.review.decisions import read_decisions
from cgaudit.review.memory import WIDE, read_reviewed, reviewed_bytes
from cgaudit.wording.csvtext import guarded, unguarded, write_rows

#: What spreadsheets take for the beginning of a formula.
BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
FORMULAS = ["=cmd|' /C calc'!A0", "+1+cmd|'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", "－1+1", "'=1"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_text(formula: str) -> None:
    assert guarded(formula) == f"'{formula}"
    assert unguarded(guarded(formula)) == formula


@pytest.mark.parametrize("cell", ["", "cat", "'tis", "-1", "+1", "-.5e-3", "a=b", "1-2", "''"])
def test_what_is_none_stays(cell: str) -> None:
    assert guarded(cell) == cell
    assert unguarded(cell) == cell


@given(st.text(st.sampled_from("'=+-@\t\r\n＝1.eE a")) | st.text())
def test_every_cell_comes_back_and_none_is_a_formula(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell
    if guarded(cell).startswith(BEGINS):
        float(cell)


def cells(text: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]


def test_files_of_ours_read_back_what_was_written(tmp_path: Path) -> None:
    # A bare carriage return ends a row unless it is quoted.
    names = [*FORMULAS, "a\rb"]
    skipped = pd.DataFrame({"id": names, "reason": names[::-1]})
    write_skipped(skipped, tmp_path / "skipped.csv")
    assert read_skipped(tmp_path / "skipped.csv", "cgaudit score").to_dict() == skipped.to_dict()
    assert not any(c.startswith(BEGINS) for c in cells((tmp_path / "skipped.csv").read_text()))
    reviewed = pd.DataFrame(
        [(it, "hash", it, "keep", it, "2026-11-27", it) for it in sorted(names)], columns=WIDE
    )
    written = reviewed_bytes(reviewed)
    assert read_reviewed(written).to_dict() == reviewed.to_dict()
    assert not any(cell.startswith(BEGINS) for cell in cells(written.decode()))


def test_ids_of_an_export_can_be_decided_on(tmp_path: Path) -> None:
    fixes = tmp_path / "fixes.csv"
    with fixes.open("w", newline="") as file:
        rows = [[it, "relabel", it] for it in FORMULAS]
        write_rows(file, [["id", "action", "label"], *rows])
    decided = read_decisions(fixes)
    assert [(it.id, it.label) for it in decided] == [(it, it) for it in FORMULAS]


def test_a_subject_of_a_commit_is_no_formula() -> None:
    row = {"commit": "c", "date": "d", "tags": ["=a", "b"], "recomputed": False, "subject": "=1+1"}
    text = history_csv({"versions": [row], "notes": []})
    assert "'=1+1" in text
    assert "'=a b" in text
    assert not any(cell.startswith(BEGINS) for cell in cells(text))
