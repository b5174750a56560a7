"""The file of decisions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cgaudit.errors import DecisionError
from cgaudit.review.decisions import Decision, read_decisions

EXPECTED = [
    Decision("1", "relabel", "dog", "cat", "h-1"),
    Decision("2", "keep", None, None, None),
    Decision("00003", "drop", None, "NA", None),
]


def read(tmp_path: Path, content: str | bytes, name: str = "fixes.csv") -> list[Decision]:
    file = tmp_path / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_decisions(file)


@pytest.mark.parametrize("mark", [",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_tables(tmp_path: Path, mark: str, end: str, bom: bytes) -> None:
    rows = [
        ["id", "action", "label", "given_label", "content_hash", "note"],
        ["1", "relabel", "dog", "cat", "h-1", "sure"],
        [],
        ["2", " Keep ", "", "", "", ""],
        ["00003", "drop", "ignored", "NA", "", ""],
    ]
    text = "".join(mark.join(row) + end for row in rows)
    name = "fixes.tsv" if mark == "\t" else "fixes.csv"
    assert read(tmp_path, bom + text.encode(), name) == EXPECTED


@pytest.mark.parametrize("wrapped", [True, False])
def test_json(tmp_path: Path, wrapped: bool) -> None:
    rows = [
        {"id": 1, "action": "relabel", "label": "dog", "given_label": "cat", "content_hash": "h-1"},
        {"id": "2", "action": "keep", "label": None, "seconds": 1.5},
        {"id": "00003", "action": "drop", "given_label": "NA"},
    ]
    content = {"report": "x", "decisions": rows} if wrapped else rows
    assert read(tmp_path, json.dumps(content), "fixes.json") == EXPECTED


def test_labels_may_be_any_text(tmp_path: Path) -> None:
    rows = [{"id": 'a,b\n"c"', "action": "relabel", "label": "<b>, é"}]
    (decision,) = read(tmp_path, json.dumps(rows), "x")
    assert (decision.id, decision.label) == ('a,b\n"c"', "<b>, é")
    (decision,) = read(tmp_path, 'id,action,label\n"a,b",relabel,"d""e"\n')
    assert (decision.id, decision.label) == ("a,b", 'd"e')


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("id,action\n1,keep\n1,drop\n", "decides more than once on '1'"),
        ("id,action,label\n1,relabel,\n", r"line 2 \('1'\): relabel needs a label"),
        ("id,action\n1,relable\n", r"'relable'.*Did you mean 'relabel'"),
        ("id,action\n1,\n", "action is None"),
        ("id,action\n,keep\n", "line 2 has no id"),
        ("id,label\n1,cat\n", "has no 'action'"),
        ("id,action\n1,keep,x\n", "3 fields where the header has 2"),
        ('id,action\n1,"keep\n', "unexpected end of data"),
        ("id,action,given_labl\n1,keep,x\n", "Did you mean 'given_label'"),
        ("", "has no 'id'"),
        (b"id,action\n\xff,keep\n", "is not UTF-8"),
        ("[1]", "holds no list of decisions"),
        ('{"a": []}', "holds no list of decisions"),
        ("[{]", "is not JSON"),
        ('[{"id": "1"}]', "decision 1 has no 'action'"),
        ('[{"id": "", "action": "keep"}]', "decision 1 has no id"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(DecisionError, match=message):
        read(tmp_path, content)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DecisionError, match="No such file"):
        read_decisions(tmp_path / "none.csv")
