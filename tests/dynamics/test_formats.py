"""Logs as others write them, and as nobody should."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cgaudit.dynamics import Log, read_log
from cgaudit.errors import CgauditError

ROWS = [
    {"id": "00006", "epoch": 0, "p_given": 0.25, "predicted": "dog"},
    {"id": "b", "epoch": 0, "p_given": 0.6, "predicted": "dog"},
    {"id": "00006", "epoch": 2, "p_given": 0.45, "predicted": "cat"},
]
LABELS = {"00006": "cat", "b": "dog"}


def written(folder: Path, kind: str, rows: list[dict] = ROWS) -> Path:
    path = folder / f"log.{kind}"
    if kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif kind == "csv":
        pd.DataFrame(rows).to_csv(path, index=False)
    else:
        pd.DataFrame(rows).to_parquet(path)
    return path


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_our_own_log_in_each_kind_of_table(tmp_path: Path, kind: str) -> None:
    log = read_log(written(tmp_path, kind), LABELS)
    assert log.ids == ["00006", "b"]
    assert log.epochs == [0, 2]
    assert log.p_given[0].tolist() == pytest.approx([0.25, 0.45])
    assert log.agrees[0].tolist() == [0, 1]
    assert log.agrees[1, 0] == 1
    assert math.isnan(log.p_given[1, 1])


def test_losses_and_margins_do_as_well(tmp_path: Path) -> None:
    rows = [{"id": "a", "epoch": 1, "loss": math.log(4), "margin": 0.5}]
    log = read_log(written(tmp_path, "jsonl", rows), {})
    assert log.p_given[0, 0] == pytest.approx(0.25)
    assert log.agrees[0, 0] == 1


def test_dataset_cartography(tmp_path: Path) -> None:
    folder = tmp_path / "training_dynamics"
    folder.mkdir()
    for epoch, logits in enumerate([[0.0, 1.0, 0.0], [2.0, 1.0, 0.0]]):
        line = {"guid": 7, f"logits_epoch_{epoch}": logits, "gold": 0}
        (folder / f"dynamics_epoch_{epoch}.jsonl").write_text(json.dumps(line) + "\n")
    for path in (tmp_path, folder, folder / "dynamics_epoch_1.jsonl"):
        log = read_log(path, {})
        assert log.ids == ["7"]
        assert log.epochs == [0, 1]
        assert log.margin[0].tolist() == [-1.0, 1.0]
        assert log.agrees[0].tolist() == [0, 1]
        e = math.e
        assert log.p_given[0].tolist() == pytest.approx([1 / (2 + e), e**2 / (e**2 + e + 1)])


def test_aum(tmp_path: Path) -> None:
    path = tmp_path / "aum_values.csv"
    path.write_text("sample_id,aum\na,1.5\nb,-2.0\n")
    log: Log = read_log(path, {})
    assert log.aum is not None
    assert log.aum.tolist() == [1.5, -2.0]
    assert log.epochs == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,epoch\na,1\n", "p_given"),
        ("id,p_given\na,1\n", "epoch"),
        ("id,epoch,p_given\na,1,x\n", "row 1"),
        ("id,epoch,p_given\na,1,1.5\n", "no probability"),
        ("id,epoch,loss\na,1,-0.5\n", "no loss"),
        ("id,epoch,p_given\na,1.5,0.5\n", "whole number"),
        ("id,epoch,p_given\na,1,0.5\na,1,0.6\n", "an epoch twice"),
        ("name,value\na,1\n", "docs/dynamics.md"),
        ("sample_id,aum\na,1\na,2\n", "comes twice"),
    ],
)
def test_what_is_no_log_is_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "log.csv"
    path.write_text(text)
    with pytest.raises(CgauditError, match=says):
        read_log(path, {})


@pytest.mark.parametrize(
    "line", ["[1]", "{", '{"guid": 1}', '{"logits_epoch_0": [1, 2], "gold": 5}']
)
def test_damaged_cartography_names_the_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "dynamics_epoch_0.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(CgauditError, match="line 1"):
        read_log(path, {})


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(CgauditError, match="There is no"):
        read_log(tmp_path / "log.csv", {})
    with pytest.raises(CgauditError, match="dynamics_epoch_N"):
        read_log(tmp_path, {})


def test_probabilities_of_all_classes(tmp_path: Path) -> None:
    path = tmp_path / "p.npy"
    np.save(path, np.array([[0.7, 0.3], [0.8, 0.2], [0.5, 0.5]], np.float32))
    log = read_log(path, {"a": "cat", "b": "dog", "c": "dog"})
    assert log.ids == ["a", "b", "c"]
    assert log.p_given[:, 0].tolist() == pytest.approx([0.7, 0.2, 0.5])
    assert log.agrees[:, 0].tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (np.ones((2, 2)), "export --to cleanlab"),
        (np.ones((3, 2)), "sum to 1"),
        (np.array([[1.5, -0.5]] * 3), "sum to 1"),
        (np.ones((3, 2), int), "int64"),
    ],
)
def test_arrays_that_are_no_probabilities(tmp_path: Path, values: np.ndarray, says: str) -> None:
    path = tmp_path / "p.npy"
    np.save(path, values)
    with pytest.raises(CgauditError, match=says):
        read_log(path, {"a": "cat", "b": "dog", "c": "dog"})
