"""Tables keep every byte but the labels that change."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cgaudit.dataset import open_table
from cgaudit.errors import DecisionError
from cgaudit.review.rewrite import (
    Changes,
    delimited_edits,
    edited,
    edits_of,
    json_lines_edits,
    unified_diff,
)


def rewrite(data: bytes, labels: dict[int, str], dropped: set[int] = frozenset()) -> bytes:
    return edited(data, delimited_edits(data, ",", "label", Changes(labels, dropped)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"id,label\n1,cat\n2,dog\n", b"id,label\n1,fox\n2,dog\n"),
        (b"id,label\r\n1,cat\r\n2,dog", b"id,label\r\n1,fox\r\n2,dog"),
        (b"\xef\xbb\xbflabel,id\ncat,1\n", b"\xef\xbb\xbflabel,id\nfox,1\n"),
        (b'id,"label"\n"1","cat"\n', b'id,"label"\n"1","fox"\n'),
        (b'id,label,t\n1,cat,"a,\r\n""b"\n', b'id,label,t\n1,fox,"a,\r\n""b"\n'),
        (b"id,label\n\n1,\n\n", b"id,label\n\n1,fox\n\n"),
        (b"id,label\r1,cat\r2,dog\r", b"id,label\r1,fox\r2,dog\r"),
        (b"id,label,\n1,cat,\n", b"id,label,\n1,fox,\n"),
        ("id,label\n\u2028ü,cat\n".encode(), "id,label\n\u2028ü,fox\n".encode()),
    ],
)
def test_only_the_label_changes(before: bytes, after: bytes) -> None:
    assert rewrite(before, {0: "fox"}) == after


def test_labels_are_quoted_where_they_must_be() -> None:
    data = b"id,label\n1,cat\n2,cat\n3,cat\n"
    assert rewrite(data, {0: "a,b", 1: 'a"b', 2: "a\nb"}) == (
        b'id,label\n1,"a,b"\n2,"a""b"\n3,"a\nb"\n'
    )


def test_dropped_rows_go_whole() -> None:
    data = b'id,label\n1,cat\n"2\n",cat\n3,dog'
    assert rewrite(data, {}, {1}) == b"id,label\n1,cat\n3,dog"
    assert rewrite(data, {0: "fox"}, {2}) == b'id,label\n1,fox\n"2\n",cat\n'


def test_a_semicolon_table(tmp_path: Path) -> None:
    data = b"id;label\n1;cat\n2;a,b\n"
    changes = Changes({0: "x;y", 1: "fox"}, set())
    file = tmp_path / "l.csv"
    file.write_bytes(data)
    edits = edits_of(open_table(file), data, "label", changes)
    assert edited(data, edits) == b'id;label\n1;"x;y"\n2;fox\n'


# Without \r: csv.writer leaves one unquoted where lines end in \n, and reads it as a line end.
CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=6)
ROWS = st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=6)


@settings(deadline=None, max_examples=200)
@given(
    ROWS,
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.dictionaries(st.integers(0, 5), CELL.filter(bool), max_size=3),
    st.sets(st.integers(0, 5), max_size=2),
)
def test_agrees_with_reading_changing_and_writing(
    rows: list[tuple[str, str, str]],
    end: str,
    quoting: int,
    labels: dict[int, str],
    dropped: set[int],
) -> None:
    def written(table: list[tuple[str, ...]]) -> bytes:
        file = io.StringIO(newline="")
        csv.writer(file, lineterminator=end, quoting=quoting).writerows(table)
        return file.getvalue().encode()

    data = written([("id", "label", "text"), *rows])
    changed = [
        (cells[0], labels.get(row, cells[1]), cells[2])
        for row, cells in enumerate(rows)
        if row not in dropped
    ]
    out = rewrite(data, labels, dropped)
    read = list(csv.reader(io.StringIO(out.decode(), newline=""), strict=True))
    assert read == [["id", "label", "text"], *map(list, changed)]
    if not labels and not dropped:
        assert out == data


def test_json_lines_keep_their_spelling() -> None:
    lines = [
        '{"id": 1, "label": "cat", "x": {"label": "no"}}\n',
        "\n",
        '{ "label":3,"id":1e5 }\r\n',
        '{"label": true, "t": "\\u00e9"}\n',
        '{"label": "a", "label": "b"}\n',
        '{"label": null}',
    ]
    data = "".join(lines).encode()
    labels = {0: "dög", 1: "4", 2: "ü", 3: "c", 4: "5"}
    out = edited(data, json_lines_edits(data, "label", Changes(labels, set())))
    assert out.decode() == "".join(
        [
            '{"id": 1, "label": "dög", "x": {"label": "no"}}\n',
            "\n",
            '{ "label":4,"id":1e5 }\r\n',
            '{"label": "\\u00fc", "t": "\\u00e9"}\n',
            '{"label": "a", "label": "c"}\n',
            '{"label": "5"}',
        ]
    )
    dropped = edited(data, json_lines_edits(data, "label", Changes({}, {0, 4})))
    assert [json.loads(line) for line in dropped.split(b"\n") if line.strip()] == [
        json.loads(lines[i]) for i in (2, 3, 4)
    ]


def test_a_json_line_without_label_is_named() -> None:
    data = b'{"id": 1}\n'
    with pytest.raises(DecisionError, match="has no 'label'"):
        json_lines_edits(data, "label", Changes({0: "x"}, set()))


def test_unified_diff_is_what_git_applies(tmp_path: Path) -> None:
    data = b"id,label\r\n1,cat\r\n2,dog\r\n3,owl\r\n4,cat\r\n5,dog\r\n"
    edits = delimited_edits(data, ",", "label", Changes({1: "fox", 4: "fox"}, {0, 3}))
    file = tmp_path / "labels.csv"
    file.write_bytes(data)
    patch = unified_diff("labels.csv", data, edits).encode()
    subprocess.run(
        ["git", "apply", "--unidiff-zero", "--whitespace=nowarn"],
        cwd=tmp_path,
        input=patch,
        check=True,
    )
    assert file.read_bytes() == edited(data, edits)
    assert unified_diff("labels.csv", data, []) == ""


@pytest.mark.parametrize(
    ("labels", "label", "stored"),
    [
        ("1 2 null", "2", 2),
        ('1 2.5 ""', "7", 7),
        ("1 2 null", "dog", "dog"),
        ('"1" "2" null', "2", "2"),
        ('1 "2" null', "2", "2"),
        ("true false null", "true", True),
        ('["a"] ["b","c"] null', "c", ["c"]),
        ('["a"] ["b"] []', "c", ["c"]),
        ('["a"] ["b"] ["c"]', '["b", "a"]', ["b", "a"]),
        ("[1] [2] [3]", "1", [1]),
        ("[1] [2] [3]", "x", ["x"]),
        ("null null null", "1", "1"),
    ],
)
def test_a_json_label_takes_the_type_that_labels_have(
    labels: str, label: str, stored: object
) -> None:
    lines = [f'{{"id": {number}, "label": {text}}}\n' for number, text in enumerate(labels.split())]
    data = "".join(lines).encode()
    out = edited(data, json_lines_edits(data, "label", Changes({2: label}, set())))
    found = [json.loads(line)["label"] for line in out.splitlines()]
    assert found == [*(json.loads(text) for text in labels.split()[:2]), stored]
    assert type(found[2]) is type(stored)
