"""Tables and arrays that are damaged, or hold text, vectors or ids where others are looked for."""

from __future__ import annotations

import io
import json
import subprocess

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cgaudit.dataset import join_labels, open_source
from cgaudit.dataset.tables import load_arrays, open_table
from cgaudit.errors import CgauditError, FeatureError, SourceError, TableError
from cgaudit.params import SourceParams
from cgaudit.review.decisions import read_decisions

N = 12
LABELS = ["cat", "dog"] * (N // 2)
VECTORS = np.random.default_rng(0).normal(size=(N, 4)).round(3)


def opened(path, **params):
    return open_source(SourceParams(path=str(path), **params))


def loaded(source):
    paths = [str(row) for row in range(N)]
    return np.array([loader.load() for loader in source.loaders(paths)])


@pytest.mark.parametrize(
    "write",
    [
        lambda row: str(row.tolist()),
        lambda row: str(row),
        lambda row: f"({', '.join(map(str, row))})",
        lambda row: str(row.reshape(2, 2).tolist()),
        lambda row: " ".join(map(str, row)),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_vectors_that_are_written_as_text_are_vectors(tmp_path, kind, write):
    frame = pd.DataFrame({"v": [write(row) for row in VECTORS], "label": LABELS})
    path = tmp_path / f"t.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False)
    elif kind == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_json(path, orient="records", lines=True)
    source = opened(path)
    assert source.kind == "features"
    np.testing.assert_allclose(loaded(source), VECTORS)
    assert "embedding column guessed: 'v', the only column of lists of numbers" in source.notes


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_lists_of_lists_are_vectors_one_row_after_the_other(tmp_path, kind):
    path = tmp_path / f"t.{kind}"
    tensors = [row.reshape(2, 2).tolist() for row in VECTORS]
    if kind == "parquet":
        pq.write_table(pa.table({"v": tensors, "label": LABELS}), path)
    else:
        rows = [{"v": v, "label": y} for v, y in zip(tensors, LABELS, strict=True)]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    np.testing.assert_array_equal(loaded(opened(path)), VECTORS)


def test_a_vector_that_numpy_shortened_is_no_vector(tmp_path):
    path = tmp_path / "t.csv"
    pd.DataFrame({"v": ["[0.1 ... 0.9]"] * N, "label": LABELS}).to_csv(path, index=False)
    assert open_table(path).holds("v") == "text"


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ({"feature_columns": ["v"]}, "holds lists of numbers.*--embedding-column"),
        ({"text_column": "v"}, "holds no text, but lists of numbers. Name it with --embedding"),
    ],
)
def test_vectors_named_as_something_else_are_refused_with_the_remedy(tmp_path, option, said):
    pq.write_table(pa.table({"v": VECTORS.tolist(), "label": LABELS}), tmp_path / "t.parquet")
    with pytest.raises(FeatureError, match=said):
        opened(tmp_path / "t.parquet", **option)
    assert opened(tmp_path / "t.parquet", embedding_column="v").kind == "features"


def test_text_and_labels_as_bytes_are_read_as_text(tmp_path):
    texts = [f"Is this sentence number {row} of a few?" for row in range(N)]
    table = pa.table(
        {"text": [text.encode() for text in texts], "label": [name.encode() for name in LABELS]}
    )
    pq.write_table(table, tmp_path / "t.parquet")
    source = opened(tmp_path / "t.parquet")
    assert source.kind == "text"
    assert [loader.load() for loader in source.loaders(list(map(str, range(N))))] == texts
    assert source.samples()[0]["folder_label"].tolist().count("cat") == N // 2


def test_ids_as_bytes_that_are_no_text_are_said_not_to_be_used(tmp_path):
    ids = pa.array([bytes([row]) * 16 for row in range(N)], pa.binary(16))
    texts = [f"Is this sentence number {row} of a few?" for row in range(N)]
    pq.write_table(pa.table({"id": ids, "text": texts, "label": LABELS}), tmp_path / "t.parquet")
    source = opened(tmp_path / "t.parquet")
    assert source.kind == "text"
    said = "column 'id' is called like an id, but holds neither text nor numbers: not used"
    assert said in source.notes


def test_a_page_of_parquet_that_does_not_decompress_is_named(tmp_path):
    path = tmp_path / "t.parquet"
    texts = [f"{row} " * 50 for row in range(500)]
    pq.write_table(pa.table({"text": texts}), path, compression="snappy", use_dictionary=False)
    data = bytearray(path.read_bytes())
    data[200:400] = b"\xff" * 200
    path.write_bytes(data)
    table = open_table(path)
    with pytest.raises(TableError, match=r"is damaged: 'text' cannot be read"):
        list(table.rows(["text"]))


def test_lists_of_a_fixed_size_that_do_not_fit_are_named(tmp_path):
    column = pa.FixedSizeListArray.from_arrays(pa.array(VECTORS.ravel()), 4)
    pq.write_table(pa.table({"v": column, "label": LABELS}), tmp_path / "t.parquet")
    np.testing.assert_array_equal(loaded(opened(tmp_path / "t.parquet")), VECTORS)
    holey = pa.array([[1.0] * 4, None], pa.list_(pa.float64(), 4))
    pq.write_table(pa.table({"v": holey, "label": ["a", "b"]}), tmp_path / "u.parquet")
    with pytest.raises(CgauditError, match=r"row 1|damaged"):
        opened(tmp_path / "u.parquet")


def header(text):
    data = text.encode()
    return b"\x93NUMPY\x01\x00" + len(data).to_bytes(2, "little") + data


@pytest.mark.parametrize(
    "data",
    [
        header("{'descr': '<f4', \\"),
        header("(" * 3000),
        header("'''"),
        header("{'descr': '<f4', 'fortran_order': False, 'shape': (64000000000000, 8), }\n"),
        header("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }\n") + b"x" * 16,
        b"\x93NUMPY",
        b"",
        b"PK\x03\x04nothing",
    ],
)
def test_an_array_whose_header_cannot_be_read_is_named(tmp_path, data):
    (tmp_path / "x.npy").write_bytes(data)
    with pytest.raises(SourceError, match=r"x\.npy cannot be read: .*numpy\.save"):
        load_arrays(tmp_path / "x.npy")


def test_json_that_is_nested_too_deeply_is_named(tmp_path):
    (tmp_path / "t.jsonl").write_text('{"label": "a", "x": ' + "[" * 100_000 + "]" * 100_000 + "}")
    with pytest.raises(TableError, match="line 1 is JSON that is nested too deeply"):
        open_table(tmp_path / "t.jsonl")


def test_a_list_of_objects_is_rewritten_by_what_the_message_says(tmp_path):
    path = tmp_path / "t.jsonl"
    rows = [{"id": f"00{row}", "label": "ab"[row % 2]} for row in range(4)]
    path.write_text(json.dumps(rows, indent=1))
    with pytest.raises(TableError, match="begins a list") as raised:
        open_table(path)
    command = str(raised.value).split("`")[1].replace("FILE", repr(str(path)))
    # The remedy as it is printed.
    exec(f"import pandas; {command}")
    assert [dict(zip(("id", "label"), row, strict=True)) for row in
            open_table(path).rows(["id", "label"])] == rows  # fmt: skip


def test_a_line_for_a_spreadsheet_is_named_and_deleting_it_helps(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("sep=;\nid;text;label\n1;x;a\n")
    with pytest.raises(TableError, match=r"'sep=;'.* Delete that line"):
        open_table(path)
    path.write_text("\n".join(path.read_text().splitlines()[1:]))
    assert open_table(path).columns == ["id", "text", "label"]


@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_decisions_that_a_spreadsheet_saved_are_read(tmp_path, delimiter):
    rows = [("id", "action", "label"), ("0003", "relabel", "dog")]
    (tmp_path / "fixes.csv").write_text("\n".join(map(delimiter.join, rows)) + "\n")
    (decision,) = read_decisions(tmp_path / "fixes.csv")
    assert (decision.id, decision.action, decision.label) == ("0003", "relabel", "dog")


def test_a_fifo_is_no_data_and_is_not_waited_for(tmp_path):
    subprocess.run(["mkfifo", str(tmp_path / "t.csv")], check=True)
    with pytest.raises(SourceError, match="neither a folder nor a regular file"):
        opened(tmp_path / "t.csv")


def test_a_label_of_a_hundred_thousand_characters_is_skipped_and_counted(tmp_path):
    rows = [f"{row},{name}" for row, name in enumerate(LABELS)]
    rows[3] = f"3,{'x' * 100_000}"
    file = io.StringIO("\n".join(["id,label", *rows]))
    path = tmp_path / "t.csv"
    pd.read_csv(file, dtype=str).assign(w=range(N)).to_csv(path, index=False)
    samples, _ = opened(path, feature_columns=["w"]).samples()
    joined = join_labels(samples)
    assert len(joined.table) == N - 1
    assert joined.skipped["id"].tolist() == ["3"]
    assert "its label has 100,000 characters, which is no label" in joined.skipped["reason"][0]


def test_a_column_that_lost_rows_is_damage(tmp_path):
    path = tmp_path / "t.parquet"
    frame = pd.DataFrame({"id": ["a", "b", "c", "d"], "label": ["x", "y", "x", "y"]})
    options = {"compression": "none", "use_dictionary": False, "row_group_size": 2}
    frame.to_parquet(path, index=False, **options)
    data = bytearray(path.read_bytes())
    # The kind of the first page is one that Arrow passes over.
    data[5] = 1
    path.write_bytes(data)
    assert pq.read_table(path, columns=["id"]).num_rows == 2
    with pytest.raises(TableError, match=r"is damaged: 'id' cannot be read \(of 2 rows 0 are"):
        open_table(path).texts("id")
    assert open_table(path).texts("label") == [["x", "y", "x", "y"]]
