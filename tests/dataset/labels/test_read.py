"""Labels stay the text that they are, in a file of any kind."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cgaudit.dataset import Columns, read_labels
from cgaudit.errors import ColumnError, LabelsError, SourceError, TableError


def table(tmp_path, text, name="labels.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def rows(path, **columns):
    return [tuple(row) for row in read_labels(path, Columns(**columns)).rows]


def test_text_stays_what_it_is(tmp_path):
    path = table(
        tmp_path, 'id,label\n00006,NA\n1.0,1.0\n3,<b>x</b>\n4,"a,b"\n5,\n6,null\n7, x \n8,TRUE\n'
    )
    assert rows(path) == [
        ("00006", None, "NA"),
        ("1.0", None, "1.0"),
        ("3", None, "<b>x</b>"),
        ("4", None, "a,b"),
        ("5", None, None),
        ("6", None, "null"),
        ("7", None, " x "),
        ("8", None, "TRUE"),
    ]


def test_bom_crlf_and_line_ends_in_cells(tmp_path):
    path = table(tmp_path, b'\xef\xbb\xbfid,label\r\na,"two\nlines"\r\nb,"q""uote"\r\n\r\n')
    assert rows(path) == [("a", None, "two\nlines"), ("b", None, 'q"uote')]


def test_odd_separators_inside_a_cell_do_not_split_it(tmp_path):
    path = table(tmp_path, "id,label\na\x0bb\u2028c,x\x85y\n")
    assert rows(path) == [("a\x0bb\u2028c", None, "x\x85y")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("l.tsv", "id\tlabel\n1\tcat, dog\n"),
        ("l.csv", "id;label\n1;cat, dog\n"),
        ("l.csv", "id\tlabel\n1\tcat, dog\n"),
    ],
)
def test_delimiters(tmp_path, name, text):
    assert rows(table(tmp_path, text, name)) == [("1", None, "cat, dog")]


def test_json_lines(tmp_path):
    lines = (
        '{"id": 7, "label": 1.0}\n{"id": "00007", "label": null}\n\n{"label": true, "id": "x"}\n'
    )
    path = table(tmp_path, lines, "labels.jsonl")
    assert rows(path) == [("7", None, "1.0"), ("00007", None, None), ("x", None, "true")]


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([1, 2, None]), ["1", "2", None]),
        (pa.array([1.0, float("nan"), 2.0]), ["1", None, "2"]),
        (pa.array([1.5, 2.0, None]), ["1.5", "2.0", None]),
        (pa.array(["00006", "NA", ""]), ["00006", "NA", None]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        (pa.array([True, False, None]), ["true", "false", None]),
    ],
)
def test_parquet_types(tmp_path, array, expected):
    pq.write_table(pa.table({"id": ["x", "y", "z"], "label": array}), tmp_path / "l.parquet")
    assert [row.label for row in read_labels(tmp_path / "l.parquet").rows] == expected


def test_parquet_lists_are_no_labels(tmp_path):
    pq.write_table(pa.table({"id": ["x"], "label": [[1, 2]]}), tmp_path / "l.parquet")
    with pytest.raises(TableError, match="column 'label' cannot be read as text"):
        read_labels(tmp_path / "l.parquet", Columns(label="label"))
    with pytest.raises(ColumnError, match="looks like a label"):
        read_labels(tmp_path / "l.parquet")


@given(
    st.lists(
        st.tuples(st.text(st.characters(exclude_categories=["Cs"])), st.text(max_size=5)),
        min_size=1,
    ).filter(lambda pairs: all("\x00" not in a + b for a, b in pairs))
)
def test_any_text_survives_csv(tmp_path_factory, pairs):
    import csv

    path = tmp_path_factory.mktemp("csv") / "labels.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(["id", "label"])
        writer.writerows(pairs)
    assert rows(path) == [(a or None, None, b or None) for a, b in pairs]


@pytest.mark.parametrize(
    ("dtype", "values", "expected"),
    [
        ("U", ["cat", ""], ["cat", None]),
        ("S", [b"cat", b"dog"], ["cat", "dog"]),
        ("i8", [1, -2], ["1", "-2"]),
        ("f8", [1.0, np.nan], ["1", None]),
        ("f8", [0.5, 1.0], ["0.5", "1.0"]),
        ("?", [True, False], ["True", "False"]),
    ],
)
def test_array_labels(tmp_path, dtype, values, expected):
    np.save(tmp_path / "y.npy", np.array(values, dtype=dtype))
    assert [row.label for row in read_labels(tmp_path / "y.npy").rows] == expected


def test_guesses_are_reported(tmp_path):
    path = table(tmp_path, "Filename,Class,Target\na.png,cat,1\n")
    labels = read_labels(path)
    assert labels.notes == [
        "label column guessed: 'Class' ('Target' would do too)",
        "image column guessed: 'Filename'",
    ]
    assert [tuple(row) for row in labels.rows] == [(None, "a.png", "cat")]


def test_named_columns_need_no_guess(tmp_path):
    path = table(tmp_path, "a,b,c\n1,2,3\n")
    labels = read_labels(path, Columns(id="a", label="b", image="c"))
    assert labels.notes == []
    assert [tuple(row) for row in labels.rows] == [("1", "3", "2")]


@pytest.mark.parametrize("columns", [{}, {"label": "klass"}, {"label": "b", "id": "no"}])
def test_a_missing_column_lists_those_found(tmp_path, columns):
    with pytest.raises(ColumnError, match="Its columns are: 'a', 'b'"):
        rows(table(tmp_path, "a,b\n1,2\n"), **columns)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("l.csv", b"id,label\n1,a\n2,a,b\n", "line 3: 3 fields where the header has 2"),
        ("l.csv", b"id,label\n1,a\n2,\xff\n", "line 3: byte 0xff is not UTF-8"),
        ("l.csv", b'id,label\n1,"a\n', "line 2: unexpected end of data"),
        ("l.csv", b"", "is empty"),
        ("l.csv", b"\n\n", "is empty"),
        ("l.csv", b"id,label\n", "no rows"),
        ("l.csv", b"id,label,label\n1,a,b\n", "more than one column is called 'label'"),
        ("l.jsonl", b'{"id": 1}\n{oops\n', "line 2 is not JSON"),
        ("l.jsonl", b'\xef\xbb\xbf{"id": "\xff"}\n', "line 1: byte 0xff is not UTF-8"),
        ("l.jsonl", b"[1]\n", "line 1 begins a list"),
        ("l.parquet", b"PAR1 nonsense", "no readable Parquet"),
        ("l.xlsx", b"x", "no table of a known kind"),
        ("l.npy", b"x", "its .npy header cannot be read"),
    ],
)
def test_damaged_tables(tmp_path, name, text, message):
    with pytest.raises((LabelsError, SourceError, TableError), match=message):
        read_labels(table(tmp_path, text, name))


def test_a_missing_table(tmp_path):
    for name in ("none.csv", "none.npy"):
        with pytest.raises(LabelsError, match="does not exist"):
            read_labels(tmp_path / name)


def test_real_table(shared_data):
    labels = read_labels(shared_data / "cifar10n-3k" / "labels.csv")
    truth = pd.read_csv(shared_data / "cifar10n-3k" / "labels.csv", dtype=str)
    assert [row.id for row in labels.rows] == truth["id"].tolist()
    assert json.dumps(labels.rows[0]) == '["00009", "images/00009.jpg", "cat"]'


def test_half_a_surrogate_pair_never_gets_through(tmp_path):
    path = table(tmp_path, '{"id": "\\ud800x", "label": "\\ud83d\\ude00"}\n', "l.jsonl")
    assert rows(path) == [("\ufffdx", None, "😀")]
    np.save(tmp_path / "y.npy", np.array(["\udfffa", "b"]))
    assert rows(tmp_path / "y.npy") == [(None, None, "\ufffda"), (None, None, "b")]
    array = pa.Array.from_buffers(pa.string(), 1, [None, *pa.array([b"\xff"]).buffers()[1:]])
    pq.write_table(pa.table({"id": ["x"], "label": array}), tmp_path / "l.parquet")
    with pytest.raises(TableError, match="'label' cannot be read"):
        rows(tmp_path / "l.parquet")


def test_a_list_of_one_label_is_that_label(tmp_path):
    lists = [["cat"], [], [7], None, [None], [True], "dog"]
    lines = "".join(json.dumps({"id": n, "label": it}) + "\n" for n, it in enumerate(lists))
    found = read_labels(table(tmp_path, lines, "l.jsonl"), Columns(label="label"))
    assert [row.label for row in found.rows] == ["cat", None, "7", None, None, "true", "dog"]
    assert not any("several" in note for note in found.notes)


def test_the_order_of_several_labels_says_nothing(tmp_path):
    lists = [["b", "a"], ["a", "b"], ["a"], ["a", "a"]]
    lines = "".join(json.dumps({"id": n, "label": it}) + "\n" for n, it in enumerate(lists))
    # Guessed by its name, though it holds lists; a vector of that name is none.
    found = read_labels(table(tmp_path, lines, "l.jsonl"))
    assert [row.label for row in found.rows] == ['["a", "b"]', '["a", "b"]', "a", "a"]
    (note,) = (note for note in found.notes if "several" in note)
    assert "2 rows" in note
    with pytest.raises(ColumnError):
        read_labels(table(tmp_path, '{"label": [1.5, 2.5]}\n', "v.jsonl"))
