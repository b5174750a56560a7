"""The columns of a file in which a row is unlike its class, as plain data."""

from __future__ import annotations

import json

import pandas as pd
from report_inputs import overview_of

from cgaudit.dataset import open_source
from cgaudit.evidence.columns import ColumnTeller
from cgaudit.pages.frame.asked import Question, TellingColumn, TellingColumns
from cgaudit.params import SourceParams


def teller_of(tmp_path, rows):
    path = tmp_path / "t.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    source = open_source(SourceParams(path=str(path), label_column="label"), kind="table")
    samples, _ = source.samples()
    given = samples["folder_label"].where(samples["folder_label"].notna(), None)
    table = pd.DataFrame({"id": samples["path"], "path": samples["path"], "given_label": given})
    return ColumnTeller(overview_of(table), source)


def flowers():
    lengths = [1.0, 2.0, 30.123456, 40.0, 41.0, 42.0]
    colours = ["red", "red", "blue", "blue", "blue", None]
    return [
        {"length": length, "colour": colour, "same": 7, "label": label}
        for length, colour, label in zip(lengths, colours, "aaabbb", strict=True)
    ]


def test_a_known_answer(tmp_path):
    (told,) = teller_of(tmp_path, flowers())([Question("2", "a", "b")])
    # The length's distances are 28.12 and 10.88 of an IQR of 31.74; blue has 1/3 and 2/3.
    assert told == TellingColumns(
        ["a", "b"],
        [
            TellingColumn("length", "30.12", ["2", "41"]),
            TellingColumn("colour", "blue", ["red", "blue"]),
        ],
    )


def test_without_a_rival_rows_are_compared_with_all(tmp_path):
    teller = teller_of(tmp_path, flowers())
    (told,) = teller([Question("5", "b", None)])
    assert told.classes == []
    assert told.columns[0] == TellingColumn("colour", None, ["blue"])
    assert told.columns[1] == TellingColumn("length", "42", ["35.06"])
    assert teller.cells("5", ["length", "same", "colour"]) == ["42", "7", None]
    assert teller([]) == []


def test_one_class_and_rows_that_are_no_samples(tmp_path):
    rows = [{"x": i * i, "y": 1, "label": "a"} for i in range(5)]
    rows += [{"x": None, "y": None, "label": "a"}, {"x": 5, "y": 1, "label": None}]
    (told,) = teller_of(tmp_path, rows)([Question("4", "a", None)])
    assert told == TellingColumns([], [TellingColumn("x", "16", ["4.5"])])
